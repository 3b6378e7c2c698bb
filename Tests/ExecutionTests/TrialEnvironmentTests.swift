import ExperimentModel
import Testing

@testable import Execution

@Suite("Environment of trials")
struct TrialEnvironmentTests {
    private func variables(
        _ inherited: [String: String],
        own: [String: String] = [:],
        programs: String? = nil
    ) throws -> [String: String] {
        var request = try Lab().request(.arguments(["true"]))
        request.definition.environment = own
        return try TrialEnvironment(inherited: inherited, programDirectory: programs).variables(
            for: request,
            directory: try AttemptDirectory(root: "/w", trial: request.trial, attempt: 1),
            parameters: "{}"
        )
    }

    @Test("what somebody has set for TensorFlow stays, but not what an outer trial was told of itself")
    func tensorFlow() throws {
        #expect(try variables(["TF_CONFIG": "worker"])["TF_CONFIG"] == "worker")
        #expect(try variables([:], own: ["TF_CONFIG": "file"])["TF_CONFIG"] == "file")
        #expect(try variables(["CLOUD_ML_JOB_ID": "mine"])["CLOUD_ML_JOB_ID"] == "mine")
        let nested = try variables(["TF_CONFIG": "outer", "CLOUD_ML_JOB_ID": "outer", "HYPER_TRIAL_ID": "3"])
        #expect(nested["TF_CONFIG"]?.contains(#""trial": "7""#) == true)
        #expect(nested["CLOUD_ML_JOB_ID"] == "es1a2b3c4")
    }

    @Test("our programs are found at the end of PATH, once, and never where there is no PATH")
    func programs() throws {
        #expect(try variables(["PATH": "/usr/bin:/bin"], programs: "/opt/hyper")["PATH"] == "/usr/bin:/bin:/opt/hyper")
        #expect(try variables(["PATH": "/opt/hyper:/bin"], programs: "/opt/hyper")["PATH"] == "/opt/hyper:/bin")
        #expect(try variables(["PATH": "/bin"], programs: "/opt/a:b")["PATH"] == "/bin")
        #expect(try variables([:], programs: "/opt/hyper")["PATH"] == nil)
    }
}
