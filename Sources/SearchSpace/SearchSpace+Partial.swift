public import OrderedCollections
public import TuningMath

/// Points of which a person has fixed some values; the others are drawn.
extension SearchSpace {
    /// A suggestion that has only the values of an assignment from which keys may be missing, and what follows from them.
    ///
    /// The options of choices around a given value follow when they are unambiguous, and so do parameters that a condition
    /// wants at one value only. Whatever decides that a given value is active is thus fixed as well.
    /// - Throws: when a key is unknown, a value lies outside its domain or can never be active with the others, or it
    ///   takes a further key to tell which option is meant.
    public func partialSuggestion(for assignment: Assignment) throws(SearchSpaceError) -> Suggestion {
        var matcher = AssignmentMatcher(space: self, isPartial: true)
        try matcher.match(root, assignment, path: "")
        return inOrder(try withDeciders(matcher.found))
    }

    /// A partial suggestion of values that are named by path (`model.C`), by label, or by a key that no other has.
    ///
    /// - Throws: as ``partialSuggestion(for:)``; also for a name that is unknown, ambiguous or there twice.
    public func partialSuggestion(
        forNamed named: [(name: String, value: ParameterValue)]
    ) throws(SearchSpaceError) -> Suggestion {
        let names = ParameterNames(space: self)
        var labelled = AssignmentMatcher(space: self, isPartial: true)
        var assignment: Assignment = [:]
        for (name, value) in named {
            switch try names.target(of: name) {
            case .path(let keys): try assignment.insert(value, at: keys[...], name: name)
            case .parameter(let parameter):
                if labelled.found[parameter.label] != nil { throw .mismatch(path: name, reason: "is given twice") }
                labelled.known = labelled.found
                try labelled.match(parameter, value, path: name)
            }
        }
        var matcher = AssignmentMatcher(space: self, isPartial: true)
        matcher.known = try withDeciders(labelled.found)
        try matcher.match(root, assignment, path: "")
        return inOrder(try withDeciders(matcher.known.merging(matcher.found) { $1 }))
    }

    /// The whole suggestion: the values of a partial one, and draws for the other active parameters.
    ///
    /// Each draw comes from its own generator (trial, `given.LABEL`). Values of labels that turn out inactive are left
    /// out; a partial suggestion made here has none.
    public func completed(_ partial: Suggestion, trial: Int, seeds: SeedSequence) -> Suggestion {
        suggestion { parameter in
            if let given = partial.values[parameter.label], let value = parameter.domain.normalised(given) {
                return value
            }
            var generator = seeds.generator(trial: trial, purpose: "given.\(parameter.label)")
            return parameter.domain.sample(using: &generator)
        }
    }

    /// Whether a suggestion fits the space and has a value for every active parameter.
    public func isComplete(_ suggestion: Suggestion) -> Bool { (try? assignment(for: suggestion)) != nil }

    /// The values with those of every parameter that decides whether one of them is active.
    private func withDeciders(_ given: [String: LabelValue]) throws(SearchSpaceError) -> [String: LabelValue] {
        var values = given
        // Deciders come before what they decide about, so the last is looked at first, and finds its deciders still ahead.
        for label in activationOrder.reversed() {
            guard values[label] != nil, let parameter = parameters[label] else { continue }
            if let option = enclosing[label] {
                let needed = LabelValue.integer(Int64(option.option))
                guard values[option.choice, default: needed] == needed else { throw .inactiveLabel(label) }
                values[option.choice] = needed
            }
            for clause in parameter.condition?.clauses ?? [] {
                guard let domain = parameters[clause.label]?.domain else { continue }
                let allowed = OrderedSet(clause.values.flatMap { domain.drawnValues(of: $0) })
                if let value = values[clause.label] {
                    guard allowed.contains(value) else { throw .inactiveLabel(label) }
                } else if allowed.count == 1 {
                    values[clause.label] = allowed[0]
                } else {
                    let texts = clause.values.prefix(Self.maximumListedValues).map(\.json).joined(separator: ", ")
                    let reason = "has no value, but \(quoted(label)) depends on it; give it one such as \(texts)"
                    throw .mismatch(path: clause.label, reason: reason)
                }
            }
        }
        return values
    }

    /// Values that a message lists.
    private static let maximumListedValues = 5
}

extension OrderedDictionary where Key == String, Value == ParameterValue {
    /// Puts a value at a path of keys into nested mappings.
    fileprivate mutating func insert(
        _ value: ParameterValue,
        at keys: ArraySlice<String>,
        name: String
    ) throws(SearchSpaceError) {
        guard let key = keys.first else { return }
        if keys.count == 1 {
            guard self[key] == nil else { throw .mismatch(path: name, reason: "is given twice") }
            self[key] = value
            return
        }
        guard case .mapping(var inner) = self[key] ?? [:] else {
            throw .mismatch(path: name, reason: "lies inside of \(quoted(key)), which is given another value")
        }
        try inner.insert(value, at: keys.dropFirst(), name: name)
        self[key] = .mapping(inner)
    }
}
