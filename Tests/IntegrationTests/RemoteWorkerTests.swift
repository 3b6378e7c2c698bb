import Testing

@Suite("Workers on other hosts")
struct RemoteWorkerTests {
    /// A second address of this machine stands for another host: 127.0.0.0/8 is all loopback on Linux.
    private static let otherAddress = "127.0.0.2"

    @Test("a worker with nothing but the printed line reaches the store by its advertised address")
    func advertised() async throws {
        try await Sandbox.use { sandbox in
            let server = try sandbox.server(
                "start",
                "--store-listen",
                Self.otherAddress,
                "--advertise",
                Self.otherAddress
            )
            let line = try await server.waitForLine(containing: "on other nodes:")
            let uri = try #require(line.split(separator: "'").dropFirst().first.map(String.init))
            #expect(uri.contains("@\(Self.otherAddress):"))
            #expect(line.hasSuffix(" hyperworker --count 2"))
            // It has another data directory, which does not exist: the URI is all that it knows.
            let worker = try sandbox.worker(
                "--count",
                "2",
                environment: ["HYPER_MONGO_URI": uri, "HYPER_DATA_DIR": sandbox.directory + "/elsewhere"]
            )
            let id = try await sandbox.create(try sandbox.gatedExperiment(trials: 6))
            try sandbox.gate.open()
            try await server.waitForLine(containing: "is completed")
            let trials = try await sandbox.trials(id)
            try sandbox.expectEachTrialDoneOnce(trials, count: 6)
            #expect(Set(trials.flatMap { $0.attempts.compactMap(\.workerPID) }) == [worker.pid])
        }
    }

    @Test("the store does not answer on another address unless it was asked to")
    func loopbackOnly() async throws {
        try await Sandbox.use { sandbox in
            _ = try await sandbox.service()
            let endpoint = try sandbox.endpoint()
            let uri =
                "mongodb://\(endpoint.user):\(endpoint.password)@\(Self.otherAddress):\(endpoint.port)/"
                + "?directConnection=true&authSource=admin&serverSelectionTimeoutMS=2000"
            let worker = try sandbox.worker("--connect-timeout", "1", environment: ["HYPER_MONGO_URI": uri])
            let end = try await sandbox.finish(worker)
            #expect(end.ending == .exited(69), "\(end.story)")
            #expect(!end.story.contains(endpoint.password))
        }
    }
}
