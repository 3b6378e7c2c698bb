import Foundation
import Testing

@testable import Workspaces

/// A directory with files of a test; removed with this value.
struct Scratch {
    private let place: TemporaryDirectory
    var path: String { place.path }

    init(_ files: [String: String] = [:]) throws {
        place = try TemporaryDirectory(
            in: (NSTemporaryDirectory() as NSString).standardizingPath,
            prefix: "hyper-test-"
        )
        for (name, text) in files { try write(name, text) }
    }

    func write(_ name: String, _ text: String) throws {
        let file = "\(path)/\(name)"
        let directory = (file as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    }

    func text(_ name: String) throws -> String { try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }

    func make(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
        return "\(path)/\(name)"
    }

    /// Everything below, sorted; directories end in `/`, links tell their target.
    func listing(_ name: String = "") throws -> [String] {
        let root = name.isEmpty ? path : "\(path)/\(name)"
        return try FileManager.default.subpathsOfDirectory(atPath: root).sorted().map { item in
            let full = "\(root)/\(item)"
            if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: full) {
                return "\(item) -> \(target)"
            }
            var isDirectory: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: full, isDirectory: &isDirectory)
            return isDirectory.boolValue ? item + "/" : item
        }
    }

    /// Runs Python with this directory as its own.
    func python(_ script: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script]
        process.currentDirectoryURL = URL(fileURLWithPath: path)
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}
