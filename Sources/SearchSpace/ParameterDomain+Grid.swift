/// The values of a finite domain that have a probability above 0, by index from 0, in ascending or written order.
extension ParameterDomain {
    /// Index of the last value; `nil` for a domain of infinitely many.
    var lastGridIndex: UInt64? {
        switch self {
        case .real(let distribution): return distribution.multiples.map { Self.index(from: $0.first, to: $0.last) }
        case .uniformInteger(let low, let high):
            return Self.wholeMultiples(low, high).map { Self.index(from: $0.first, to: $0.last) }
        case .randomInteger(let low, let high): return UInt64(bitPattern: high) &- UInt64(bitPattern: low) &- 1
        case .float(_, _, _, nil): return nil
        case .float(let min, let max, _, let step?):
            return Self.index(from: 0, to: Self.lastStep(min, max, step))
        case .integer(let min, let max, _, let step):
            return (UInt64(bitPattern: max) &- UInt64(bitPattern: min)) / UInt64(step ?? 1)
        case .choice(let options, nil): return UInt64(options.count) - 1
        case .choice(_, let probabilities?): return UInt64(probabilities.count { $0 > 0 }) - 1
        }
    }

    /// The value at an index up to ``lastGridIndex``; `nil` beyond.
    func gridValue(at index: UInt64) -> LabelValue? {
        guard let last = lastGridIndex, index <= last else { return nil }
        switch self {
        case .real(let distribution):
            guard let first = distribution.multiples?.first, let quantum = distribution.quantum else { return nil }
            return .double((first + Double(index)) * quantum + 0)
        case .uniformInteger(let low, let high):
            return Self.wholeMultiples(low, high).map { .double($0.first + Double(index)) }
        case .randomInteger(let low, _): return .integer(Int64(bitPattern: UInt64(bitPattern: low) &+ index))
        case .float(let min, let max, _, let step): return .double(Swift.min(min + Double(index) * (step ?? 0), max))
        case .integer(let min, _, _, let step):
            return .integer(Int64(bitPattern: UInt64(bitPattern: min) &+ index &* UInt64(step ?? 1)))
        case .choice(_, nil): return .integer(Int64(index))
        case .choice(_, let probabilities?):
            return .integer(Int64(probabilities.indices.filter { probabilities[$0] > 0 }[Int(index)]))
        }
    }

    /// The index of a value; `nil` for one that the domain does not have or gives no probability.
    func gridIndex(of value: LabelValue) -> UInt64? {
        guard let last = lastGridIndex, let value = normalised(value) else { return nil }
        let position: Double
        switch self {
        case .real(let distribution):
            guard let first = distribution.multiples?.first, let quantum = distribution.quantum else { return nil }
            position = (value.number / quantum).rounded(.toNearestOrEven) - first
        case .uniformInteger(let low, let high):
            guard let first = Self.wholeMultiples(low, high)?.first else { return nil }
            position = value.number - first
        case .float(let min, _, _, let step): position = ((value.number - min) / (step ?? 1)).rounded()
        case .randomInteger(let min, _):
            return value.wholeNumber.map { UInt64(bitPattern: $0) &- UInt64(bitPattern: min) }
        case .integer(let min, _, _, let step):
            return value.wholeNumber.map { (UInt64(bitPattern: $0) &- UInt64(bitPattern: min)) / UInt64(step ?? 1) }
        case .choice(_, nil): return value.wholeNumber.map { UInt64($0) }
        case .choice(_, let probabilities?):
            guard let option = value.wholeNumber, probabilities[Int(option)] > 0 else { return nil }
            return UInt64(probabilities[..<Int(option)].count { $0 > 0 })
        }
        guard position >= 0, position <= Double(last) else { return nil }
        return UInt64(position)
    }

    /// Steps from the lower to the upper end of a float's grid.
    static func lastStep(_ low: Double, _ high: Double, _ step: Double) -> Double {
        ((high - low) / step + gridTolerance).rounded(.down)
    }

    /// A distance as an index. No enumeration gets to 2⁵³, where a double ends to count.
    private static func index(from first: Double, to last: Double) -> UInt64 {
        UInt64(min(max(last - first, 0), maximumGridSize))
    }

    private static func wholeMultiples(_ low: Double, _ high: Double) -> (first: Double, last: Double)? {
        RealDistribution(.uniform(low: low, high: high), quantum: 1).multiples
    }
}

extension RealDistribution {
    /// The first and the last multiple of the quantum that is drawn with a probability above 0, in quanta.
    ///
    /// `nil` where there are infinitely many values. A half is rounded to the even multiple only when it is drawn exactly,
    /// so from 0.5 to 3.5 with quantum 1 these are 1 and 3.
    var multiples: (first: Double, last: Double)? {
        guard let quantum, let bounds else { return nil }
        let first = (bounds.low / quantum - 0.5 + ParameterDomain.gridTolerance).rounded(.down) + 1
        let last = (bounds.high / quantum + 0.5 - ParameterDomain.gridTolerance).rounded(.up) - 1
        // Of a range that is narrower than the tolerance one value is left.
        return (first, max(first, last))
    }
}
