import Foundation
import OrderedCollections
import SearchSpace
import Testing
import TuningMath

@Suite("Properties of every search space", .timeLimit(.minutes(10)))
struct PropertyTests {
    @Test("the normalised form, and its text, lead back to an equal space")
    func normalised() {
        forAllSpaces(cases: 300) { space, _ in
            let form = space.normalised
            try hold(try SearchSpace(normalised: form) == space, "the form leads to another space")
            try hold(try SearchSpace(normalised: ParameterValue(json: form.json)) == space, "the text does")
            try hold(try SearchSpace(normalised: form).normalised == form, "the form of the form is another")
        }
    }

    @Test("a coder that keeps no order leads back to the same parameters")
    func coding() {
        forAllSpaces(cases: 60) { space, _ in
            let decoded = try JSONDecoder().decode(SearchSpace.self, from: try JSONEncoder().encode(space))
            try hold(decoded.normalised.isSame(as: space.normalised), "the form is another")
            try hold(pairs(decoded.parameters) == pairs(space.parameters), "a parameter is another")
        }
    }

    /// A coder that keeps no order may swap the keys of a structure; what is no structure is the same.
    private func pairs(_ parameters: OrderedDictionary<String, Parameter>) -> [String: ParameterDomain] {
        [String: ParameterDomain](
            uniqueKeysWithValues: parameters.values.filter { $0.domain.options == nil }.map { ($0.label, $0.domain) }
        )
    }

    @Test("draws satisfy their space, and the same seed draws the same trials")
    func samples() {
        forAllSpaces(seed: 1000, cases: 200) { space, generator in
            let seeds = SeedSequence(seed: generator.next())
            for trial in 1...5 {
                let suggestion = space.sample(trial: trial, seeds: seeds)
                try hold(space.isComplete(suggestion), "\(suggestion.values) does not fit")
                try hold(space.sample(trial: trial, seeds: seeds) == suggestion, "trial \(trial) is drawn differently")
                try hold(space.canonical(suggestion) == suggestion, "\(suggestion.values) is not canonical")
                for label in space.parameters.keys {
                    let isActive = space.isActive(label, in: suggestion)
                    try hold(isActive == (suggestion.values[label] != nil), "\(label) is active: \(isActive)")
                }
            }
        }
    }

    @Test("suggestion to assignment to suggestion gives the same values")
    func assignments() {
        forAllSpaces(seed: 2000, cases: 200) { space, generator in
            for _ in 0..<5 {
                let suggestion = space.sample(using: &generator)
                let assignment = try space.assignment(for: suggestion)
                // Several options may have the value, so the way back need not find the same one.
                let back = try space.suggestion(for: assignment)
                try hold(Self.isSame(try space.assignment(for: back), assignment), "\(assignment) leads to \(back)")
                let text = ParameterValue.mapping(assignment).json
                guard case .mapping(let read) = try ParameterValue(json: text) else {
                    throw PropertyFailure(description: "no mapping")
                }
                try hold(
                    try space.assignment(for: space.suggestion(for: read)) == assignment,
                    "\(text) leads elsewhere"
                )
            }
        }
    }

    @Test("hyperopt's form and the suggestion lead to each other")
    func hyperopt() {
        forAllSpaces(seed: 3000, cases: 200) { space, generator in
            for trial in 1...5 {
                let suggestion = space.sample(using: &generator)
                let values = space.hyperoptValues(of: suggestion, trial: trial)
                try hold(Array(values.idxs.keys) == Array(space.parameters.keys), "labels are missing")
                try hold(values.idxs.keys == values.vals.keys, "the two halves have different labels")
                try hold(try space.suggestion(for: values, trial: trial) == suggestion, "\(values)")
                // Other programs give whole numbers back as doubles and the other way round.
                var swapped = values
                swapped.vals = values.vals.mapValues { $0.map(Self.otherKind) }
                try hold(try space.suggestion(for: swapped, trial: trial) == suggestion, "\(swapped)")
            }
        }
    }

    private static func otherKind(_ value: LabelValue) -> LabelValue {
        switch value {
        case .integer(let number): Int64(exactly: Double(number)) == number ? .double(Double(number)) : value
        case .double(let number): Int64(exactly: number).map { .integer($0) } ?? value
        }
    }

    @Test("a grid has each point once, as many as the cardinality says")
    func grids() {
        var sizes: [Int] = []
        forAllSpaces(seed: 4000, cases: 300, areFinite: true) { space, generator in
            guard case .finite(let count) = space.cardinality, count <= 600 else { return }
            sizes.append(count)
            let grid = try SpaceGrid(space)
            var seen: Set<Suggestion> = []
            var last: Suggestion?
            for point in grid {
                try hold(seen.insert(point).inserted, "\(point.values) is there twice")
                try hold(seen.count <= count, "there are more than \(count) points")
                try hold(grid.contains(point) && space.isComplete(point), "\(point.values) does not fit")
                try hold(space.canonical(point) == point, "\(point.values) is not canonical")
                if let last { try hold(grid.successor(of: last) == point, "\(point.values) does not follow") }
                last = point
            }
            try hold(seen.count == count, "there are \(seen.count) points, not \(count)")
            if let last { try hold(grid.successor(of: last) == nil, "there is one after the last") }
            for _ in 0..<20 {
                let drawn = space.sample(using: &generator)
                try hold(seen.contains(drawn), "\(drawn.values) is drawn, but is no point")
            }
        }
        // Otherwise the check above would be about next to nothing.
        #expect(sizes.count > 150)
        #expect(sizes.reduce(0, +) > 5000)
    }

    @Test("a partial point keeps what it was given, and is completed within its space")
    func partialAssignments() {
        var accepted = 0
        forAllSpaces(seed: 5000, cases: 200) { space, generator in
            let suggestion = space.sample(using: &generator)
            let assignment = try space.assignment(for: suggestion)
            let whole = try space.partialSuggestion(for: assignment)
            try hold(space.isComplete(whole), "\(whole.values) is not complete")
            try hold(
                Self.isSame(try space.assignment(for: whole), assignment),
                "\(assignment) leads to \(whole.values)"
            )

            let kept = Self.thinned(assignment, using: &generator)
            // It may take further keys; what it then says is checked elsewhere.
            guard let partial = try? space.partialSuggestion(for: kept) else { return }
            accepted += 1
            let written = space.partialAssignment(for: partial)
            let again = try space.partialSuggestion(for: written)
            try hold(Self.isSame(space.partialAssignment(for: again), written), "\(written) leads to \(again.values)")
            let seeds = SeedSequence(seed: generator.next())
            for trial in 1...3 {
                let completed = space.completed(partial, trial: trial, seeds: seeds)
                try hold(space.completed(partial, trial: trial, seeds: seeds) == completed, "is not repeatable")
                let seen = try space.assignment(for: completed)
                try hold(Self.contains(.mapping(seen), .mapping(kept)), "\(seen) lacks something of \(kept)")
                for (label, value) in partial.values {
                    try hold(completed.values[label] == value, "\(label) has become another")
                }
            }
        }
        #expect(accepted > 100)
    }

    @Test("a partial point named by labels keeps what it was given")
    func namedValues() {
        var accepted = 0
        forAllSpaces(seed: 6000, cases: 200) { space, generator in
            let suggestion = space.sample(using: &generator)
            let assignment = try space.assignment(for: suggestion)
            // Choices are left out: their value has no name of its own, and labels inside imply them.
            let labels = suggestion.values.keys.filter { space.parameters[$0]?.domain.options == nil }
            let given = labels.filter { _ in generator.wholeNumber(below: 2) == 0 }
            let named = given.compactMap { label -> (name: String, value: ParameterValue)? in
                guard let value = suggestion.values[label] else { return nil }
                switch value {
                case .integer(let number): return (label, .integer(number))
                case .double(let number): return (label, .double(number))
                }
            }
            guard let partial = try? space.partialSuggestion(forNamed: named) else { return }
            accepted += 1
            let completed = space.completed(partial, trial: 1, seeds: SeedSequence(seed: 1))
            try hold(space.isComplete(completed), "\(completed.values) does not fit")
            for label in given {
                try hold(completed.values[label] == suggestion.values[label], "\(label) is another in \(assignment)")
            }
        }
        #expect(accepted > 100)
    }

    /// The assignment without some of its keys, at any depth; lists stay whole.
    private static func thinned(_ assignment: Assignment, using generator: inout SeededGenerator) -> Assignment {
        var kept: Assignment = [:]
        for (key, value) in assignment where generator.wholeNumber(below: 3) > 0 {
            if case .mapping(let entries) = value {
                kept[key] = .mapping(thinned(entries, using: &generator))
            } else {
                kept[key] = value
            }
        }
        return kept
    }

    private static func isSame(_ left: Assignment, _ right: Assignment) -> Bool {
        ParameterValue.mapping(left).isSame(as: .mapping(right))
    }

    /// Whether everything in `part` is in `whole`.
    private static func contains(_ whole: ParameterValue, _ part: ParameterValue) -> Bool {
        switch (whole, part) {
        case (.mapping(let entries), .mapping(let parts)):
            parts.allSatisfy { key, value in entries[key].map { contains($0, value) } ?? false }
        case (.list(let items), .list(let parts)):
            items.count == parts.count && zip(items, parts).allSatisfy { contains($0, $1) }
        default: whole.isSame(as: part)
        }
    }
}
