import ExperimentModel
import SearchSpace

extension DefinitionReader {
    /// Names that a metric cannot have, since a report uses them for something else.
    static let reservedMetrics: Set<String> = ["step"]
    /// Which of a trial's reports is its value, unless the file says otherwise.
    static let defaultValueRule = Objective.ValueRule.last

    func readObjective(_ file: SectionReader) -> (objective: Objective, goalValue: Double?)? {
        let advice = "write what to optimise, such as objective: {metric: accuracy, goal: maximize}"
        guard let node = file.required("objective", advice) else { return nil }
        guard let mapping = file.mapping("objective") else { return nil }
        let section = SectionReader(
            mapping.entries,
            .objective,
            position: node.position,
            diagnostics: diagnostics
        )
        let metric = section.required("metric", "write the name of the metric")
            .flatMap { readMetric(section, $0, "metric") }
        let goal = section.required("goal", "write minimize or maximize").flatMap { readGoal(section, $0) }
        let rule = readValueRule(section)
        let goalValue = section.number("goal_value")
        guard let metric, let goal else { return nil }
        return (Objective(metric: metric, goal: goal, valueRule: rule), goalValue)
    }

    private func readValueRule(_ section: SectionReader) -> Objective.ValueRule {
        guard let text = section.text("value"), let position = section.node("value")?.position else {
            return Self.defaultValueRule
        }
        if let rule = Objective.ValueRule(rawValue: text) { return rule }
        let advice = suggestionText(for: text, among: Objective.ValueRule.allCases.map(\.rawValue))
        diagnostics.error("objective.value must be last or best, not \(shown(text))\(advice)", at: position)
        return Self.defaultValueRule
    }

    func readMetric(_ section: SectionReader, _ node: FileNode, _ key: String) -> String? {
        guard let metric = section.text(of: node, key) else { return nil }
        if let reason = Self.reasonAgainst(metric: metric) {
            diagnostics.error("the metric name \(shown(metric)) \(reason)", at: node.position)
            return nil
        }
        return metric
    }

    /// Why a metric cannot have a name; `nil` when it can.
    static func reasonAgainst(metric: String) -> String? {
        if metric.isEmpty { return "is empty" }
        if reservedMetrics.contains(metric) {
            return "is reserved: in a report it is the number of the step; choose another name"
        }
        if metric.unicodeScalars.count > maximumNameLength { return "is longer than \(maximumNameLength) characters" }
        let hasControl = metric.unicodeScalars.contains { $0.properties.generalCategory == .control }
        return hasControl ? "contains a control character" : nil
    }

    private func readGoal(_ section: SectionReader, _ node: FileNode) -> Objective.Goal? {
        guard let text = section.text(of: node, "goal") else { return nil }
        if let goal = Objective.Goal(rawValue: text) { return goal }
        diagnostics.error(Self.message(forGoal: text), at: node.position)
        return nil
    }

    /// What is wrong with a goal that is none.
    static func message(forGoal text: String) -> String {
        let spoken = ["min": "minimize", "max": "maximize", "minimise": "minimize", "maximise": "maximize"]
        let known = Objective.Goal.allCases.map(\.rawValue)
        let nearest = spoken[text.lowercased()] ?? nearestName(to: text, among: known)
        let advice = nearest.map { "; did you mean \"\($0)\"?" } ?? ""
        return "the goal must be minimize or maximize, not \(shown(text))\(advice)"
    }

    func readLimits(_ file: SectionReader) -> Limits? {
        let advice = "give the experiment an end, such as limits: {max_trials: 50}"
        guard let node = file.required("limits", advice), let mapping = file.mapping("limits") else { return nil }
        let section = SectionReader(
            mapping.entries,
            .limits,
            position: node.position,
            diagnostics: diagnostics
        )
        if section.node("max_trials") == nil, section.node("max_duration") == nil {
            let message = "one of limits.max_trials and limits.max_duration is needed; \(advice)"
            // Options have no lines, and one of them is what has to be added.
            let isFile = node.position.line != nil
            diagnostics.error(isFile ? message : "the experiment needs an end: add one of them", at: node.position)
        }
        return Limits(
            maxTrials: section.wholeNumber("max_trials"),
            maxConcurrentTrials: section.wholeNumber("max_concurrent_trials"),
            maxDurationSeconds: section.seconds("max_duration"),
            trialTimeoutSeconds: section.seconds("trial_timeout"),
            maxFailedTrials: section.wholeNumber("max_failed_trials")
        )
    }

    func readRetries(_ file: SectionReader) -> RetryLimits {
        var retries = RetryLimits(firstDelaySeconds: readRetryDelay(file))
        guard let mapping = file.mapping("retries") else { return retries }
        let causes = RetryLimits.retryableCauses
        let section = SectionReader(
            mapping.entries,
            .retries,
            position: mapping.position,
            diagnostics: diagnostics
        )
        for cause in causes {
            if let number = section.wholeNumber(cause.rawValue) {
                retries.charges[cause] = number
            }
        }
        return retries
    }

    private func readRetryDelay(_ file: SectionReader) -> Double? {
        guard let seconds = file.seconds("retry_delay", orZero: true) else { return nil }
        let longest = RetryLimits.longestDelay.inSeconds
        if seconds > longest, let position = file.node("retry_delay")?.position {
            let message = "retry_delay must be at most \(Int(longest)) seconds, which is the longest wait for a repeat"
            diagnostics.error(message, at: position)
        }
        return seconds
    }
}
