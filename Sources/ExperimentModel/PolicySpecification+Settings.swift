public import OrderedCollections
public import SearchSpace

extension PolicySpecification {
    /// The policy as the mapping that an experiment file has for it: `type` first, then its settings.
    /// - Parameter isComplete: whether settings that have their default are there too.
    public func settings(isComplete: Bool) -> Assignment {
        var entries: Assignment = [CodingKeys.type.rawValue: .string(kind.rawValue)]
        func add(_ key: CodingKeys, _ value: ParameterValue?, default standard: ParameterValue? = nil) {
            if let value, isComplete || value != standard { entries[key.rawValue] = value }
        }
        func number(_ key: CodingKeys, _ value: Int, default standard: Int? = nil) {
            add(key, .integer(Int64(value)), default: standard.map { .integer(Int64($0)) })
        }
        switch rule {
        case .bandit(.factor(let factor)): add(.slackFactor, Self.shortest(factor))
        case .bandit(.amount(let amount)): add(.slackAmount, Self.shortest(amount))
        case .medianStopping(let settings):
            let standard = MedianSettings()
            number(.leastTrials, settings.leastTrials, default: standard.leastTrials)
            add(.percentile, Self.shortest(settings.percentile), default: Self.shortest(standard.percentile))
            number(.patience, settings.patience, default: standard.patience)
        case .truncationSelection(let percentage, let excludesFinished):
            add(.truncationPercentage, .integer(Int64(percentage)))
            add(.excludesFinished, .bool(excludesFinished), default: .bool(false))
        case .asha(let settings):
            let standard = HalvingSettings()
            number(.reductionFactor, settings.reductionFactor, default: standard.reductionFactor)
            number(.firstRung, settings.firstRung, default: standard.firstRung)
            add(.largestInterval, settings.largestInterval.map { .integer(Int64($0)) })
            number(.brackets, settings.brackets, default: standard.brackets)
        case .decayCurve(let settings):
            number(.largestInterval, settings.largestInterval)
            let standard = DecaySettings(largestInterval: settings.largestInterval).confidence
            add(.confidence, .double(settings.confidence), default: .double(standard))
        case .threshold(let lower, let upper):
            add(.lower, lower.map(Self.shortest))
            add(.upper, upper.map(Self.shortest))
        case .notFinite: break
        }
        if kind != .asha { number(.evaluationInterval, evaluationInterval, default: 1) }
        number(.delayEvaluation, delayEvaluation, default: 0)
        return entries
    }

    /// The policy in one word, as the option `--policy` takes it: `bandit:slack_factor=0.1,delay_evaluation=5`.
    public var optionText: String {
        let settings = settings(isComplete: false).dropFirst().map { "\($0.key)=\($0.value.json)" }
        return kind.rawValue + (settings.isEmpty ? "" : ":" + settings.joined(separator: ","))
    }

    /// Whole numbers up to here are written without a point.
    private static let largestPlainNumber = 1e15

    private static func shortest(_ number: Double) -> ParameterValue {
        let isPlain = abs(number) < largestPlainNumber
        return isPlain ? Int64(exactly: number).map { .integer($0) } ?? .double(number) : .double(number)
    }
}
