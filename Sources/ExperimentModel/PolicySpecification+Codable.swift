/// The stored form: one flat document with the names that files use.
extension PolicySpecification: Codable {
    enum CodingKeys: String, CodingKey {
        case type
        case slackFactor = "slack_factor"
        case slackAmount = "slack_amount"
        case leastTrials = "min_trials"
        case percentile, patience
        case truncationPercentage = "truncation_percentage"
        case excludesFinished = "exclude_finished_jobs"
        case reductionFactor = "reduction_factor"
        case firstRung = "min_resource"
        case largestInterval = "max_resource"
        case brackets, confidence, lower, upper
        case evaluationInterval = "evaluation_interval"
        case delayEvaluation = "delay_evaluation"
    }

    /// Reads the stored form; what is missing has its default.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        evaluationInterval = try container.decodeIfPresent(Int.self, forKey: .evaluationInterval) ?? 1
        delayEvaluation = try container.decodeIfPresent(Int.self, forKey: .delayEvaluation) ?? 0
        switch try container.decode(Kind.self, forKey: .type) {
        case .bandit:
            if let factor = try container.decodeIfPresent(Double.self, forKey: .slackFactor) {
                rule = .bandit(.factor(factor))
            } else {
                rule = .bandit(.amount(try container.decode(Double.self, forKey: .slackAmount)))
            }
        case .medianStopping:
            var settings = MedianSettings()
            if let count = try container.decodeIfPresent(Int.self, forKey: .leastTrials) {
                settings.leastTrials = count
            }
            if let share = try container.decodeIfPresent(Double.self, forKey: .percentile) {
                settings.percentile = share
            }
            if let count = try container.decodeIfPresent(Int.self, forKey: .patience) { settings.patience = count }
            rule = .medianStopping(settings)
        case .truncationSelection:
            rule = .truncationSelection(
                percentage: try container.decode(Int.self, forKey: .truncationPercentage),
                excludesFinished: try container.decodeIfPresent(Bool.self, forKey: .excludesFinished) ?? false
            )
        case .asha:
            var settings = HalvingSettings()
            if let factor = try container.decodeIfPresent(Int.self, forKey: .reductionFactor) {
                settings.reductionFactor = factor
            }
            if let rung = try container.decodeIfPresent(Int.self, forKey: .firstRung) { settings.firstRung = rung }
            settings.largestInterval = try container.decodeIfPresent(Int.self, forKey: .largestInterval)
            if let count = try container.decodeIfPresent(Int.self, forKey: .brackets) { settings.brackets = count }
            rule = .asha(settings)
        case .decayCurve:
            var settings = DecaySettings(largestInterval: try container.decode(Int.self, forKey: .largestInterval))
            if let share = try container.decodeIfPresent(Double.self, forKey: .confidence) {
                settings.confidence = share
            }
            rule = .decayCurve(settings)
        case .threshold:
            rule = .threshold(
                lower: try container.decodeIfPresent(Double.self, forKey: .lower),
                upper: try container.decodeIfPresent(Double.self, forKey: .upper)
            )
        case .notFinite: rule = .notFinite
        }
    }

    /// Writes the stored form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .type)
        switch rule {
        case .bandit(.factor(let factor)): try container.encode(factor, forKey: .slackFactor)
        case .bandit(.amount(let amount)): try container.encode(amount, forKey: .slackAmount)
        case .medianStopping(let settings):
            try container.encode(settings.leastTrials, forKey: .leastTrials)
            try container.encode(settings.percentile, forKey: .percentile)
            try container.encode(settings.patience, forKey: .patience)
        case .truncationSelection(let percentage, let excludesFinished):
            try container.encode(percentage, forKey: .truncationPercentage)
            try container.encode(excludesFinished, forKey: .excludesFinished)
        case .asha(let settings):
            try container.encode(settings.reductionFactor, forKey: .reductionFactor)
            try container.encode(settings.firstRung, forKey: .firstRung)
            try container.encodeIfPresent(settings.largestInterval, forKey: .largestInterval)
            try container.encode(settings.brackets, forKey: .brackets)
        case .decayCurve(let settings):
            try container.encode(settings.largestInterval, forKey: .largestInterval)
            try container.encode(settings.confidence, forKey: .confidence)
        case .threshold(let lower, let upper):
            try container.encodeIfPresent(lower, forKey: .lower)
            try container.encodeIfPresent(upper, forKey: .upper)
        case .notFinite: break
        }
        if kind != .asha { try container.encode(evaluationInterval, forKey: .evaluationInterval) }
        try container.encode(delayEvaluation, forKey: .delayEvaluation)
    }
}
