import BSON
import Coordination
import ExperimentModel
import FoundationEssentials
import MongoClient
import Testing
import TuningTestKit

@testable import MongoTrialStore

@Suite("docs/schema.md", .timeLimit(.minutes(10)))
struct SchemaDocumentTests {
    private func text() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let data = try Data(contentsOf: root.appending(path: "docs/schema.md"))
        return String(decoding: data, as: UTF8.self)
    }

    @Test("names every field that is stored of an experiment and of a trial, every index, and the version")
    func fields() async throws {
        let text = try text()
        let server = try await ScratchMongod.replicaSet()
        let database = ScratchMongod.freshDatabase()
        try await server.withConnection { connection in
            let store = MongoTrialStore(connection: connection, database: database, logger: .silent)
            try await store.prepare()
            let limits = Limits(
                maxTrials: 3,
                maxConcurrentTrials: 3,
                maxDurationSeconds: 1,
                trialTimeoutSeconds: 1,
                maxFailedTrials: 1,
                goalValue: 1
            )
            let lead = try await TrialStoreConformance.running(store, trials: 2, limits: limits)
            for end in [TrialStoreConformance.failure, TrialStoreConformance.success] {
                let claimed = try await TrialStoreConformance.claim(store, lead.id)
                _ = try await store.finish(claimed, with: end, retries: RetryLimits())
            }
            var names: Set<String> = []
            for collection in ["experiments", "jobs", "events"] {
                let documents = try await connection.find(
                    [:],
                    in: Namespace(database: database, collection: collection)
                )
                for document in documents {
                    names.formUnion(document.elements.map(\.key))
                    for part in ["definition", "limits", "result", "misc", "attempts.0"] {
                        names.formUnion(document.value(at: part)?.asDocument?.elements.map(\.key) ?? [])
                    }
                }
            }
            #expect(names.count > 50)
            for name in names.sorted() { #expect(Self.isNamed(name, in: text), "\(name) is missing") }
        }
        let indexes = Schema.jobIndexes + Schema.observationIndexes + Schema.logIndexes + Schema.workerIndexes
        let files = Schema.fileIndexes + Schema.fileChunkIndexes
        for index in indexes + Schema.experimentIndexes + Schema.eventIndexes + files {
            #expect(text.contains("`\(index.name)`"))
        }
        #expect(text.contains("version: \(Schema.version)}"))
    }

    @Test(
        "names every state, cause and reason",
        arguments: [
            ExperimentState.allCases.map(\.rawValue), EndReason.allCases.map(\.rawValue),
            TrialCause.allCases.map(\.rawValue), ExperimentEvent.Kind.allCases.map(\.rawValue),
        ]
    )
    func words(words: [String]) throws {
        let text = try text()
        for word in words { #expect(text.contains("`\(word)`"), "\(word) is missing") }
    }

    /// Whether a name stands in code of its own or inside a shape such as `{status: "ok", loss}`.
    private static func isNamed(_ name: String, in text: String) -> Bool {
        let code = text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { !$0.offset.isMultiple(of: 2) }.map(\.element)
        return code.contains { $0.split { !($0.isLetter || $0.isNumber || $0 == "_") }.contains(Substring(name)) }
    }
}
