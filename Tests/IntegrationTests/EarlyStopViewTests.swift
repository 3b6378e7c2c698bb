import Testing

@Suite("Stopped trials as people see them")
struct EarlyStopViewTests {
    /// The first trial reports 0.9 three times and ends; the second reports 0.1 twice and would never end.
    private static let file = """
        name: stopping
        command: [sh, train.sh, '{score}']
        search_space: {score: [0.9, 0.1]}
        objective: {metric: accuracy, goal: maximize}
        sampler: grid
        limits: {max_trials: 2}
        early_termination: {type: truncation_selection, truncation_percentage: 50}
        """

    private static let script = """
        echo "accuracy=$1 step=10"
        echo "accuracy=$1 step=20"
        test $1 = 0.1 && exec sleep 3600
        echo "accuracy=$1 step=30"
        """

    @Test("why a trial was stopped, and its curve, are wherever its end is shown")
    func shown() async throws {
        try await Sandbox.use { sandbox in
            try sandbox.file("stopping.yaml", Self.file)
            try sandbox.file("train.sh", Self.script)
            let run = try await sandbox.client(
                "run",
                "stopping.yaml",
                "--workers",
                "1",
                "--policy",
                "bandit:slack_factor=0.1,delay_evaluation=2"
            )
            #expect(run.ending == .exited(0), "\(run.story)")
            #expect(run.output.contains("2 trials: 2 done (1 stopped early)"), "\(run.story)")

            func text(_ command: String, _ arguments: String...) async throws -> String {
                let line = [Sandbox.binaries + "/hyperserver", command, "last"] + arguments
                let program = try await sandbox.finish(try sandbox.start(command: line))
                #expect(program.ending == .exited(0), "\(program.story)")
                return program.output
            }
            let list = try await text("trials", "--curves", "--sort", "cause")
            #expect(list.contains("STOPPED") && list.contains("at 2: 0.1 < 0.8182"), "\(list)")
            let stopped = try await text("trials", "--state", "stopped_early")
            #expect(stopped.contains("stopped_early") && !stopped.contains("succeeded"), "\(stopped)")
            let detail = try await text("trials", "2")
            let message = "stopped at interval 2: best 0.1 below 0.8182, bandit with slack 0.1 of 0.9"
            #expect(detail.contains("why        \(message)"), "\(detail)")
            #expect(detail.contains("0.1 … 0.1, best 0.1 @10, 2 reports"), "\(detail)")
            let json = try await text("trials", "--curves", "--json")
            for part in [
                "\"early_stop\":{\"attempt\":1,\"interval\":2,\"policy\":\"bandit\",\"value\":0.1,\"threshold\":0.81818",
                "\"reports\":3,\"first\":{\"step\":10,\"value\":0.9}", "\"cause\":\"stopped_early\"",
            ] {
                #expect(json.contains(part), "no \(part) in \(json)")
            }
            let status = try await text("status")
            #expect(status.contains("stopping   bandit:slack_factor=0.1,delay_evaluation=2"), "\(status)")
            #expect(status.contains("2 done (1 stopped early), at most 2"), "\(status)")
            let statusJSON = try await text("status", "--json")
            #expect(statusJSON.contains("\"stopped_early\":1"), "\(statusJSON)")
            #expect(try await text("events").contains("is to stop early: \(message)"))
            #expect(try await text("export", "--format", "csv").contains(",2,\"\(message)\","))
            #expect(try await text("export", "--format", "yaml").contains("early_termination: {type: bandit, "))
            #expect(try await text("best").contains("trial 1"))
        }
    }
}
