import SearchSpace
import TuningMath

/// What the model knows before any observation of a parameter whose values have no order: the options of a choice, or the
/// whole numbers of a `randint`.
struct CategoricalPrior: Sendable, Hashable {
    /// Number of options; they are counted from 0.
    var count: UInt64
    /// The value of the first option.
    var first: Int64
    /// The probability of each option; `nil` when all are equally likely.
    var probabilities: [Double]?

    /// The prior of a choice or a `randint`; `nil` for every other domain.
    init?(_ domain: ParameterDomain) {
        switch domain {
        case .choice(let options, let probabilities):
            count = UInt64(options.count)
            first = 0
            self.probabilities = probabilities
        case .randomInteger(let low, let high):
            count = UInt64(bitPattern: high) &- UInt64(bitPattern: low)
            first = low
        case .real, .uniformInteger, .float, .integer: return nil
        }
    }

    /// The option of a stored value; `nil` when there is none.
    func option(of value: LabelValue) -> UInt64? {
        guard let number = value.wholeNumber, number >= first else { return nil }
        let option = UInt64(bitPattern: number) &- UInt64(bitPattern: first)
        return option < count ? option : nil
    }

    /// The value of an option as the parameter stores it.
    func labelValue(_ option: UInt64) -> LabelValue {
        .integer(Int64(bitPattern: UInt64(bitPattern: first) &+ option))
    }

    /// What an option counts before any observation; on the average 1.
    func weight(of option: UInt64) -> Double {
        guard let probabilities else { return TPESettings.priorWeight }
        return probabilities[Int(option)] * Double(count) * TPESettings.priorWeight
    }

    /// The sum of the weights of all options.
    var totalWeight: Double {
        // Given probabilities sum to 1 only within a tolerance.
        (probabilities?.reduce(0, +) ?? 1) * Double(count) * TPESettings.priorWeight
    }

    /// An option drawn without any observation.
    func draw(using generator: inout some RandomNumberGenerator) -> UInt64 {
        guard let probabilities else { return generator.wholeNumber(below: count) }
        var remaining = generator.unitDouble() * probabilities.reduce(0, +)
        for (option, probability) in probabilities.enumerated() {
            remaining -= probability
            if remaining < 0 { return UInt64(option) }
        }
        return UInt64(probabilities.lastIndex { $0 > 0 } ?? 0)
    }
}
