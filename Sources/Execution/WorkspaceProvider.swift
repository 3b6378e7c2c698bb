public import ExperimentModel

/// Brings the files of workspaces to this machine, once for all attempts.
public protocol WorkspaceProvider: Sendable {
    /// Makes sure that the files of a workspace are on this machine; may wait for the network, and ends when its task is
    /// cancelled.
    ///
    /// - Throws: an ``AttemptTrouble`` that says whether another worker may fare better.
    func prepare(_ workspace: WorkspaceSpecification) async throws -> any PreparedWorkspace
}

/// Files of a workspace that are on this machine.
public protocol PreparedWorkspace: Sendable {
    /// Fills a directory, which exists and is empty, with a copy of the files. Blocks.
    func unpack(into directory: String) throws
}

/// An error that kept an attempt from being started.
public protocol AttemptTrouble: Error {
    /// Whether this machine, not the trial, is what has to change: another worker may well run it.
    var isTroubleOfMachine: Bool { get }
}
