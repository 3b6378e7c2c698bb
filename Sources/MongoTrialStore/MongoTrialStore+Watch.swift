import BSON
public import Coordination
import ExperimentModel
import Logging
import MongoClient

extension MongoTrialStore {
    /// Events that may wait for a slow consumer; when more come, it is told to read everything again.
    private static let largestEventBacklog = 4096
    /// First and longest wait before a broken change stream is opened again.
    private static let reopenDelays: ClosedRange<Duration> = .milliseconds(100) ... .seconds(5)

    /// Least time between two questions of a busy change stream: changes that come meanwhile come together.
    private static let streamPace: Duration = .milliseconds(10)
    /// Experiments whose trials a stream tells apart without a look at the database.
    private static let largestNameCount = 1024

    /// See `TrialStore`.
    public func watch(_ scope: WatchScope) -> AsyncStream<StoreEvent> {
        let (events, continuation) = AsyncStream.makeStream(
            of: StoreEvent.self,
            bufferingPolicy: .bufferingNewest(Self.largestEventBacklog)
        )
        // Ended by the consumer: `onTermination` cancels it.
        let task = Task { await self.feed(continuation, scope) }
        continuation.onTermination = { _ in task.cancel() }
        return events
    }

    private func feed(_ continuation: AsyncStream<StoreEvent>.Continuation, _ scope: WatchScope) async {
        var delay = Self.reopenDelays.lowerBound
        var names: [TrialOwnership: ExperimentID] = [:]
        while !Task.isCancelled {
            do throws(MongoError) {
                let changes = connection.watch(
                    database: database,
                    pipeline: Self.pipeline(scope),
                    fullDocument: scope == .everything ? .updateLookup : .none,
                    pace: Self.streamPace
                )
                for try await change in changes {
                    delay = Self.reopenDelays.lowerBound
                    guard let event = await storeEvent(change, scope, &names) else { continue }
                    if case .dropped = continuation.yield(event) { continuation.yield(.resync) }
                }
                // Without an error the stream ends only when cancelled or when the connection is closed.
                break
            } catch {
                if error.kind == .changeStreamsUnsupported { return await poll(continuation) }
                if Task.isCancelled { return }
                logger.debug("change stream ended, opening again: \(error)")
            }
            // Cancelling ends the sleep, and the condition ends the loop.
            try? await Task.sleep(for: delay)
            delay = min(delay * 2, Self.reopenDelays.upperBound)
        }
        continuation.finish()
    }

    /// The fallback for a standalone server: it cannot tell what changed, so consumers look by themselves.
    private func poll(_ continuation: AsyncStream<StoreEvent>.Continuation) async {
        while !Task.isCancelled {
            continuation.yield(.resync)
            // Cancelling ends the sleep, and the condition ends the loop.
            try? await Task.sleep(for: pollInterval)
        }
        continuation.finish()
    }

    private static let leaveField = "leave_asked_at"
    private static let orderPath = "updateDescription.updatedFields.order"
    /// Until when a trial that went back to the queue has to wait, and when it did.
    private static let delayPaths = (
        until: "updateDescription.updatedFields.not_before", from: "updateDescription.updatedFields.refresh_time"
    )

    private static func pipeline(_ scope: WatchScope) -> [BSONDocument] {
        func updated(_ field: String) -> BSONValue { ["updateDescription.updatedFields.\(field)": ["$exists": true]] }
        let isInsert: BSONValue = ["operationType": "insert"]
        switch scope {
        case .everything, .lead:
            // Renewals leave `version` alone and are of no interest.
            let trials: BSONValue = scope == .lead ? [updated("version")] : [isInsert, updated("version")]
            let changes: BSONValue = [
                ["ns.coll": .string(Schema.jobs), "$or": trials],
                [
                    "ns.coll": .string(Schema.experiments),
                    // Renewals change a part of `lead` only; a new leader's epoch tells the one before that it is over.
                    "$or": [
                        isInsert, updated("state"), updated("ending"), updated("lead"), updated("epoch"),
                        updated("revision"),
                    ],
                ],
                [
                    "ns.coll": .string(Schema.workers),
                    "$or": [
                        isInsert, updated("slots"), updated("draining"), updated(Self.leaveField),
                        ["operationType": "delete"],
                    ],
                ],
            ]
            guard scope == .lead, case .array(let parts) = changes else { return [["$match": ["$or": changes]]] }
            let reports: BSONValue = [
                "ns.coll": .string(Schema.observations), "operationType": "insert",
                "fullDocument.interval": ["$exists": true],
            ]
            return [["$match": ["$or": .array(parts + [reports])]]]
        case .work:
            let changes: BSONValue = [
                [
                    "ns.coll": .string(Schema.jobs),
                    "$or": [
                        isInsert, ["updateDescription.updatedFields.state": 0],
                        ["\(orderPath)": ["$type": "string"]],
                    ],
                ],
                ["ns.coll": .string(Schema.experiments), "$or": [isInsert, updated("state"), updated("revision")]],
                ["ns.coll": .string(Schema.workers), "$or": [updated(Self.leaveField)]],
            ]
            return [
                ["$match": ["$or": changes]],
                [
                    "$project": [
                        "operationType": 1, "ns": 1, "documentKey": 1, "\(orderPath)": 1, "\(delayPaths.until)": 1,
                        "\(delayPaths.from)": 1,
                    ]
                ],
            ]
        }
    }

    private func storeEvent(
        _ element: ChangeStream.Element,
        _ scope: WatchScope,
        _ names: inout [TrialOwnership: ExperimentID]
    ) async -> StoreEvent? {
        guard case .event(let event) = element else { return .resync }
        switch event.collection {
        case Schema.jobs where scope == .lead: return await changeEvent(event, &names)
        case Schema.experiments:
            let id = event.document.value(at: "documentKey._id")?.asString
            return id.map { .experiment(ExperimentID($0)) }
        case Schema.workers where scope == .work:
            return event.document.value(at: "documentKey._id")?.asString.map { .leave(WorkerID($0)) }
        case Schema.workers: return .workers
        case Schema.observations: return reportEvent(event)
        case Schema.jobs where scope == .work:
            return event.document.value(at: Self.orderPath)?.asString == nil ? Self.work(event) : .orders
        case Schema.jobs:
            // Without a document the trial was deleted meanwhile.
            guard let document = event.fullDocument else { return nil }
            do {
                return .trial(try TrialDocument.read(document))
            } catch {
                logger.error("\(error)")
                return nil
            }
        default: return nil
        }
    }

    /// A report, from the document that comes with its insert.
    private func reportEvent(_ event: ChangeStream.Event) -> StoreEvent? {
        guard let document = event.fullDocument, let experiment = document["experiment"]?.asString else { return nil }
        do {
            return try ObservationDocument.report(document).map { .report(ExperimentID(experiment), $0) }
        } catch {
            logger.error("a report of experiment \(experiment) cannot be read: \(error)")
            return nil
        }
    }

    /// A trial that can be claimed, or will be: both times are the server's, so nobody's clock matters.
    private static func work(_ event: ChangeStream.Event) -> StoreEvent {
        guard let until = event.document.value(at: delayPaths.until)?.timestamp,
            let from = event.document.value(at: delayPaths.from)?.timestamp, until > from
        else { return .work }
        return .delayed(until - from)
    }

    /// What an update says by itself: the server need not look the document up.
    private func changeEvent(
        _ event: ChangeStream.Event,
        _ names: inout [TrialOwnership: ExperimentID]
    ) async -> StoreEvent? {
        guard let identifier = event.document.value(at: "documentKey._id")?.asObjectID,
            let fields = event.document.value(at: "updateDescription.updatedFields")?.asDocument
        else { return nil }
        let ownership = TrialOwnership(identifier)
        if names[ownership] == nil {
            let name: String?
            do {
                name = try await connection.findOne(
                    ["_id": .objectID(identifier)],
                    options: FindOptions(projection: ["exp_key": 1]),
                    in: jobs
                )?["exp_key"]?.asString
            } catch {
                logger.debug("a changed trial cannot be looked up: \(error)")
                return .resync
            }
            // Without a document the trial was deleted meanwhile.
            guard let name else { return nil }
            if names.count >= Self.largestNameCount { names = [:] }
            names[ownership] = ExperimentID(name)
        }
        guard let experiment = names[ownership] else { return nil }
        let id = TrialID(experiment: experiment, number: Int(identifier.counter))
        return TrialChangeDocument.read(fields, of: id).map(StoreEvent.change)
    }
}
