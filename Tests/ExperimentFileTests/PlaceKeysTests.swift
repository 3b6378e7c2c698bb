import ExperimentModel
import Testing

@testable import ExperimentFile

@Suite("Where trials run, in experiment files")
struct PlaceKeysTests {
    private static let frame = Reading.frame + "search_space: {x: [1, 2]}\n"

    private func definition(_ yaml: String) throws -> ExperimentDefinition {
        try Reading.definition(Self.frame + yaml + "\n")
    }

    /// What is said about lines that begin at line 5.
    private static func messages(_ yaml: String) -> [String] {
        Reading.messages(frame + yaml + "\n").map { $0.replacing("search.yaml:", with: "") }
    }

    @Test("every key of a container is read")
    func container() throws {
        let container = try definition(
            """
            environment:
              image: ghcr.io/lab/train:1
              pull: always
              user: "1000:1000"
              mounts: ["/srv/data:/data:ro", ./cache:/cache, {source: models, target: /models}, "/a:/b:rw"]
              env: {A: 1, B: ""}
              network: none
              memory: 4g
              cpus: 1.5
              shm_size: 64MiB
              entrypoint: [/usr/bin/env, -i]
              registry_auth: GHCR
              working_directory: /app
            """
        ).container
        let expected = ContainerSpecification(
            source: .image("ghcr.io/lab/train:1"),
            pull: .always,
            user: "1000:1000",
            mounts: [
                .init(source: "/srv/data", target: "/data", isReadOnly: true),
                .init(source: "/home/user/digits/cache", target: "/cache"), .init(source: "models", target: "/models"),
                .init(source: "/a", target: "/b"),
            ],
            variables: ["A": "1", "B": ""],
            network: "none",
            memoryBytes: 4 << 30,
            cpus: 1.5,
            sharedMemoryBytes: 64 << 20,
            entrypoint: ["/usr/bin/env", "-i"],
            registryAuth: "GHCR",
            workingDirectory: "/app"
        )
        #expect(container == expected)
        #expect(try definition("environment: {image: a, entrypoint: []}").container?.entrypoint == [])
        #expect(try definition("environment: {image: a, entrypoint: sh}").container?.entrypoint == ["sh"])
        #expect(
            try definition("environment: {dockerfile: d/Dockerfile}\nworkspace: .").container?.source
                == .dockerfile("d/Dockerfile")
        )
    }

    @Test(
        "what cannot be a container is said where it stands",
        arguments: [
            ("environment: python", "5:14: error: environment must be a mapping"),
            ("environment: {}", "5:14: error: environment.image is missing"),
            ("environment: {image: a, dockerfile: b}", "5:37: error: environment has image and dockerfile"),
            ("environment: {dockerfile: b}", "5:27: error: environment.dockerfile is a file of the workspace"),
            (
                "environment: {dockerfile: ../b}\nworkspace: .",
                "5:27: error: environment.dockerfile must be a relative path"
            ),
            (
                "environment: {image: --privileged}",
                "5:22: error: environment.image \"--privileged\" begins with a minus sign"
            ),
            ("environment: {image: 'a b'}", "5:22: error: environment.image \"a b\" contains white space"),
            ("environment: {image: a, user: ''}", "5:31: error: environment.user \"\" is empty"),
            ("environment: {image: a, pull: allways}", "5:31: error: environment.pull must be missing, always, never"),
            ("environment: {image: a, memory: 1}", "5:33: error: environment.memory must be a size of at least 6 MiB"),
            ("environment: {image: a, memory: much}", "5:33: error: environment.memory must be a size"),
            ("environment: {image: a, cpus: 0}", "5:31: error: environment.cpus must be a number from 0.01 to 4096"),
            ("environment: {image: a, mounts: [/a]}", "5:34: error: a mount is source:target"),
            (
                "environment: {image: a, mounts: ['/a:b']}",
                "5:34: error: the target of a mount must be an absolute path"
            ),
            (
                "environment: {image: a, mounts: ['/a:/']}",
                "5:34: error: the target of a mount must be an absolute path"
            ),
            ("environment: {image: a, mounts: ['/a:/b/../..']}", "5:34: error: the target of a mount must be an"),
            ("environment: {image: a, mounts: ['a b:/b']}", "5:34: error: the source of a mount must be"),
            ("environment: {image: a, mounts: ['/a,x:/b']}", "5:34: error: the source of a mount must be"),
            ("environment: {image: a, mounts: ['/a:/b:rx']}", "5:34: error: a mount is source:target"),
            ("environment: {image: a, mounts: [{source: /a}]}", "5:34: error: environment.mounts.target is missing"),
            ("environment: {image: a, env: {A=B: 1}}", "5:31: error: \"A=B\" cannot name a variable"),
            (
                "environment: {image: a, working_directory: app}",
                "5:44: error: environment.working_directory must be an absolute"
            ),
            ("environment: {image: a, privileged: true}", "5:25: error: unknown key \"privileged\" in environment"),
        ]
    )
    func wrongContainers(yaml: String, start: String) {
        let messages = Self.messages(yaml)
        #expect(messages.count == 1 && messages.first?.hasPrefix(start) == true, "\(messages)")
    }

    @Test("a workspace is a path or a repository, in a word or as a mapping")
    func workspaces() throws {
        func source(_ yaml: String) throws -> WorkspaceSpecification.Source? {
            try definition("workspace: \(yaml)").workspace?.source
        }
        #expect(try source(".") == .path("/home/user/digits"))
        #expect(try source("src/train.zip") == .path("/home/user/digits/src/train.zip"))
        #expect(try source("/srv/code") == .path("/srv/code"))
        let url = "https://git.example/lab/train.git"
        #expect(try source("git+\(url)") == .git(url: url, reference: nil, subdirectory: nil))
        #expect(
            try source("'git+\(url)@feature/x#subdirectory=a/b'")
                == .git(url: url, reference: "feature/x", subdirectory: "a/b")
        )
        #expect(
            try source("'git+ssh://git@git.example/lab.git@v1.2'")
                == .git(url: "ssh://git@git.example/lab.git", reference: "v1.2", subdirectory: nil)
        )
        #expect(try source("git+file:///srv/lab") == .git(url: "file:///srv/lab", reference: nil, subdirectory: nil))
        #expect(
            try source("{git: \"\(url)\", ref: main, subdirectory: a}")
                == .git(url: url, reference: "main", subdirectory: "a")
        )
        let full = try definition("workspace: {path: src, ignore: [data/, '*.ckpt'], max_bytes: 1GiB}").workspace
        #expect(
            full
                == WorkspaceSpecification(
                    source: .path("/home/user/digits/src"),
                    ignore: ["data/", "*.ckpt"],
                    maximumBytes: 1 << 30
                )
        )
        let plain = try definition("workspace: .")
        #expect(
            plain.workingDirectory.isEmpty
                && plain.workspace?.maximumBytes == WorkspaceSpecification.defaultMaximumBytes
        )
        #expect(try definition("workspace: .\nworking_directory: ./a//b/").workingDirectory == "a/b")
    }

    @Test(
        "what cannot be a workspace is said where it stands",
        arguments: [
            ("workspace: ''", "5:12: error: workspace must be a path"),
            ("workspace: ~/src", "5:12: error: workspace must be a path; \"~\" is not expanded"),
            ("workspace: https://a.example/x.zip", "5:12: error: a workspace is a path or a Git repository"),
            ("workspace: git+ext::sh", "5:12: error: a Git workspace begins with"),
            ("workspace: git+https://", "5:12: error: a Git workspace begins with"),
            ("workspace: 'git+https://me:token@a.example/x'", "5:12: error: the URL of the workspace holds a password"),
            ("workspace: 'git+https://a.example/x@--upload-pack=sh'", "5:12: error: the ref \"--upload-pack=sh\""),
            ("workspace: 'git+https://a.example/x@a..b'", "5:12: error: the ref of the workspace must be a branch"),
            ("workspace: 'git+https://a.example/x#main'", "5:12: error: what follows # in a workspace"),
            (
                "workspace: 'git+https://a.example/x#subdirectory=../y'",
                "5:12: error: the subdirectory of the workspace"
            ),
            ("workspace: {path: ., git: 'https://a.example/x'}", "5:27: error: workspace has path and git"),
            ("workspace: {}", "5:12: error: workspace needs path or git"),
            ("workspace: {path: ., ref: main}", "5:27: error: workspace.ref goes with git"),
            ("workspace: {path: ., max_bytes: 0}", "5:33: error: workspace.max_bytes must be a size"),
            (
                "workspace: .\nworking_directory: /abs",
                "6:20: error: with a workspace, working_directory is a relative path"
            ),
            (
                "workspace: .\nworking_directory: a/../..",
                "6:20: error: with a workspace, working_directory is a relative"
            ),
        ]
    )
    func wrongWorkspaces(yaml: String, start: String) {
        let messages = Self.messages(yaml)
        #expect(messages.count == 1 && messages.first?.hasPrefix(start) == true, "\(messages)")
    }

    @Test("labels, secrets and artifacts are read, and what they cannot be is said")
    func others() throws {
        let labelled = try definition(
            "requires: {machine: K80, gpus: 2}\nsecret_env: [HF_TOKEN]\nartifacts: {include: ['*.pt']}"
        )
        #expect(
            labelled.requiredLabels == ["machine": "K80", "gpus": "2"] && labelled.secretEnvironment == ["HF_TOKEN"]
        )
        #expect(labelled.artifacts == ArtifactRules(include: ["*.pt"]))
        #expect(try definition("artifacts: true").artifacts == ArtifactRules())
        #expect(try definition("artifacts: false").artifacts == nil)
        for (yaml, start) in [
            ("secret_env: HF_TOKEN", "5:13: error: secret_env must be a list of at most 64 texts"),
            ("secret_env: [A=B]", "5:14: error: \"A=B\" cannot name a variable"),
            ("env: {A: 1}\nsecret_env: [A]", "6:14: error: \"A\" stands in env as well"),
            ("requires: [K80]", "5:11: error: requires must be a mapping"),
            ("requires: {'': x}", "5:12: error: \"\" cannot name an entry of requires"),
            ("artifacts: {include: '*'}", "5:22: error: artifacts.include must be a list"),
            ("image: python", "5:1: error: unknown key \"image\"; it belongs to environment"),
        ] {
            let messages = Self.messages(yaml)
            #expect(messages.count == 1 && messages.first?.hasPrefix(start) == true, "\(messages)")
        }
    }

    @Test("what is written as a file again is read as the same")
    func roundTrip() throws {
        let first = try definition(
            """
            environment: {image: "a:1", pull: never, mounts: ["/srv/data:/data:ro"], env: {A: b}, memory: 1g, cpus: 2,
                          shm_size: 1g, entrypoint: [], registry_auth: R, working_directory: /app, user: me, network: host}
            workspace: {git: "https://git.example/x.git", ref: main, subdirectory: a, ignore: ["*.o"]}
            working_directory: sub
            requires: {machine: K80}
            secret_env: [TOKEN]
            artifacts: {exclude: ["*.tmp"], max_bytes: 1MiB}
            """
        )
        #expect(try Reading.definition(ExperimentFile.yaml(of: first)) == first)
        // Defaults are written out there, which are other values of the same meaning.
        let second = try Reading.definition(ExperimentFile.json(of: first))
        #expect(second.container == first.container && second.workspace == first.workspace)
        #expect(second.workingDirectory == first.workingDirectory && second.artifacts == first.artifacts)
        #expect(second.requiredLabels == first.requiredLabels && second.secretNames == first.secretNames)
    }
}
