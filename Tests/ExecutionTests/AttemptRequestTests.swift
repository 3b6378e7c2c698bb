import ExperimentModel
import OrderedCollections
import Testing

@testable import Execution

@Suite("Attempt request")
struct AttemptRequestTests {
    private func request(limits: Limits, _ change: (inout ExperimentDefinition) -> Void) throws -> AttemptRequest {
        var definition = try Lab().request(.arguments(["true"])).definition
        change(&definition)
        return AttemptRequest(
            trial: TrialID(experiment: ExperimentID("es1"), number: 1),
            attempt: 1,
            worker: WorkerID("w"),
            assignment: [:],
            definition: definition,
            limits: limits,
            command: try CommandTemplate(definition)
        )
    }

    @Test("the time-out is that of the current limits, not of the definition")
    func currentLimits() throws {
        let request = try request(limits: Limits(trialTimeoutSeconds: 7)) { $0.limits.trialTimeoutSeconds = 5 }
        #expect(request.timeout == .seconds(7))
        let lifted = try self.request(limits: Limits()) { $0.limits.trialTimeoutSeconds = 5 }
        #expect(lifted.timeout == nil)
    }

    @Test(
        "times outside their bounds become the nearest bound",
        arguments: [
            (-1.0, Duration.zero, Duration.milliseconds(1)), (.infinity, .seconds(3600), .seconds(315_360_000)),
            (.nan, .seconds(3600), .seconds(315_360_000)), (1e300, .seconds(3600), .seconds(315_360_000)),
            (2.5, .seconds(2.5), .seconds(2.5)),
        ]
    )
    func bounds(seconds: Double, grace: Duration, timeout: Duration) throws {
        let request = try request(limits: Limits(trialTimeoutSeconds: seconds)) { $0.graceSeconds = seconds }
        #expect(request.grace == grace)
        #expect(request.timeout == timeout)
    }

    @Test("metrics beyond the limit are left out")
    func metrics() throws {
        let names = (0...AttemptRequest.maximumMetrics).map { "m\($0)" }
        let request = try request(limits: Limits()) { $0.metrics = names }
        #expect(request.metrics == Set(names.dropLast()))
    }
}
