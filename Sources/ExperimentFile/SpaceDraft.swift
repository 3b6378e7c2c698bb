import OrderedCollections
import SearchSpace

/// A piece of a search space as it was read, before labels and conditions are settled.
indirect enum SpaceDraft {
    case constant(ParameterValue)
    case parameter(ParameterDraft)
    case mapping([DraftEntry])
    case list([SpaceDraft])

    /// The value of a piece without parameters.
    var constantValue: ParameterValue? {
        switch self {
        case .constant(let value): return value
        case .parameter: return nil
        case .list(let items):
            let values = items.compactMap(\.constantValue)
            return values.count == items.count ? .list(values) : nil
        case .mapping(let entries):
            var values = Assignment()
            for entry in entries {
                guard let value = entry.node.constantValue else { return nil }
                values[entry.key] = value
            }
            return .mapping(values)
        }
    }

    /// The piece, as one constant when it holds no parameter.
    var folded: SpaceDraft { constantValue.map { .constant($0) } ?? self }
}

/// One key of a structure and what stands there.
struct DraftEntry {
    var key: String
    var node: SpaceDraft
}

/// A parameter as it was read.
struct ParameterDraft {
    enum Domain {
        case plain(ParameterDomain)
        case choice(ChoiceDraft)
    }

    struct Clause {
        /// The label or key of the other parameter, as written.
        var name: String
        var values: [ParameterValue]
        var position: SourcePosition
    }

    /// Number of the draft in its space, to find its label again.
    var number: Int
    /// The label that was written, if any.
    var label: String?
    /// The key under which it stands; `nil` for an item of a list.
    var key: String?
    /// Keys and indices from the root, joined by dots.
    var path: String
    var position: SourcePosition
    var domain: Domain
    var condition: [Clause]?
}

/// The options of a choice as they were read.
struct ChoiceDraft {
    var options: [SpaceDraft]
    /// One for each option; `nil` for equal ones.
    var probabilities: [Double]?
}

/// Where in a space something stands.
struct SpacePlace {
    enum Kind {
        /// The value of a key of the space itself.
        case root
        /// The value of a key inside a structure.
        case entry
        /// An option, or an item of a list.
        case item
    }

    var kind: Kind
    var key: String?
    /// Keys and indices from the root, joined by dots.
    var path: String
    /// Keys from the root without indices, joined by dots: how the check of a space names a place.
    var keyPath: String
    var depth: Int

    /// The place of a key of the space itself.
    static func root(_ key: String) -> SpacePlace {
        SpacePlace(kind: .root, key: key, path: key, keyPath: key, depth: 1)
    }

    /// The place of a key below this one.
    func entry(_ key: String) -> SpacePlace {
        SpacePlace(kind: .entry, key: key, path: "\(path).\(key)", keyPath: "\(keyPath).\(key)", depth: depth + 1)
    }

    /// The place of an item below this one.
    func item(_ index: Int) -> SpacePlace {
        SpacePlace(kind: .item, key: nil, path: "\(path).\(index)", keyPath: keyPath, depth: depth + 1)
    }
}
