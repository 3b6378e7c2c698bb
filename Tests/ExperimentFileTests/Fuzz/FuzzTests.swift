import Foundation
import Testing

@Suite("Damaged texts")
struct FuzzTests {
    /// Texts of each parser that are known to be interesting.
    private static func corpus(of properties: ParserProperties) throws -> [String] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Corpus")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
        let texts = try names.filter { $0.hasPrefix(properties.rawValue) }.map {
            try String(contentsOf: folder.appending(path: $0), encoding: .utf8)
        }
        // Expressions stand one on a line.
        return properties == .expression ? texts.flatMap { $0.split(separator: "\n").map(String.init) } : texts
    }

    @Test("the corpus itself keeps the properties", arguments: ParserProperties.allCases)
    func corpus(properties: ParserProperties) throws {
        let corpus = try Self.corpus(of: properties)
        #expect(!corpus.isEmpty)
        for text in corpus { #expect(properties.violation(text) == nil, "\(text)") }
    }

    /// `scripts/fuzz` runs this test for longer, with other seeds.
    @Test(
        "no damage crashes a parser, misplaces an error or changes an accepted space",
        arguments: ParserProperties.allCases
    )
    func damage(properties: ParserProperties) throws {
        let plan = FuzzPlan(environment: ProcessInfo.processInfo.environment)
        let corpus = try Self.corpus(of: properties)
        var seed = plan.seed
        for _ in 0..<plan.cases {
            if let end = plan.end, ContinuousClock.now >= end { break }
            var mutator = TextMutator(seed: seed)
            let text = mutator.next(from: corpus)
            try plan.note(text, properties, seed: seed)
            if let violation = properties.violation(text) {
                Issue.record("\(properties.rawValue), seed \(seed): \(violation)\nfor the text:\n\(text)")
                return
            }
            seed &+= 1
        }
        print("fuzz: \(properties.rawValue): seeds \(plan.seed)..<\(seed)")
    }
}

/// How long to go on, and from which seed.
struct FuzzPlan {
    /// Cases of each parser in an ordinary run of the tests.
    static let defaultCases = 250

    var seed: UInt64
    var cases: Int
    var end: ContinuousClock.Instant?
    /// Where each text is kept before it is tried, so that one that crashes can be found.
    var folder: String?

    init(environment: [String: String]) {
        seed = environment["HYPER_FUZZ_SEED"].flatMap(UInt64.init) ?? 1
        let seconds = environment["HYPER_FUZZ_SECONDS"].flatMap(Double.init)
        end = seconds.map { ContinuousClock.now + .seconds($0) }
        cases = environment["HYPER_FUZZ_CASES"].flatMap(Int.init) ?? (seconds == nil ? Self.defaultCases : .max)
        folder = environment["HYPER_FUZZ_FOLDER"]
    }

    func note(_ text: String, _ properties: ParserProperties, seed: UInt64) throws {
        guard let folder else { return }
        try Data(text.utf8).write(to: URL(filePath: folder).appending(path: "\(properties.rawValue).last"))
        try Data("\(seed)\n".utf8).write(to: URL(filePath: folder).appending(path: "\(properties.rawValue).seed"))
    }
}
