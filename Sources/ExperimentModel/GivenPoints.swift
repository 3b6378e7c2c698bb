public import SearchSpace

/// A point that a person added to a stored experiment.
public struct EnqueuedPoint: Sendable, Hashable {
    /// Made by the client that adds the point, so that adding it can be repeated.
    public var id: String
    /// The values that are given. Labels that are missing are drawn when the trial is made.
    public var values: Suggestion

    /// A point to try.
    public init(id: String, values: Suggestion) {
        self.id = id
        self.values = values
    }
}

/// Where the assignment of a trial comes from.
public enum TrialOrigin: Sendable, Hashable {
    /// The experiment's sampler.
    case sampler
    /// The point at this index of the definition's `initial`.
    case initial(Int)
    /// The enqueued point with this id.
    case enqueued(String)
}

extension TrialOrigin {
    /// The stored form: `sampler`, `initial:0`, `enqueued:ID`.
    public var text: String {
        switch self {
        case .sampler: "sampler"
        case .initial(let index): "initial:\(index)"
        case .enqueued(let id): "enqueued:\(id)"
        }
    }

    /// Reads the stored form; `nil` for anything else.
    public init?(text: String) {
        if text == "sampler" {
            self = .sampler
        } else if text.hasPrefix("initial:"), let index = Int(text.dropFirst("initial:".count)), index >= 0 {
            self = .initial(index)
        } else if text.hasPrefix("enqueued:") {
            self = .enqueued(String(text.dropFirst("enqueued:".count)))
        } else {
            return nil
        }
    }
}
