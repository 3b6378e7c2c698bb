import ExperimentModel
import Foundation
import Testing

@testable import Execution

@Suite("What engines say")
struct EngineAnswersTests {
    @Test("podman's info is read")
    func podmanInfo() throws {
        let said = """
            {"host": {"security": {"rootless": true}, "cgroupVersion": "v2", "cgroupControllers": ["cpu", "pids"],
             "arch": "amd64"}, "version": {"Version": "4.3.1"}}
            """
        let facts = try #require(EngineFacts(.podman, said))
        #expect(facts.version == "4.3.1" && facts.isRootless && facts.cgroupVersion == "v2")
        #expect(facts.limitsMemory == false && facts.limitsProcessors == true)
    }

    @Test("Docker's info is read, and one without a server is none")
    func dockerInfo() throws {
        let said = """
            {"ServerVersion": "28.2.2", "SecurityOptions": ["name=seccomp,profile=builtin", "name=rootless"],
             "CgroupVersion": "2", "MemoryLimit": true, "CpuCfsQuota": false}
            """
        let facts = try #require(EngineFacts(.docker, said))
        #expect(facts.version == "28.2.2" && facts.isRootless && facts.cgroupVersion == "v2")
        #expect(facts.limitsMemory == true && facts.limitsProcessors == false)
        #expect(EngineFacts(.docker, #"{"ServerVersion": "", "ServerErrors": ["no daemon"]}"#) == nil)
        #expect(EngineFacts(.docker, "Cannot connect") == nil && EngineFacts(.podman, "{}") == nil)
    }

    @Test("a container's state is read in the words of both engines")
    func inspect() throws {
        let said = """
            [{"Id": "00ff", "Name": "/hyper-es1-1-1-0", "State": {"Status": "exited", "Running": false, "ExitCode": 137,
              "OOMKilled": true, "Error": ""}, "Config": {"Labels": {"hyper.host": "h"}}},
             {"Id": "11", "Name": "x", "State": {"Status": "created", "Running": false, "ExitCode": 0}, "Config": {"Labels": null}}]
            """
        let states = try #require(ContainerState.read(said))
        #expect(states.map(\.name) == ["hyper-es1-1-1-0", "x"])
        #expect(states[0].hasStarted && states[0].isOutOfMemory && states[0].exitStatus == 137)
        #expect(!states[1].hasStarted && states[0].labels == ["hyper.host": "h"])
        #expect(ContainerState.read("Error: no such container") == nil)
    }

    @Test("a complaint becomes one line of a message, without control characters and not too long")
    func words() {
        #expect(EngineError.words("a\n\nb\u{1B}[31m\nc\nd\n") == "b\u{FFFD}[31m / c / d")
        #expect(EngineError.words("time=\"2026\" level=error msg=x\nError: no cgroup\n") == "Error: no cgroup")
        #expect(EngineError.words(" \n") == "it said nothing")
        #expect(EngineError.words(String(repeating: "x", count: 5000)).count == EngineError.wordCharacters)
    }

    @Test("registries are told from parts of names, as engines do")
    func registries() throws {
        #expect(RegistryCredentials.registries(of: "ghcr.io/lab/train:1") == ["ghcr.io"])
        #expect(RegistryCredentials.registries(of: "localhost:5000/train") == ["localhost:5000"])
        #expect(RegistryCredentials.registries(of: "localhost/train") == ["localhost"])
        for image in ["python:3.12", "lab/train", "docker.io/lab/train"] {
            #expect(RegistryCredentials.registries(of: image).contains("docker.io"))
        }
        let file = try RegistryCredentials.file("me:p\"w", for: "ghcr.io/a/b")
        #expect(file.contains("bWU6cCJ3") && file.contains("ghcr.io") && !file.contains("p\""))
    }

    @Test("an image is built anew for another content, another Dockerfile and another directory of a commit")
    func tags() throws {
        func tag(_ dockerfile: String, _ hash: Character) throws -> String {
            let content = WorkspaceSpecification.Content.snapshot(
                hash: String(repeating: hash, count: 64),
                files: 1,
                bytes: 1
            )
            return try ImageSupply.tag(of: dockerfile, WorkspaceSpecification(source: .path("/w"), content: content))
        }
        func tag(subdirectory: String?) throws -> String {
            let source = WorkspaceSpecification.Source.git(url: "https://g", reference: nil, subdirectory: subdirectory)
            return try ImageSupply.tag(of: "D", WorkspaceSpecification(source: source, content: .commit("abc")))
        }
        let tags = [
            try tag("D", "a"), try tag("D", "b"), try tag("E", "a"), try tag(subdirectory: nil),
            try tag(subdirectory: "x"),
        ]
        #expect(Set(tags).count == tags.count && tags.allSatisfy { $0.hasPrefix("localhost/hyper-build:") })
        // Engines take no longer ones.
        #expect(tags.allSatisfy { $0.count - "localhost/hyper-build:".count <= 128 })
        #expect(throws: EngineError.noContent(dockerfile: "D")) {
            try ImageSupply.tag(of: "D", WorkspaceSpecification(source: .path("/w")))
        }
    }
}
