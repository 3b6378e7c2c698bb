import ExperimentFile
import Foundation
import Testing

@Suite("Documentation")
struct DocumentationTests {
    private static func page() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/file-format.md"), encoding: .utf8)
    }

    @Test("every whole file in the page on the format is read without a word")
    func files() throws {
        let blocks = try Self.page().split(separator: "```yaml\n").dropFirst().compactMap {
            $0.split(separator: "```").first
        }
        let examples = blocks.filter { $0.hasPrefix("name:") }.map(String.init)
        #expect(examples.count >= 5)
        for example in examples { #expect(Reading.messages(example).isEmpty, "\(example)") }
    }
}
