import ExperimentModel

/// Where trials run: `requires`, `environment`, `workspace`, and what is kept of them.
extension KeyTable {
    /// Those of their keys that stand at the top of the file.
    static let placeKeys = [
        FileKey(
            "requires",
            .other("mapping from names to texts"),
            .value("{}"),
            "labels that a worker must have (`hyperworker --label machine=K80`) to run its trials",
            example: "{machine: K80}"
        ),
        FileKey(
            "environment",
            .other("mapping, see `environment`"),
            .note("none: trials are processes of the worker's machine"),
            "the container that trials run in",
            example: "{image: \"python:3.12\", memory: 4g}"
        ),
        FileKey(
            "workspace",
            .other("path, `git+https://…`, or mapping, see `workspace`"),
            .note("none"),
            "files of which every attempt gets a copy of its own, to run in",
            example: "./src"
        ),
        FileKey(
            "secret_env",
            .other("list of names, at most \(DefinitionReader.maximumSecrets)"),
            .value("[]"),
            "variables whose values the worker knows (`hyperworker --secrets FILE`)",
            example: "[HF_TOKEN]"
        ),
        FileKey(
            "artifacts",
            .other("mapping, see `artifacts`; `true` for its defaults"),
            .note("none"),
            "which files that a trial leaves in `$HYPER_OUTPUT_DIR` are kept in the store",
            example: "{include: [\"*.pt\"], max_bytes: 2GiB}"
        ),
    ]

    /// The keys of `environment`.
    static let environment = KeyTable(
        "environment",
        [
            FileKey(
                "image",
                .text,
                .note("this or `dockerfile` is **required**"),
                "the image, as container engines take it",
                example: "python:3.12-slim"
            ),
            FileKey(
                "dockerfile",
                .other("relative path in the workspace"),
                .note("this or `image` is **required**"),
                "builds the image instead, on each worker once for each content of the workspace",
                example: "Dockerfile"
            ),
            FileKey(
                "pull",
                .words(ContainerSpecification.PullPolicy.allCases.map(\.rawValue)),
                .value(ContainerSpecification.PullPolicy.missing.rawValue),
                "when the registry is asked for the image",
                example: "always"
            ),
            FileKey(
                "user",
                .other("`user` or `user:group`, by number or name"),
                .note("the image's, or the worker's where that could not write the trial's files"),
                "who runs the command in the container",
                example: "'1000:1000'"
            ),
            FileKey(
                "mounts",
                .other(
                    "list of `source:target`, `source:target:ro`, or mappings with `source`, `target`, `read_only`; at most "
                        + "\(DefinitionReader.maximumMounts)"
                ),
                .value("[]"),
                "directories of the worker's machine that the trial sees; a source without `/` is a volume of the engine",
                example: "[\"/srv/data:/data:ro\"]"
            ),
            FileKey(
                "env",
                .other("mapping from names to texts"),
                .value("{}"),
                "variables of the container, on top of those of the file",
                example: "{PYTHONUNBUFFERED: 1}"
            ),
            FileKey(
                "network",
                .text,
                .note("the engine's default"),
                "`none`, `host`, or a network of the engine",
                example: "none"
            ),
            FileKey(
                "memory",
                .other("size such as `4g` or `512MiB`"),
                .note("as much as there is"),
                "most memory, without swap; a trial that needs more ends as `out_of_memory`",
                example: "4g"
            ),
            FileKey(
                "cpus",
                .other(
                    "number from \(ContainerSpecification.cpusRange.lowerBound) to "
                        + "\(Int(ContainerSpecification.cpusRange.upperBound))"
                ),
                .note("as many as there are"),
                "most processor time, in processors",
                example: "1.5"
            ),
            FileKey(
                "shm_size",
                .other("size such as `1g`"),
                .note("the engine's default, often 64 MB"),
                "size of `/dev/shm`, which data loaders with several processes use",
                example: "1g"
            ),
            FileKey(
                "entrypoint",
                .other("list of arguments, or a program; `[]` for none"),
                .note("the image's"),
                "what the command is handed to",
                example: "[/usr/bin/env]"
            ),
            FileKey(
                "registry_auth",
                .text,
                .note("none"),
                "the worker's secret (`user:password`) that opens the registry",
                example: "GHCR"
            ),
            FileKey(
                "working_directory",
                .other("absolute path in the container"),
                .note("the path on the worker's machine"),
                "where the command starts; a workspace is seen there, and without one nothing of the machine is",
                example: "/app"
            ),
        ],
        frame: [("image", "\"python:3.12-slim\"")],
        oneOf: ["image", "dockerfile"]
    )

    /// The keys of an entry of `environment.mounts` that is a mapping.
    static let mount = KeyTable(
        "environment.mounts",
        [
            FileKey(
                "source",
                .text,
                .mistake,
                "absolute path on the worker's machine, or a volume",
                example: "/srv/data"
            ),
            FileKey("target", .text, .mistake, "absolute path in the container", example: "/data"),
            FileKey("read_only", .truth, .value("false"), "whether the trial may not change it", example: "true"),
        ],
        frame: [("source", "/srv/data"), ("target", "/data")]
    )

    /// The keys of `workspace`, when it is a mapping.
    static let workspace = KeyTable(
        "workspace",
        [
            FileKey(
                "path",
                .other("path, relative to the file's directory"),
                .note("this or `git` is **required**"),
                "a directory, or a zip or tar archive; it is copied into the store when the experiment is created",
                example: "./src"
            ),
            FileKey(
                "git",
                .other("URL: `https`, `http`, `ssh` or `file`"),
                .note("this or `path` is **required**"),
                "a Git repository, which workers fetch",
                example: "https://git.example/lab/train.git"
            ),
            FileKey(
                "ref",
                .text,
                .note("what the repository's HEAD names"),
                "branch, tag or commit; which commit that is, is settled when the experiment is created",
                example: "main"
            ),
            FileKey(
                "subdirectory",
                .other("relative path"),
                .note("the whole repository"),
                "the directory of the repository that is the workspace",
                example: "training"
            ),
            FileKey(
                "ignore",
                .other("list of patterns, at most \(DefinitionReader.maximumPatternsOfPaths)"),
                .value("[]"),
                "what is left out, beside what `.hyperignore` in the directory says, in the same form",
                example: "[data/, \"*.ckpt\"]"
            ),
            FileKey(
                "max_bytes",
                .other("size such as `256MiB`"),
                .value(ByteCount.text(WorkspaceSpecification.defaultMaximumBytes).replacing(" ", with: "")),
                "most bytes of all files together",
                example: "1GiB"
            ),
        ],
        frame: [("path", "./src")],
        oneOf: ["path", "git"]
    )

    /// The keys of `artifacts`.
    static let artifacts = KeyTable(
        "artifacts",
        [
            FileKey(
                "include",
                .other("list of patterns, at most \(DefinitionReader.maximumPatternsOfPaths)"),
                .value("[\"**\"]"),
                "files that are kept, by their path below the output directory",
                example: "[\"*.pt\", \"plots/**\"]"
            ),
            FileKey(
                "exclude",
                .other("list of patterns, at most \(DefinitionReader.maximumPatternsOfPaths)"),
                .value("[]"),
                "files that are not, whatever `include` says",
                example: "[\"*.tmp\"]"
            ),
            FileKey(
                "max_bytes",
                .other("size such as `2GiB`"),
                .value(ByteCount.text(ArtifactRules.defaultMaximumBytes).replacing(" ", with: "")),
                "most bytes of one trial; with more, none of it is kept and the trial's record says so",
                example: "2GiB"
            ),
        ]
    )
}
