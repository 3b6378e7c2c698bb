import Foundation
import Testing

/// Texts of the programs that are kept in files, so that a change of them is seen and meant.
///
/// `HYPER_UPDATE_SNAPSHOTS=1 swift test --filter 'HelpTests|ErrorMessageTests'` writes them anew.
enum Snapshot {
    /// Whether texts are written instead of compared.
    static let isUpdating = ProcessInfo.processInfo.environment["HYPER_UPDATE_SNAPSHOTS"] == "1"

    /// `Tests/IntegrationTests/Snapshots/FOLDER`
    static func folder(_ name: String) -> String {
        let support = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return support.deletingLastPathComponent().appendingPathComponent("Snapshots/\(name)").path
    }

    /// Compares a text with the file `FOLDER/NAME.txt`, or writes the file.
    static func expect(
        _ text: String,
        in folder: String,
        _ name: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let path = "\(Self.folder(folder))/\(name).txt"
        let expected = try? String(contentsOfFile: path, encoding: .utf8)
        if expected == text { return }
        if isUpdating {
            try FileManager.default.createDirectory(atPath: Self.folder(folder), withIntermediateDirectories: true)
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            return
        }
        let change = expected.map { difference(from: $0, to: text) } ?? "there is no such file; the text is\n\(text)"
        Issue.record(
            "\(folder)/\(name).txt: \(change)\nIf it is meant: HYPER_UPDATE_SNAPSHOTS=1 swift test --filter \(folder)",
            sourceLocation: sourceLocation
        )
    }

    /// Files of a folder that no text belongs to any more; they are removed when updating.
    static func expectNoOthers(in folder: String, than names: Set<String>) throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder(folder))
        for file in files where file.hasSuffix(".txt") && !names.contains(String(file.dropLast(4))) {
            if isUpdating {
                try FileManager.default.removeItem(atPath: "\(Self.folder(folder))/\(file)")
            } else {
                Issue.record("\(folder)/\(file) belongs to nothing any more; remove it")
            }
        }
    }

    private static func difference(from old: String, to new: String) -> String {
        let (oldLines, newLines) = (old.split(separator: "\n"), new.split(separator: "\n"))
        let changes = newLines.difference(from: oldLines)
        let removed = changes.removals.map { if case .remove(_, let line, _) = $0 { "- \(line)" } else { "" } }
        let added = changes.insertions.map { if case .insert(_, let line, _) = $0 { "+ \(line)" } else { "" } }
        return "differs\n" + (removed + added).joined(separator: "\n")
    }
}
