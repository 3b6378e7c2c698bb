public import BSON
import CMongoC

extension MongoConnection {
    /// How long the server may keep an idle watcher waiting, and so how long a stopped watcher lives on at most.
    static let changeStreamAwaitTime: Duration = .seconds(1)

    /// Watches a database, on a thread and with a client of its own.
    ///
    /// - Parameters:
    ///   - pipeline: stages such as `$match` over the event documents.
    ///   - pace: least time from one question to the server to the next. An event after a silence comes at once; of a crowd,
    ///     those that come within this time come together, which costs both sides much less.
    ///   - resumeAfter: the token of the last event that was seen; from now on when nil.
    public func watch(
        database: String,
        pipeline: [BSONDocument] = [],
        fullDocument: ChangeStream.FullDocument = .none,
        pace: Duration = .zero,
        resumeAfter: BSONDocument? = nil
    ) -> ChangeStream {
        watch(
            database: database,
            pipeline: pipeline,
            fullDocument: fullDocument,
            pace: pace,
            resumeAfter: resumeAfter,
            bufferLimit: ChangeStream.maximumBufferedElements
        )
    }

    /// The same with a buffer of any size.
    func watch(
        database: String,
        pipeline: [BSONDocument],
        fullDocument: ChangeStream.FullDocument,
        pace: Duration = .zero,
        resumeAfter: BSONDocument?,
        bufferLimit: Int
    ) -> ChangeStream {
        let (elements, continuation) = AsyncThrowingStream.makeStream(
            of: ChangeStream.Element.self,
            throwing: (any Error).self,
            bufferingPolicy: .bufferingOldest(bufferLimit)
        )
        let control = ChangeStreamControl()
        continuation.onTermination = { _ in control.stop() }
        guard changeStreams.add(control) else {
            continuation.finish(throwing: MongoError(.closed, message: "closed"))
            return ChangeStream(elements: elements, control: control)
        }
        var pairs: [(String, BSONValue)] = [
            ("maxAwaitTimeMS", .int64(Self.changeStreamAwaitTime.wholeMilliseconds))
        ]
        if fullDocument == .updateLookup { pairs.append(("fullDocument", "updateLookup")) }
        if let resumeAfter { pairs.append(("resumeAfter", .document(resumeAfter))) }
        let watcher = ChangeStreamWatcher(
            uri: uri,
            connectionOptions: options,
            database: database,
            pipeline: ["pipeline": .array(pipeline.map(BSONValue.document))],
            options: BSONDocument(recordingFailureOf: pairs),
            pace: pace,
            control: control
        )
        BlockingThread.start(named: "mongo-watch") { [changeStreams] in
            do throws(MongoError) {
                try watcher.run(continuation)
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
            changeStreams.remove(control)
            control.hasEnded()
        }
        return ChangeStream(elements: elements, control: control)
    }
}
