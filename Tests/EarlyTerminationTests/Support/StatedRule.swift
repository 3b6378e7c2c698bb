import EarlyTermination
import ExperimentModel

/// The rules of the policies, said once more: everything is worked out anew for each report, from all reports before it.
struct StatedRule {
    var objective: Objective
    /// The newest attempt of each trial, with its reports.
    var trials: [Int: (attempt: Int, values: [Double])] = [:]
    /// Whether a trial was worse, at each of its evaluations by the median; newest last.
    var verdicts: [Int: [Bool]] = [:]

    /// Whether the policy wants to stop the trial of the newest report.
    mutating func wantsStop(_ policy: PolicySpecification, trial: Int) -> Bool {
        let values = trials[trial]?.values ?? []
        let n = values.count
        if case .asha(let settings) = policy.rule { return ashaWantsStop(settings, policy, trial: trial) }
        guard n >= policy.delayEvaluation, n % policy.evaluationInterval == 0 else { return false }
        let there = trials.values.map(\.values).filter { $0.count >= n }.map { Array($0.prefix(n)) }
        let own = best(values)
        switch policy.rule {
        case .bandit(let slack):
            // The best of all.
            guard let top = there.compactMap({ best($0) }).reduce(nil, { better($0, $1) }) else { return false }
            guard let own else { return true }
            switch (slack, objective.goal) {
            case (.factor(let factor), .maximize):
                return own < (top > 0 ? top / (1 + factor) : top - factor * abs(top))
            case (.factor(let factor), .minimize):
                return own > (top > 0 ? top * (1 + factor) : top + factor * abs(top))
            case (.amount(let amount), .maximize): return own < top - amount
            case (.amount(let amount), .minimize): return own > top + amount
            }
        case .medianStopping(let settings):
            let isWorse =
                there.count >= settings.leastTrials && isWorse(own, thanPercentile: settings.percentile, of: there)
            verdicts[trial, default: []].append(isWorse)
            let newest = verdicts[trial, default: []].suffix(settings.patience)
            return newest.count == settings.patience && newest.allSatisfy { $0 }
        case .truncationSelection(let percentage, _):
            // Those that are as bad or worse, itself included, all fall into the share to stop.
            let asBad = there.filter { !isBetter(best($0), than: own) }.count
            return asBad <= percentage * there.count / 100
        case .threshold(let lower, let upper):
            let newest = values[n - 1]
            return newest.isNaN || lower.map { newest < $0 } ?? false || upper.map { newest > $0 } ?? false
        case .notFinite: return values[n - 1].isNaN || values[n - 1].isInfinite
        case .asha, .decayCurve: return false
        }
    }

    private func ashaWantsStop(
        _ settings: PolicySpecification.HalvingSettings,
        _ policy: PolicySpecification,
        trial: Int
    ) -> Bool {
        let dealer = SuccessiveHalvingPolicy(settings, specification: policy)
        let bracket = dealer.bracket(ofTrial: trial)
        let n = trials[trial]?.values.count ?? 0
        var rungs: [Int] = []
        var rung = settings.firstRung
        for index in 0..<20 {
            if index >= bracket { rungs.append(rung) }
            rung *= settings.reductionFactor
        }
        guard rungs.contains(n), n >= policy.delayEvaluation, n < settings.largestInterval ?? 1_000_000 else {
            return false
        }
        let rivals = trials.filter { dealer.bracket(ofTrial: $0.key) == bracket && $0.value.values.count >= n }
        let own = best(Array((trials[trial]?.values ?? []).prefix(n)))
        let ahead = rivals.values.filter { isBetter(best(Array($0.values.prefix(n))), than: own) }.count
        return rivals.count >= settings.reductionFactor && ahead >= rivals.count / settings.reductionFactor
    }

    private func isWorse(_ own: Double?, thanPercentile percentile: Double, of curves: [[Double]]) -> Bool {
        let means = curves.map { values -> Double? in
            let finite = values.filter(\.isFinite)
            return finite.isEmpty ? nil : finite.reduce(0, +) / Double(finite.count)
        }.sorted { isBetter($1, than: $0) }
        let place = percentile / 100 * Double(means.count - 1)
        let rank = Int(place)
        guard Double(rank) != place, let low = means[rank], let high = means[rank + 1], low != high else {
            return isBetter(means[rank], than: own)
        }
        let share = place - Double(rank)
        return isBetter(low * (1 - share) + high * share, than: own)
    }

    private func best(_ values: [Double]) -> Double? {
        let finite = values.filter(\.isFinite)
        return objective.goal == .maximize ? finite.max() : finite.min()
    }

    private func better(_ left: Double?, _ right: Double) -> Double {
        guard let left else { return right }
        return isBetter(right, than: left) ? right : left
    }

    /// Whether a value beats another one; something finite beats nothing.
    private func isBetter(_ value: Double?, than other: Double?) -> Bool {
        guard let value else { return false }
        guard let other else { return true }
        return objective.goal == .maximize ? value > other : value < other
    }
}

extension StatedRule {
    /// The decisions that the rules give: the first policy of the list that wants a stop, once for each attempt.
    static func decisions(
        _ policies: [PolicySpecification],
        _ objective: Objective,
        on reports: [ObjectiveReport]
    ) -> [Decision] {
        // One for each policy: verdicts are the policy's own.
        var rules = policies.map { _ in StatedRule(objective: objective) }
        var stopped: [Int: Int] = [:]
        var decisions: [Decision] = []
        for (index, report) in reports.enumerated() {
            var wishes: [PolicySpecification.Kind] = []
            for (place, policy) in policies.enumerated() {
                let present = rules[place].trials[report.trial] ?? (report.attempt, [])
                let isNewer = report.attempt > present.attempt
                if isNewer { rules[place].verdicts[report.trial] = nil }
                rules[place].trials[report.trial] = (report.attempt, (isNewer ? [] : present.values) + [report.value])
                if rules[place].wantsStop(policy, trial: report.trial) { wishes.append(policy.kind) }
            }
            guard let first = wishes.first, stopped[report.trial] != report.attempt else { continue }
            stopped[report.trial] = report.attempt
            decisions.append(
                Decision(
                    report: index,
                    trial: report.trial,
                    attempt: report.attempt,
                    interval: report.interval,
                    policy: first
                )
            )
        }
        return decisions
    }
}
