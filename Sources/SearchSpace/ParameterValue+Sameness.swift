import OrderedCollections

extension ParameterValue {
    /// The number as a drawn value; `nil` for everything that is no number.
    var asLabelValue: LabelValue? {
        switch self {
        case .integer(let number): .integer(number)
        case .double(let number): .double(number)
        default: nil
        }
    }

    /// Equality in which 2 and 2.0 are the same, and the order of a mapping's keys does not count.
    public func isSame(as other: ParameterValue) -> Bool {
        switch (self, other) {
        case (.integer(let whole), .double(let number)), (.double(let number), .integer(let whole)):
            return Int64(exactly: number) == whole
        case (.list(let left), .list(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { $0.isSame(as: $1) }
        case (.mapping(let left), .mapping(let right)):
            return left.count == right.count && left.allSatisfy { key, value in right[key]?.isSame(as: value) ?? false }
        default: return self == other
        }
    }
}

extension SpaceNode {
    /// The value of a node that holds no parameter; `nil` when it holds one.
    public var constantValue: ParameterValue? {
        switch self {
        case .constant(let value): return value
        case .parameter: return nil
        case .list(let items):
            let values = items.compactMap(\.constantValue)
            return values.count == items.count ? .list(values) : nil
        case .mapping(let entries):
            var values: Assignment = [:]
            for (key, node) in entries {
                guard let value = node.constantValue else { return nil }
                values[key] = value
            }
            return .mapping(values)
        }
    }
}
