import Coordination
import ExperimentModel
import Foundation

extension TrialStoreConformance {
    /// A directory that is removed after the body.
    private static func inScratch(_ body: (String) async throws -> Void) async throws {
        var template = Array("\((NSTemporaryDirectory() as NSString).standardizingPath)/hyper-files-XXXXXX".utf8CString)
        try expect(mkdtemp(&template) != nil, "no temporary directory")
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(directory)
    }

    /// Bytes that are different at every place of a file of several pieces.
    private static func content(_ count: Int, seed: UInt8 = 0) -> Data {
        Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) ^ seed })
    }

    static let fileChecks: [TrialStoreConformance] = [
        TrialStoreConformance("files come back as they were stored, whatever their size, and nothing else does") {
            store in
            try await inScratch { directory in
                for (index, count) in [0, 1, 255 << 10, (255 << 10) + 1, 5_000_001].enumerated() {
                    let bytes = content(count)
                    let (source, target) = ("\(directory)/source", "\(directory)/target\(index)")
                    try bytes.write(to: URL(fileURLWithPath: source))
                    let name = StoredFileName.workspace(hash: "\(index)")
                    try expect(try await !store.fetchFile(name, to: target), "a file was there before")
                    try expect(!FileManager.default.fileExists(atPath: target), "something was made of nothing")
                    try expect(try await store.storeFile(at: source, as: name, sha256: "ab\(index)"), "not stored")
                    try expect(try await store.fetchFile(name, to: target), "not there")
                    try expect(try Data(contentsOf: URL(fileURLWithPath: target)) == bytes, "\(count) bytes changed")
                }
                let files = try await store.storedFiles(in: .workspaces)
                try expectEqual(files.map(\.name.text), (0..<5).map { "workspaces/\($0).tar.zst" })
                try expectEqual(files.map(\.bytes), [0, 1, 255 << 10, (255 << 10) + 1, 5_000_001])
                try expectEqual(files.map(\.sha256), (0..<5).map { "ab\($0)" })
            }
        },
        TrialStoreConformance("a name that is stored again keeps its first content, also when many store it at once") {
            store in
            try await inScratch { directory in
                let name = StoredFileName.workspace(hash: "same")
                let count = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for index in 0..<4 {
                        let source = "\(directory)/\(index)"
                        try content(600_000, seed: UInt8(index)).write(to: URL(fileURLWithPath: source))
                        group.addTask { try await store.storeFile(at: source, as: name, sha256: nil) }
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                try expectEqual(count, 1)
                try expect(try await store.fetchFile(name, to: "\(directory)/got"), "not there")
                let got = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/got"))
                try expect((0..<4).contains { content(600_000, seed: UInt8($0)) == got }, "two contents were mixed")
                try expectEqual(try await store.storedFiles(in: .workspaces).count, 1)
                let later = try await store.now() + .seconds(60)
                try expectEqual(try await store.unfinishedFiles(before: later), StoredPieces())
            }
        },
        TrialStoreConformance("files are removed by name, only when they are old enough, and with their experiment") {
            store in
            try await inScratch { directory in
                let source = "\(directory)/source"
                try content(300_000).write(to: URL(fileURLWithPath: source))
                let ended = try await Self.ended(store)
                let trial = TrialID(experiment: ended.id, number: 1)
                let names: [StoredFileName] = [
                    .workspace(hash: "old"), .artifact(trial, attempt: 1, path: "model/weights"),
                    .artifact(trial, attempt: 2, path: "a"),
                ]
                for name in names { try await store.storeFile(at: source, as: name, sha256: nil) }
                try expectEqual(try await store.storedFiles(in: .attempt(trial, 1)).map(\.name), [names[1]])
                try expectEqual(try await store.storedFiles(in: .artifacts(ended.id)).count, 2)
                try expectEqual(try await store.records(of: ended.id).artifactBytes, 600_000)

                try await store.removeFiles([names[0]], storedBefore: Timestamp(milliseconds: 1000))
                try expectEqual(try await store.storedFiles(in: .workspaces).count, 1)
                try await store.removeFiles([names[0], names[0]], storedBefore: nil)
                try expectEqual(try await store.storedFiles(in: .workspaces).count, 0)

                try expect(try await store.markDeleted(ended), "it was not marked")
                try await store.purge(ended.id)
                try expectEqual(try await store.storedFiles(in: .artifacts(ended.id)).count, 0)
                try expectEqual(try await store.leftovers(), [])
            }
        },
        TrialStoreConformance("the workspaces that experiments name are known") { store in
            var definition = try definition()
            definition.workspace = WorkspaceSpecification(
                source: .path("/src"),
                content: .snapshot(hash: "abc", files: 1, bytes: 2)
            )
            _ = try await store.createExperiment(definition, id: ExperimentID("es0000001"))
            _ = try await store.createExperiment(try Self.definition(), id: ExperimentID("es0000002"))
            try expectEqual(try await store.referencedWorkspaces(), ["abc"])
        },
    ]
}
