extension ParameterDomain {
    /// Whether the resolved value can be `value`; false for a choice whose options hold parameters.
    func canBe(_ value: ParameterValue) -> Bool {
        switch self {
        case .choice(let options, _): options.contains { $0.constantValue?.isSame(as: value) ?? false }
        default: value.asLabelValue.flatMap { normalised($0) } != nil
        }
    }

    /// A stored value in the kind of number that the domain has, or `nil` when the domain does not hold it.
    ///
    /// A whole double is taken for an integer and the other way round: other programs do not keep them apart. A number
    /// that is a grid point but for rounding becomes that point.
    func normalised(_ value: LabelValue) -> LabelValue? {
        switch self {
        case .choice(let options, _):
            guard let index = value.wholeNumber, options.indices.contains(Int(index)) else { return nil }
            return .integer(index)
        case .integer(let min, let max, _, let step):
            guard let number = value.wholeNumber, number >= min, number <= max else { return nil }
            let distance = UInt64(bitPattern: number) &- UInt64(bitPattern: min)
            return distance.isMultiple(of: UInt64(step ?? 1)) ? .integer(number) : nil
        case .real(let distribution): return distribution.normalised(value.number).map { .double($0) }
        case .uniformInteger(let low, let high):
            return RealDistribution(.uniform(low: low, high: high), quantum: 1).normalised(value.number).map {
                .double($0)
            }
        case .randomInteger(let low, let high):
            guard let number = value.wholeNumber, number >= low, number < high else { return nil }
            return .integer(number)
        case .float(let min, let max, _, let step):
            let number = value.number
            guard number >= min, number <= max else { return nil }
            guard let step else { return .double(number) }
            let position = (number - min) / step
            guard abs(position - position.rounded()) <= Self.gridMembershipTolerance else { return nil }
            return .double(Swift.min(min + position.rounded() * step, max))
        }
    }
}
