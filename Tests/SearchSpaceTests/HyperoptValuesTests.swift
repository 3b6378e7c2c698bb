import OrderedCollections
import SearchSpace
import Testing

@Suite("Hyperopt's idxs and vals")
struct HyperoptValuesTests {
    private static let svm = Suggestion(values: ["model": .integer(0), "C": .double(1.5), "kernel": .integer(0)])

    @Test("have every label, with empty lists for inactive ones")
    func everyLabel() throws {
        let values = try Spaces.models().hyperoptValues(of: Self.svm, trial: 7)
        #expect(values.idxs == ["model": [7], "C": [7], "hidden": [], "kernel": [7], "degree": []])
        #expect(
            values.vals == [
                "model": [.integer(0)], "C": [.double(1.5)], "hidden": [], "kernel": [.integer(0)], "degree": [],
            ]
        )
    }

    @Test("hold a uniformint as a double, which a trial sees as a whole number")
    func uniformInteger() throws {
        let space = try Spaces.single(.uniformInteger(low: 1, high: 6))
        for value in [LabelValue.double(2), .integer(2)] {
            let suggestion = Suggestion(values: ["x": value])
            let values = space.hyperoptValues(of: suggestion, trial: 1)
            #expect(values.vals == ["x": [.double(2)]])
            #expect(try space.suggestion(for: values, trial: 1).values == ["x": .double(2)])
            #expect(try space.assignment(for: suggestion) == ["x": 2])
        }
    }

    @Test("are refused unless they are those of a trial of this space")
    func refused() throws {
        let space = try Spaces.models()
        let valid = space.hyperoptValues(of: Self.svm, trial: 7)
        #expect(try space.suggestion(for: valid, trial: 7) == Self.svm)

        func refuses(_ message: String, trial: Int = 7, _ change: (inout HyperoptValues) -> Void) {
            var values = valid
            change(&values)
            let error = #expect(throws: SearchSpaceError.self) { try space.suggestion(for: values, trial: trial) }
            #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
        }
        refuses(#""idxs.model" must be empty or [8], the number of the trial"#, trial: 8) { _ in }
        refuses(#""idxs.hidden" is missing"#) { $0.idxs["hidden"] = nil }
        refuses(#""vals.hidden" is missing"#) { $0.vals["hidden"] = nil }
        refuses(#""idxs.C" must be empty or [7]"#) { $0.idxs["C"] = [7, 7] }
        refuses(#""vals.C" must have as many values"#) { $0.vals["C"] = [] }
        refuses(#""vals.hidden" must have as many values"#) { $0.vals["hidden"] = [.integer(8)] }
        refuses(#"the search space has no parameter "y""#) { $0.vals["y"] = [] }
        refuses(#"the search space has no parameter "y""#) { $0.idxs["y"] = [] }
        refuses(#"2 is no value of the parameter "model""#) { $0.vals["model"] = [.integer(2)] }
        refuses(#"the parameter "C" is not active"#) { $0.vals["model"] = [.integer(1)] }
        refuses(#"there is no value for the parameter "degree""#) { $0.vals["kernel"] = [.integer(1)] }
    }
}
