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

    @Test("every spelling in the tables of types is read without a word")
    func types() throws {
        let page = try Self.page()
        let start = try #require(page.range(of: "## Parameters\n")).upperBound
        let end = try #require(page.range(of: "### Expressions\n")).lowerBound
        let rows = page[start..<end].split(separator: "\n").filter { $0.hasPrefix("| `") }
        #expect(rows.count == 15)
        for row in rows {
            let cells = row.split(separator: "|")
            // Every other piece between backquotes is code.
            let codes = cells[1...2].flatMap { cell in
                cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                    .filter { $0.offset % 2 == 1 }.map { String($0.element) }
            }
            for code in codes where code.contains("(") || code.contains("{") {
                let text = Reading.frame + "search_space:\n  other: [1, 2]\n  x: \(code)\n"
                #expect(Reading.messages(text).isEmpty, "\(code)")
            }
        }
    }
}
