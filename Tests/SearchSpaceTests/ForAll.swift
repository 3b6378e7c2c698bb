import SearchSpace
import Testing
import TuningMath

/// A property that does not hold for some input.
struct PropertyFailure: Error, CustomStringConvertible {
    var description: String
}

/// Ends the check of one input unless `condition` holds.
func hold(_ condition: Bool, _ property: @autoclosure () -> String) throws {
    if !condition { throw PropertyFailure(description: property()) }
}

/// Checks a property of inputs drawn at random.
///
/// The first input for which `check` throws is printed with the seed that draws it again: give it as `seed`, with one case.
/// - Parameters:
///   - seed: that of the first case; the others count from there.
///   - make: draws an input.
///   - show: the input as text.
///   - check: throws when the property does not hold; what it draws comes after the input.
func forAll<Input>(
    seed: UInt64,
    cases: Int,
    make: (inout SeededGenerator) throws -> Input,
    show: (Input) -> String,
    sourceLocation: SourceLocation = #_sourceLocation,
    check: (Input, inout SeededGenerator) throws -> Void
) {
    for caseSeed in seed..<seed + UInt64(cases) {
        var generator = SeededGenerator(seed: caseSeed)
        let input: Input
        do {
            input = try make(&generator)
        } catch {
            Issue.record("seed \(caseSeed) draws no input: \(error)", sourceLocation: sourceLocation)
            return
        }
        do {
            try check(input, &generator)
        } catch {
            let comment = Comment(rawValue: "\(error)\ninput: \(show(input))\nreplay: seed \(caseSeed), 1 case")
            Issue.record(comment, sourceLocation: sourceLocation)
            return
        }
    }
}

/// ``forAll(seed:cases:make:show:sourceLocation:check:)`` of search spaces.
func forAllSpaces(
    seed: UInt64 = 1,
    cases: Int,
    areFinite: Bool = false,
    sourceLocation: SourceLocation = #_sourceLocation,
    check: (SearchSpace, inout SeededGenerator) throws -> Void
) {
    forAll(
        seed: seed,
        cases: cases,
        make: { generator in
            var spaces = RandomSpaces(generator: generator, isFinite: areFinite)
            defer { generator = spaces.generator }
            return try spaces.next()
        },
        show: { $0.normalised.json },
        sourceLocation: sourceLocation,
        check: check
    )
}

@Suite("Checks of properties")
struct ForAllTests {
    @Test("a failure shows its input and the seed that draws it again")
    func failure() {
        withKnownIssue {
            forAll(seed: 40, cases: 10, make: { $0.wholeNumber(below: 4) }, show: { "number \($0)" }) { number, _ in
                try hold(number != 3, "it is three")
            }
        } matching: { issue in
            // Seed 44 is the first of them to draw a three.
            issue.comments.first?.rawValue == "it is three\ninput: number 3\nreplay: seed 44, 1 case"
        }
    }
}
