public import BSON

/// The changes of a database as they become durable, in order.
///
/// The first element is `opened`: from then on no change is missed. The sequence ends with a `MongoError` when it cannot go
/// on, and without one when its connection closes. It may be iterated once.
public struct ChangeStream: AsyncSequence, Sendable {
    /// Elements that wait for the consumer at most; one more ends the stream with `changeStreamOverflow`.
    public static let maximumBufferedElements = 8192

    /// One change, as the server describes it.
    public struct Event: Sendable, Equatable {
        /// The event document with `operationType`, `ns`, `documentKey`, `fullDocument` and more.
        public let document: BSONDocument
        /// Where to go on after this event (`resumeAfter`).
        public let resumeToken: BSONDocument?

        /// What happened, such as `insert`, `update`, `replace` or `delete`.
        public var operationType: String {
            document["operationType"]?.asString ?? ""
        }

        /// The collection that changed.
        public var collection: String? {
            document.value(at: "ns.coll")?.asString
        }

        /// The document after the change, where the server sends it.
        public var fullDocument: BSONDocument? {
            document["fullDocument"]?.asDocument
        }
    }

    /// What the stream yields.
    public enum Element: Sendable, Equatable {
        /// The server watches from now on.
        case opened
        /// Something changed.
        case event(Event)
    }

    /// Whether updates come with the document as it is now.
    public enum FullDocument: Sendable {
        /// Only what the event holds by itself.
        case none
        /// With a current copy of the updated document.
        case updateLookup
    }

    /// Errors that end the stream.
    public typealias Failure = MongoError

    let elements: AsyncThrowingStream<Element, any Error>
    let control: ChangeStreamControl

    /// Reads the stream; end of iteration, or cancelling the task, stops the watching thread.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: elements.makeAsyncIterator())
    }

    /// Reads a change stream.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var base: AsyncThrowingStream<Element, any Error>.AsyncIterator

        /// The next element, nil when the stream was stopped.
        public mutating func next() async throws(MongoError) -> Element? {
            try await next(isolation: #isolation)
        }

        /// The next element, nil when the stream was stopped.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(MongoError) -> Element? {
            do {
                return try await base.next(isolation: actor)
            } catch let error as MongoError {
                throw error
            } catch {
                throw MongoError(.cancelled, message: "\(error)")
            }
        }
    }
}
