/// Any JSON value, for parameters.
enum JSON: Decodable, Hashable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case list([JSON])
    case mapping([String: JSON])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .list(value)
        } else {
            self = .mapping(try container.decode([String: JSON].self))
        }
    }

    var number: Double? { if case .number(let value) = self { value } else { nil } }
    var string: String? { if case .string(let value) = self { value } else { nil } }
}

/// What `trials --json` and `best --json` say of a trial.
struct TrialRecord: Decodable {
    struct Attempt: Decodable {
        var attempt: Int
        var worker: String
        var cause: String?
        var exitStatus: Int?
        var signal: Int?
        var message: String?

        enum CodingKeys: String, CodingKey {
            case attempt, worker, cause, signal, message
            case exitStatus = "exit_status"
        }

        /// Process of the worker.
        var workerPID: Int32? { worker.split(separator: ":").dropLast().last.flatMap { Int32($0) } }
    }

    var trial: Int
    var state: String
    var cause: String?
    var origin: String
    var params: [String: JSON]
    var value: Double?
    var attempts: [Attempt]

    var causes: [String?] { attempts.map(\.cause) }
}

struct TrialList: Decodable {
    var trials: [TrialRecord]
}

/// What `status --json` says of an experiment.
struct ExperimentRecord: Decodable {
    var experiment: String
    var state: String
    var reason: String?
    var message: String?
    var best: TrialRecord?
}

struct ExperimentList: Decodable {
    var experiments: [ExperimentRecord]
}

/// What the endpoint file of an embedded store says.
struct EndpointRecord: Decodable {
    var host: String
    var port: Int
    var user: String
    var password: String
    var replicaSet: String
    var pid: Int32
}
