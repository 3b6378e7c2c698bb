import Testing

@Suite("hyperserver validate")
struct ValidateTests {
    private static let file = """
        name: digits
        description: Which classifier reads handwriting best?
        command: [python3, train.py]
        search_space:
          C: hp.loguniform('C', -4, 6)
          kernel: [rbf, poly, null]
          degree: {type: int, min: 2, max: 5, when: {kernel: poly}}
          width: hp.quniform('w', 1, 10, 4)
        objective: {metric: accuracy, goal: maximize, goal_value: 0.99}
        sampler: {type: random, seed: 7}
        limits: {max_trials: 50, max_duration: 30m}
        initial: [{C: 1, kernel: rbf, width: 4}]
        store_outage_limit: 20m
        early_termination: {any_of: [{type: bandit, slack_factor: 0.1, delay_evaluation: 5}, not_finite]}
        """

    @Test("prints what a file means, with the command as trial 1 would see it, and stores nothing")
    func summary() async throws {
        try await Sandbox.use { sandbox in
            try sandbox.file("digits.yaml", Self.file)
            let program = try await sandbox.client("validate", "digits.yaml")
            #expect(program.ending == .exited(0), "\(program.story)")
            for text in [
                "experiment digits", "maximize accuracy", "random, seed 7", "4 parameters, infinitely many points",
                "loguniform", "max_trials = 50", "max_duration = 30m", "goal_value = 0.99", "runs on for 20m",
                "1 point is tried first",
                "stopping   bandit stops a trial whose highest accuracy times 1.1 is still below",
                "at the same report; not before report 5\n           not_finite stops",
                "python3 train.py --C=1 --kernel=rbf --width=4",
            ] {
                #expect(program.output.contains(text), "no \"\(text)\" in\n\(program.output)")
            }
            let list = try await sandbox.client("list", "--json")
            #expect(list.output == "{\"experiments\":[]}\n")
        }
    }

    @Test("the normalised experiment is a file that means the same")
    func normalised() async throws {
        try await Sandbox.use { sandbox in
            try sandbox.file("digits.yaml", Self.file)
            let first = try await sandbox.client("validate", "digits.yaml", "--json")
            try sandbox.file("normalised.json", first.output)
            let second = try await sandbox.client("validate", "normalised.json", "--json")
            #expect(second.ending == .exited(0), "\(second.story)")
            #expect(second.output == first.output)
            #expect(first.output.contains("\"search_space\""))
        }
    }

    @Test("a finite space has a size; a grid of an infinite one is a mistake at its place")
    func sizes() async throws {
        try await Sandbox.use { sandbox in
            let text = """
                command: [sh, train.sh]
                search_space: {batch: [16, 32], lr: [1, 2, 3]}
                objective: {metric: loss, goal: minimize}
                sampler: grid
                limits: {max_trials: 50}
                """
            try sandbox.file("grid.yaml", text)
            let fine = try await sandbox.client("validate", "grid.yaml")
            #expect(fine.output.contains("2 parameters, 6 points"), "\(fine.story)")
            try sandbox.file("bad.yaml", text.replacing("lr: [1, 2, 3]", with: "lr: 'uniform(0, 1)'"))
            let bad = try await sandbox.client("validate", "bad.yaml")
            #expect(bad.ending == .exited(64), "\(bad.story)")
            #expect(bad.errors.contains("bad.yaml:4:10: error:") && bad.errors.contains("lr"), "\(bad.story)")
        }
    }
}
