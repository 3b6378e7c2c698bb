public import ExperimentModel
import Foundation
import SearchSpace

/// Early-termination policies and their decisions as a person reads them, the same wherever they are shown.
public enum PolicyPhrase {
    /// `bandit:slack_factor=0.1 or not_finite`: what `--policy` takes; `nil` without policies.
    public static func short(_ policies: [PolicySpecification]) -> String? {
        policies.isEmpty ? nil : policies.map(\.optionText).joined(separator: " or ")
    }

    /// What a policy stops, as a sentence without its end.
    /// - Parameter metric: the name of the objective as it can be shown.
    public static func sentence(_ policy: PolicySpecification, _ objective: Objective, metric: String) -> String {
        let isMaximised = objective.goal == .maximize
        let (best, worse) = isMaximised ? ("highest", "below") : ("lowest", "above")
        var text = "\(policy.kind.rawValue) stops a trial "
        switch policy.rule {
        case .bandit(.factor(let factor)):
            let side =
                isMaximised ? "times \(number(1 + factor)) is still below" : "is more than \(number(1 + factor)) times"
            text += "whose \(best) \(metric) \(side) the \(best) of all trials at the same report"
        case .bandit(.amount(let amount)):
            text +=
                "whose \(best) \(metric) is more than \(number(amount)) \(worse) the \(best) of all trials at the same report"
        case .medianStopping(let settings):
            let mark = settings.percentile == 50 ? "median" : "percentile \(number(settings.percentile))"
            text += "whose \(best) \(metric) is \(worse) the \(mark) of all trials' averages at the same report"
            if settings.patience > 1 { text += " \(settings.patience) times in a row" }
            if settings.leastTrials > 1 { text += ", once \(settings.leastTrials) trials have come as far" }
        case .truncationSelection(let percentage, let excludesFinished):
            text += "that is among the worst \(percentage) % of those that came as far"
            if excludesFinished { text += " and have not ended" }
        case .asha(let settings):
            text += "that is not among the best 1/\(settings.reductionFactor) at report \(rungs(settings))"
            if settings.brackets > 1 { text += ", in \(settings.brackets) brackets" }
        case .decayCurve(let settings):
            text += "whose \(metric) would be \(worse) the \(best) of all at report \(settings.largestInterval), "
            text += "as its curve goes, with a probability of \(number(settings.confidence))"
        case .threshold(let lower, let upper):
            let bounds = [lower.map { "below \(number($0))" }, upper.map { "above \(number($0))" }]
            text += "that reports \(bounds.compactMap { $0 }.joined(separator: " or "))"
        case .notFinite: text += "that reports NaN or an infinity"
        }
        return text + timing(policy)
    }

    /// `at 5: 0.61 < 0.66`: a decision in few columns.
    public static func short(_ stop: EarlyStop) -> String {
        guard let value = stop.value, let threshold = stop.threshold else {
            return "at \(stop.interval), \(stop.policy.rawValue)"
        }
        let sign = value < threshold ? "<" : value > threshold ? ">" : "="
        return "at \(stop.interval): \(rounded(value)) \(sign) \(rounded(threshold))"
    }

    /// `12 stopped early`; `nil` for none.
    public static func count(_ stopped: Int) -> String? { stopped > 0 ? "\(stopped) stopped early" : nil }

    /// Rungs that are named.
    private static let shownRungs = 4

    private static func rungs(_ settings: PolicySpecification.HalvingSettings) -> String {
        var rungs: [Int] = []
        var (next, hasOverflowed) = (settings.firstRung, false)
        while !hasOverflowed, rungs.count <= shownRungs, next < settings.largestInterval ?? .max {
            rungs.append(next)
            (next, hasOverflowed) = next.multipliedReportingOverflow(by: max(2, settings.reductionFactor))
        }
        let isCut = rungs.count > shownRungs
        return rungs.prefix(shownRungs).map(String.init).joined(separator: ", ") + (isCut ? ", …" : "")
    }

    private static func timing(_ policy: PolicySpecification) -> String {
        var parts: [String] = []
        if policy.evaluationInterval > 1, policy.kind != .asha {
            parts.append("looking at every \(ordinal(policy.evaluationInterval)) report")
        }
        if policy.delayEvaluation > 1 { parts.append("not before report \(policy.delayEvaluation)") }
        return parts.isEmpty ? "" : "; " + parts.joined(separator: ", ")
    }

    private static func ordinal(_ number: Int) -> String {
        let isTeen = (11...13).contains(number % 100)
        let ending = isTeen ? "th" : [1: "st", 2: "nd", 3: "rd"][number % 10] ?? "th"
        return "\(number)\(ending)"
    }

    private static func number(_ value: Double) -> String { ParameterValue.double(value).json }

    /// With the digits that the messages of policies have.
    private static func rounded(_ value: Double) -> String { String(format: "%.4g", value) }
}
