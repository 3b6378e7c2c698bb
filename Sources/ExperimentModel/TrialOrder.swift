/// What a leader tells the worker that holds a trial, the strongest last: a stronger order replaces a weaker one, never the
/// other way round.
public enum TrialOrder: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Give it back without charge, for another attempt elsewhere.
    case drain
    /// Stop it early: it ends with the last finite objective that it reported.
    case stop
    /// Stop it; it ends as cancelled.
    case cancel

    /// Orders that this one replaces.
    public var weaker: [TrialOrder] { Self.allCases.filter { $0 < self } }

    /// By strength.
    public static func < (left: TrialOrder, right: TrialOrder) -> Bool { left.strength < right.strength }

    private var strength: Int {
        switch self {
        case .drain: 0
        case .stop: 1
        case .cancel: 2
        }
    }
}
