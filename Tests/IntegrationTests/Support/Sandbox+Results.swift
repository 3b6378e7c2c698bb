import Foundation
import Testing

/// Reading back what is stored, through the program's own commands.
extension Sandbox {
    /// The trials of an experiment by number.
    func trials(_ id: String = "last") async throws -> [TrialRecord] {
        try await decode(TrialList.self, "trials", id).trials.sorted { $0.trial < $1.trial }
    }

    func status(_ id: String = "last") async throws -> ExperimentRecord {
        try await decode(ExperimentRecord.self, "status", id)
    }

    func experiments() async throws -> [ExperimentRecord] {
        let program = try await client("list", "--json")
        return try Self.decode(ExperimentList.self, program).experiments
    }

    /// The id that `create` prints.
    func create(_ file: String) async throws -> String {
        let program = try await client("create", file)
        guard program.ending == .exited(0) else { throw IntegrationFailure(program.story) }
        return program.output.trimmingCharacters(in: .newlines)
    }

    private func decode<T: Decodable>(_ type: T.Type, _ command: String, _ id: String) async throws -> T {
        try Self.decode(type, try await client(command, id, "--json"))
    }

    static func decode<T: Decodable>(_ type: T.Type, _ program: RunningProgram) throws -> T {
        guard program.ending == .exited(0) else { throw IntegrationFailure(program.story) }
        return try JSONDecoder().decode(type, from: Data(program.output.utf8))
    }

    /// Address, password and process of the store.
    func endpoint() throws -> EndpointRecord {
        let data = try Data(contentsOf: URL(fileURLWithPath: dataDirectory + "/endpoint.json"))
        return try JSONDecoder().decode(EndpointRecord.self, from: data)
    }

    /// What must hold for every finished experiment, whatever happened meanwhile.
    func expectEachTrialDoneOnce(
        _ trials: [TrialRecord],
        count: Int,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(trials.map(\.trial) == Array(1...count), sourceLocation: sourceLocation)
        for trial in trials {
            #expect(trial.state == "done", "trial \(trial.trial)", sourceLocation: sourceLocation)
            let accepted = trial.causes.filter { $0 == "succeeded" }
            #expect(accepted.count == 1, "trial \(trial.trial): \(trial.causes)", sourceLocation: sourceLocation)
            #expect(trial.causes.last == "succeeded", "trial \(trial.trial)", sourceLocation: sourceLocation)
            #expect(trial.value == trial.params["x"]?.number, "trial \(trial.trial)", sourceLocation: sourceLocation)
            #expect(
                trial.attempts.map(\.attempt) == Array(1...max(1, trial.attempts.count)),
                sourceLocation: sourceLocation
            )
        }
        let journal = try gate.journal()
        var executions: Set<[Int]> = []
        for entry in journal {
            let isNew = executions.insert([entry.trial, entry.attempt]).inserted
            #expect(isNew, "attempt \(entry.attempt) of trial \(entry.trial) ran twice", sourceLocation: sourceLocation)
        }
        let stored = Set(trials.flatMap { trial in trial.attempts.map { [trial.trial, $0.attempt] } })
        #expect(executions.isSubset(of: stored), sourceLocation: sourceLocation)
        let succeeded = Set(
            trials.flatMap { trial in
                trial.attempts.filter { $0.cause == "succeeded" }.map { [trial.trial, $0.attempt] }
            }
        )
        #expect(succeeded.isSubset(of: executions), sourceLocation: sourceLocation)
    }
}
