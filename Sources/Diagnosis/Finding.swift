/// What one check found.
public struct Finding: Sendable, Hashable {
    /// What a check is about; `store` decides the exit status of its own.
    public enum Area: String, Sendable, Hashable, CaseIterable {
        case machine, store, workers, experiments, file
    }

    /// How good or bad it is.
    public enum Level: String, Sendable, Hashable, CaseIterable {
        /// As it should be.
        case ok
        /// There was nothing to check, which is no fault.
        case skip
        /// Things work, but not as well as they could, or will stop working.
        case warn
        /// Trials or commands fail because of it.
        case fail
    }

    /// What it is about.
    public var area: Area
    /// Which check of the area it is: a word that never changes.
    public var name: String
    /// How good or bad it is.
    public var level: Level
    /// What was found.
    public var detail: String
    /// What to do: a command where one exists; `nil` when nothing is to be done.
    public var remedy: String?

    /// A finding; control characters in its texts, which may come from outside, are replaced, and long texts cut.
    public init(_ area: Area, _ name: String, _ level: Level, _ detail: String, remedy: String? = nil) {
        self.area = area
        self.name = name
        self.level = level
        self.detail = ForeignText.printable(detail)
        self.remedy = remedy.map { ForeignText.printable($0) }
    }

    /// `machine.disk`: its name in the output of `doctor`.
    public var fullName: String { "\(area.rawValue).\(name)" }
}
