public import ExperimentModel

/// What keeps workers from an experiment, in words.
public enum ObstaclePhrase {
    /// Labels that a phrase names at most.
    static let mostNames = 4

    /// `2 workers lack machine=K80, 1 worker has no container engine`; `nil` when nothing is lacking that a worker could have:
    /// they serve others, or leave.
    public static func text(_ workers: [Worker], for experiment: Experiment) -> String? {
        let obstacles = workers.compactMap { $0.obstacle(to: experiment.id, experiment.definition) }
        let lacks = obstacles.compactMap(lack)
        guard !lacks.isEmpty else { return nil }
        var counts: [(text: String, count: Int)] = []
        for lack in lacks {
            if let index = counts.firstIndex(where: { $0.text == lack }) {
                counts[index].count += 1
            } else {
                counts.append((lack, 1))
            }
        }
        let parts = counts.map { "\(Phrase.count($0.count, "worker")) \($0.count == 1 ? "lacks" : "lack") \($0.text)" }
        let rest = obstacles.count - lacks.count
        return (parts + (rest > 0 ? ["\(rest) of others or draining"] : [])).joined(separator: ", ")
    }

    private static func lack(_ obstacle: WorkerObstacle) -> String? {
        switch obstacle {
        case .leaving, .servesOthers: nil
        case .labels(let missing):
            names(missing.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
                + " (`hyperworker --label`)"
        case .secrets(let missing): "the secret \(names(missing)) (`hyperworker --secrets`)"
        case .noContainerEngine: "a container engine (`hyperworker doctor`)"
        }
    }

    private static func names(_ names: [String]) -> String {
        let rest = names.count - mostNames
        return names.prefix(mostNames).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }
}
