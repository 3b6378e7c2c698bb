import ExperimentModel
import ResultSpool

/// The checks of this machine: everything that trials need besides the store.
public struct MachineExamination: Sendable {
    /// Where trials keep their files, absolute; `nil` when there is no place for them.
    public var workDirectory: String?
    /// The variables of this program.
    public var environment: [String: String]
    /// The version that `hyperworker` should have.
    public var version: String
    /// `hyperworker` as it was found; `nil` when it is missing, or not to be looked for.
    public var worker: String?
    /// Whether to look for `hyperworker` at all.
    public var looksForWorker: Bool
    /// Whether to try container engines by starting a container.
    public var triesContainers: Bool

    /// An examination that has not begun.
    public init(
        workDirectory: String?,
        environment: [String: String],
        version: String,
        worker: String?,
        looksForWorker: Bool = true,
        triesContainers: Bool = true
    ) {
        self.workDirectory = workDirectory
        self.environment = environment
        self.version = version
        self.worker = worker
        self.looksForWorker = looksForWorker
        self.triesContainers = triesContainers
    }

    /// The checks, in the order of the report.
    public var checks: [Check] {
        let (environment, version, worker) = (environment, version, worker)
        var checks = [
            workDirectoryCheck, resultsCheck,
            .blocking(.machine, "limits") { ResourceLimits.findings() },
            .blocking(.machine, "surroundings") { SurroundingsCheck.findings(environment: environment) },
        ]
        checks += ContainerRuntime.allCases.map { runtime in
            Check(.machine, runtime.rawValue, limit: ContainerRuntime.limit) {
                [await runtime.finding(environment: environment)]
            }
        }
        let triesContainers = triesContainers
        checks += [.docker, .podman].map { runtime in
            ContainerTrial.check(runtime, environment: environment, triesToStart: triesContainers)
        }
        checks.append(
            Check(.machine, "gpus", limit: GraphicsProcessors.limit) {
                await GraphicsProcessors.findings(environment: environment)
            }
        )
        if looksForWorker {
            checks.append(
                Check(.machine, "hyperworker", limit: WorkerVersion.limit) {
                    [await WorkerVersion.finding(path: worker, expected: version, environment: environment)]
                }
            )
        }
        return checks
    }

    private var resultsCheck: Check {
        let path = workDirectory
        return .blocking(.machine, "results") {
            path.map { [ResultsJudgement.finding(SpoolOverview(of: $0), in: $0)] } ?? []
        }
    }

    private var workDirectoryCheck: Check {
        guard let path = workDirectory else {
            return Check(.machine, "workdir") {
                let detail = "HOME is not set, so trials have no place for their files"
                return [Finding(.machine, "workdir", .fail, detail, remedy: "pass --workdir DIR, or set HYPER_WORKDIR")]
            }
        }
        return .blocking(.machine, "workdir", levelWhenLate: .fail) {
            let place = PlaceCheck.judge(workdir: path, PlaceCheck.state(of: path))
            let parent = PlaceCheck.nearestParent(of: path)
            return [place] + DiskJudgement.findings(FileSystemFacts(path: parent), .machine, path: path)
        }
    }
}
