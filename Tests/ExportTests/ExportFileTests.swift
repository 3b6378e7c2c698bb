import Foundation
import Testing

@testable import Export

@Suite("The file of an export")
struct ExportFileTests {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory
            .appending(path: "hyper-export-\(UInt64.random(in: .min ... .max))").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func names(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test("a file has its name only when it is complete, and one that was given up leaves nothing")
    func atomic() throws {
        try withDirectory { directory in
            let path = directory + "/out.csv"
            do {
                let abandoned = try ExportFile(path: path, isReplaced: false)
                try abandoned.write("half")
                #expect(!FileManager.default.fileExists(atPath: path))
            }
            #expect(try names(directory).isEmpty)
            let file = try ExportFile(path: path, isReplaced: false)
            let long = String(repeating: "0123456789", count: 20_000)
            try file.write(long)
            try file.finish()
            #expect(try text(path) == long)
            #expect(try names(directory) == ["out.csv"])
        }
    }

    @Test("a file that was shut to others is so after it was replaced")
    func mode() throws {
        try withDirectory { directory in
            let path = directory + "/out.csv"
            try Data("first".utf8).write(to: URL(filePath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            let forced = try ExportFile(path: path, isReplaced: true)
            try forced.finish()
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test("an existing file is replaced only on demand, also one that appears meanwhile")
    func existing() throws {
        try withDirectory { directory in
            let path = directory + "/out.csv"
            let late = try ExportFile(path: path, isReplaced: false)
            try late.write("late")
            try Data("first".utf8).write(to: URL(filePath: path))
            #expect(throws: ExportFile.Failure.self) { try late.finish() }
            #expect(throws: ExportFile.Failure.self) { try ExportFile(path: path, isReplaced: false) }
            #expect(try text(path) == "first")
            try FileManager.default.createSymbolicLink(atPath: directory + "/link", withDestinationPath: path)
            let forced = try ExportFile(path: directory + "/link", isReplaced: true)
            try forced.write("second")
            try forced.finish()
            #expect(try text(path) == "second")
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: directory + "/link") == path)
        }
    }

    @Test(
        "what is no regular file, or has no directory, is refused",
        arguments: ["/dev/null", "/", "/nonexistent/out.csv"]
    )
    func refused(path: String) {
        #expect(throws: ExportFile.Failure.self) { try ExportFile(path: path, isReplaced: true) }
    }
}
