import ExperimentModel
import SearchSpace

/// Reads the settings of one policy.
struct PolicyRuleReader {
    let section: SectionReader

    private var diagnostics: DiagnosticCollector { section.diagnostics }

    /// The rule; `nil` when it is wrong, which has been reported.
    func rule(_ kind: PolicySpecification.Kind) -> PolicySpecification.Rule? {
        switch kind {
        case .bandit: return slack().map { .bandit($0) }
        case .medianStopping: return .medianStopping(median)
        case .truncationSelection:
            let advice = "write how many per cent are stopped, such as truncation_percentage: 20"
            guard section.required("truncation_percentage", advice) != nil,
                let percentage = section.wholeNumber("truncation_percentage")
            else { return nil }
            let excludesFinished = section.truth("exclude_finished_jobs") ?? false
            return .truncationSelection(percentage: percentage, excludesFinished: excludesFinished)
        case .asha: return .asha(halving)
        case .decayCurve:
            let advice = "write how many reports a whole trial makes, such as max_resource: 50"
            guard section.required("max_resource", advice) != nil, let largest = section.wholeNumber("max_resource")
            else { return nil }
            var settings = PolicySpecification.DecaySettings(largestInterval: largest)
            if let share = number("confidence", PolicySpecification.DecaySettings.confidences) {
                settings.confidence = share
            }
            return .decayCurve(settings)
        case .threshold: return threshold()
        case .notFinite: return .notFinite
        }
    }

    /// Azure's tools write a 0 for the slack that was not given.
    private func slack() -> PolicySpecification.Slack? {
        let factor = notNegative("slack_factor", "0.1 lets a trial be 10 % behind the best")
        let amount = notNegative("slack_amount", "it counts in units of the objective")
        let isFactorGiven = section.node("slack_factor") != nil
        let isAmountGiven = section.node("slack_amount") != nil
        guard isFactorGiven || isAmountGiven else {
            let message =
                "bandit needs slack_factor or slack_amount; write how far behind the best a trial may be, such as "
                + "{type: bandit, slack_factor: 0.1}"
            diagnostics.error(message, at: section.position)
            return nil
        }
        if isFactorGiven, isAmountGiven {
            guard let factor, let amount else { return nil }
            if factor > 0, amount > 0, let position = section.node("slack_amount")?.position {
                diagnostics.error("bandit takes slack_factor or slack_amount, not both; remove one", at: position)
                return nil
            }
            return amount > 0 ? .amount(amount) : .factor(factor)
        }
        return factor.map { .factor($0) } ?? amount.map { .amount($0) }
    }

    private func notNegative(_ key: String, _ advice: String) -> Double? {
        guard let number = section.number(key), let position = section.node(key)?.position else { return nil }
        if PolicySpecification.slacks.contains(number) { return number }
        let message = "\(section.full(key)) must be a number from 0, not the number \(Self.text(number))"
        diagnostics.error("\(message); \(advice)", at: position)
        return nil
    }

    /// A number between bounds; `nil` when it is absent or wrong, which has been reported.
    private func number(_ key: String, _ range: ClosedRange<Double>) -> Double? {
        guard let number = section.number(key), let position = section.node(key)?.position else { return nil }
        if range.contains(number) { return number }
        let (low, high, shown) = (Self.text(range.lowerBound), Self.text(range.upperBound), Self.text(number))
        let message = "\(section.full(key)) must be a number from \(low) to \(high), not the number \(shown)"
        diagnostics.error(message, at: position)
        return nil
    }

    private static func text(_ number: Double) -> String { ParameterValue.double(number).json }

    private var median: PolicySpecification.MedianSettings {
        var settings = PolicySpecification.MedianSettings()
        if let count = section.wholeNumber("min_trials") { settings.leastTrials = count }
        if let count = section.wholeNumber("patience") { settings.patience = count }
        if let share = number("percentile", PolicySpecification.MedianSettings.percentiles) {
            settings.percentile = share
        }
        return settings
    }

    private var halving: PolicySpecification.HalvingSettings {
        var settings = PolicySpecification.HalvingSettings()
        if let factor = section.wholeNumber("reduction_factor") { settings.reductionFactor = factor }
        if let rung = section.wholeNumber("min_resource") { settings.firstRung = rung }
        if let count = section.wholeNumber("brackets") { settings.brackets = count }
        settings.largestInterval = section.wholeNumber("max_resource")
        if let largest = settings.largestInterval, largest <= settings.firstRung,
            let position = section.node("max_resource")?.position
        {
            let message =
                "asha.max_resource (\(largest)) must be above min_resource (\(settings.firstRung)): there would be no rung"
            diagnostics.error(message, at: position)
        }
        return settings
    }

    private func threshold() -> PolicySpecification.Rule? {
        let (lower, upper) = (section.number("lower"), section.number("upper"))
        guard section.node("lower") != nil || section.node("upper") != nil else {
            let message =
                "threshold needs lower or upper; write what is still good, such as {type: threshold, lower: 0.1}"
            diagnostics.error(message, at: section.position)
            return nil
        }
        if let lower, let upper, lower > upper, let position = section.node("upper")?.position {
            diagnostics.error("threshold.upper must not be below threshold.lower: every trial would stop", at: position)
            return nil
        }
        return .threshold(lower: lower, upper: upper)
    }
}
