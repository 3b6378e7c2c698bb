public import ExperimentModel
import SearchSpace

/// Changes of an experiment's limits as a person writes them: `max_trials=+50`, `max_duration=2h`, `goal_value=none`.
public struct LimitsEdit: Sendable, Hashable {
    /// The limits that can be changed.
    public static let keys = KeyTable.live.map(\.name)

    private enum Amount: Hashable {
        case none
        /// To exactly this.
        case to(Double)
        /// By this, from what it is now.
        case by(Double)
        case truth(Bool)
    }

    private struct Change: Hashable {
        var key: String
        var amount: Amount
        var source: String
    }

    private var changes: [Change] = []

    /// Reads changes, each `KEY=VALUE`.
    ///
    /// A value is a number, a duration, `true` or `false`, `none` to lift the limit, or `+` or `-` and an amount to
    /// change it by. A goal value is always absolute, so that it can be negative.
    /// - Throws: all mistakes at once.
    public init(_ texts: [String]) throws(ExperimentFileErrors) {
        let diagnostics = DiagnosticCollector()
        if texts.isEmpty {
            let message =
                "give at least one KEY=VALUE, such as max_trials=+50; keys: \(Self.keys.joined(separator: ", "))"
            diagnostics.error(message, at: SourcePosition(source: "set"))
        }
        for text in texts {
            let position = SourcePosition(source: "'\(cut(text))'")
            guard let sign = text.firstIndex(of: "=") else {
                diagnostics.error("write a key, \"=\" and a value, such as max_trials=+50", at: position)
                continue
            }
            let key = String(text[..<sign])
            guard Self.keys.contains(key) else {
                let known = Self.keys.joined(separator: ", ")
                let advice = suggestionText(for: key, among: Self.keys)
                let rest = advice.isEmpty ? "; what can be set: \(known)" : advice
                diagnostics.error("there is no limit \(shown(key))\(rest)", at: position)
                continue
            }
            guard !changes.contains(where: { $0.key == key }) else {
                diagnostics.error("\(key) is there twice", at: position)
                continue
            }
            do {
                let amount = try Self.amount(of: String(text[text.index(after: sign)...]), for: key)
                changes.append(Change(key: key, amount: amount, source: position.source))
            } catch {
                diagnostics.error(error.reason, at: position)
            }
        }
        if diagnostics.hasErrors { throw ExperimentFileErrors(diagnostics: diagnostics.diagnostics) }
    }

    /// The limits with the changes made.
    /// - Throws: all mistakes at once: what cannot be added to, or lies outside its range.
    public func applied(to limits: Limits) throws(ExperimentFileErrors) -> Limits {
        let diagnostics = DiagnosticCollector()
        var result = limits
        for change in changes {
            do {
                try Self.make(change, in: &result)
            } catch {
                diagnostics.error(error.reason, at: SourcePosition(source: change.source))
            }
        }
        if !diagnostics.hasErrors, result.maxTrials == nil, result.maxDurationSeconds == nil {
            let message = "one of max_trials and max_duration must stay, or the experiment never ends"
            diagnostics.error(message, at: SourcePosition(source: "set"))
        }
        if diagnostics.hasErrors { throw ExperimentFileErrors(diagnostics: diagnostics.diagnostics) }
        return result
    }

    private struct Mistake: Error { var reason: String }

    private static func amount(of text: String, for key: String) throws(Mistake) -> Amount {
        if text == "none", key != "fail_fast" { return .none }
        switch key {
        case "fail_fast":
            guard text == "true" || text == "false" else {
                throw Mistake(reason: "fail_fast must be true or false, not \(shown(text))")
            }
            return .truth(text == "true")
        case "goal_value":
            guard let number = number(text) else {
                throw Mistake(reason: "goal_value must be a number or none, not \(shown(text))")
            }
            return .to(number)
        default: break
        }
        let isRelative = text.hasPrefix("+") || text.hasPrefix("-")
        let body = isRelative ? String(text.dropFirst()) : text
        let isDuration = key == "max_duration" || key == "trial_timeout"
        guard let number = isDuration ? DurationText.seconds(body) : wholeNumber(body) else {
            let what = isDuration ? "a duration such as 30m" : "a whole number"
            throw Mistake(reason: "\(key) must be \(what), +\(what.dropFirst(2)) to add, or none, not \(shown(text))")
        }
        return isRelative ? .by(text.hasPrefix("-") ? -number : number) : .to(number)
    }

    private static func number(_ text: String) -> Double? {
        switch StrictScalar.number(text.hasPrefix("+") ? String(text.dropFirst()) : text) {
        case .integer(let whole): Double(whole)
        case .double(let number): number
        default: nil
        }
    }

    private static func wholeNumber(_ text: String) -> Double? {
        guard !text.hasPrefix("-"), case .integer(let whole) = StrictScalar.number(text) else { return nil }
        return Double(whole)
    }

    private static func make(_ change: Change, in limits: inout Limits) throws(Mistake) {
        switch change.key {
        case "max_trials": limits.maxTrials = try count(change, from: limits.maxTrials)
        case "max_concurrent_trials": limits.maxConcurrentTrials = try count(change, from: limits.maxConcurrentTrials)
        case "max_failed_trials": limits.maxFailedTrials = try count(change, from: limits.maxFailedTrials)
        case "max_duration": limits.maxDurationSeconds = try seconds(change, from: limits.maxDurationSeconds)
        case "trial_timeout": limits.trialTimeoutSeconds = try seconds(change, from: limits.trialTimeoutSeconds)
        case "goal_value": limits.goalValue = try value(change, from: limits.goalValue)
        default: if case .truth(let isOn) = change.amount { limits.isFailFast = isOn }
        }
    }

    private static func value(_ change: Change, from current: Double?) throws(Mistake) -> Double? {
        switch change.amount {
        case .none, .truth: return nil
        case .to(let number): return number
        case .by(let step):
            guard let current else {
                let reason = "\(change.key) has no value to change; write \(change.key)=NUMBER"
                throw Mistake(reason: reason)
            }
            return current + step
        }
    }

    private static func count(_ change: Change, from current: Int?) throws(Mistake) -> Int? {
        guard let number = try value(change, from: current.map(Double.init)) else { return nil }
        let allowed = KeyTable.limits.range(of: change.key)
        guard let count = Int(exactly: number), allowed.contains(count) else {
            let reason =
                "\(change.key) would be \(number.formattedWhole); it must be from \(allowed.lowerBound) to \(allowed.upperBound)"
            throw Mistake(reason: reason)
        }
        return count
    }

    private static func seconds(_ change: Change, from current: Double?) throws(Mistake) -> Double? {
        guard let number = try value(change, from: current) else { return nil }
        guard number > 0, number <= DurationText.maximumSeconds else {
            throw Mistake(
                reason: "\(change.key) would be \(number.formattedWhole) seconds; it must be above 0, up to ten years"
            )
        }
        return number
    }
}

extension Double {
    /// Without a point when it is whole.
    fileprivate var formattedWhole: String { ParameterValue.double(self).valueText ?? "\(self)" }
}
