import BSON
import CRawLoop
import CommandLineSupport
import Dispatch
import ExperimentModel
import Logging
import MongoClient
import MongoTrialStore
import TuningTestKit

/// What a C program makes of the same writes around the same process: threads that insert, claim, spawn, wait and write the
/// result, one trial after the other.
///
/// The documents, filters, updates, indexes and write concern of ``RawCeiling``, straight through libmongoc.
struct RawLoop: Sendable {
    let uri: String
    let arguments: [String]
    let meter: ServerMeter
    let logger: Logger

    func measure(threads: Int, trials: Int) async throws -> Sample {
        let database = ScratchMongod.freshDatabase()
        let connection = try MongoConnection(uri: uri, logger: logger)
        do {
            try await MongoTrialStore(connection: connection, database: database, logger: logger).prepare()
            await connection.close()
        } catch {
            await connection.close()
            throw error
        }
        let plan = try Plan(uri: uri, database: database, threads: threads, trials: trials, arguments: arguments)
        let before = try await meter.read()
        let seconds = try await withCheckedThrowingContinuation { continuation in
            // It blocks until its own threads are done.
            DispatchQueue.global().async { continuation.resume(with: Result { try plan.run() }) }
        }
        return Sample(trials: trials, seconds: seconds, cost: try await meter.cost(since: before))
    }

    /// Everything that the C program is given, made before its clock starts.
    private struct Plan: Sendable {
        let uri: String
        let database: String
        let arguments: [String]
        let workers: [String]
        let documents: [BSONDocument]
        let claims: [BSONDocument]
        let result: BSONDocument
        let options: BSONDocument

        static let collection = "jobs"
        static let experiment = "raw"
        static let messageBytes = 512

        init(uri: String, database: String, threads: Int, trials: Int, arguments: [String]) throws {
            self.uri = uri
            self.database = database
            self.arguments = arguments
            workers = (0..<threads).map { "host:1:\($0)" }
            documents = (1...trials).compactMap { RawTrial(experiment: Self.experiment, number: $0)?.document }
            guard documents.count == trials else {
                throw ProgramFailure(.usage, "More trials than an experiment can have; use fewer --seconds.")
            }
            claims = workers.map { worker in
                [
                    "findAndModify": .string(Self.collection),
                    "query": .document(RawTrial.claimFilter(experiment: Self.experiment)),
                    "update": RawTrial.claim(worker: worker).bson, "new": true, "sort": ["tid": 1],
                ]
            }
            guard case .document(let update) = RawTrial.result else {
                throw ProgramFailure(.internalError, "The result is no update document.")
            }
            result = update
            options = ["writeConcern": ["w": "majority", "wtimeout": 10_000]]
        }

        /// Blocks until all trials are done. - Returns: seconds.
        func run() throws -> Double {
            // Copies that outlive the call, since C wants pointers to all of them at once.
            var blocks: [UnsafeMutableRawBufferPointer] = []
            defer { for block in blocks { block.deallocate() } }
            func copy(_ bytes: [UInt8]) -> UnsafeMutableRawBufferPointer {
                let block = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
                block.copyBytes(from: bytes)
                blocks.append(block)
                return block
            }
            func document(_ document: BSONDocument) -> raw_document {
                let block = copy(document.bytes)
                return raw_document(
                    bytes: UnsafePointer(block.baseAddress?.assumingMemoryBound(to: UInt8.self)),
                    length: block.count
                )
            }
            func text(_ text: String) -> UnsafeMutablePointer<CChar>? {
                copy(Array(text.utf8) + [0]).baseAddress?.assumingMemoryBound(to: CChar.self)
            }
            let argv = arguments.map(text) + [nil]
            let owners = workers.map { UnsafePointer(text($0)) }
            let trials = documents.map(document)
            let claims = claims.map(document)
            var plan = raw_loop_plan()
            plan.uri = UnsafePointer(text(uri))
            plan.database = UnsafePointer(text(database))
            plan.collection = UnsafePointer(text(Self.collection))
            plan.threads = Int32(workers.count)
            plan.trial_count = trials.count
            plan.running_state = Int32(TrialState.running.rawValue)
            plan.result = document(result)
            plan.options = document(options)
            return try trials.withUnsafeBufferPointer { trials in
                try claims.withUnsafeBufferPointer { claims in
                    try owners.withUnsafeBufferPointer { owners in
                        try argv.withUnsafeBufferPointer { argv in
                            plan.trials = trials.baseAddress
                            plan.claims = claims.baseAddress
                            plan.owners = owners.baseAddress
                            plan.arguments = argv.baseAddress
                            return try Self.run(plan)
                        }
                    }
                }
            }
        }

        private static func run(_ plan: raw_loop_plan) throws -> Double {
            var plan = plan
            var seconds = 0.0
            var message = [CChar](repeating: 0, count: messageBytes)
            guard raw_loop_run(&plan, &seconds, &message, message.count) == 0 else {
                let text = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
                throw ProgramFailure(.internalError, "The C loop failed: \(text)")
            }
            return seconds
        }
    }
}

extension MongoUpdate {
    /// As a command carries it.
    fileprivate var bson: BSONValue {
        switch self {
        case .document(let document): .document(document)
        case .pipeline(let stages): .array(stages.map(BSONValue.document))
        }
    }
}
