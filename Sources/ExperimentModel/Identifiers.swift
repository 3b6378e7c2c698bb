/// Names one experiment, such as `es1a2b3c4`; also hyperopt's `exp_key`.
public struct ExperimentID: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
    /// The text of the id.
    public let rawValue: String

    /// An id as it is stored.
    public init(_ rawValue: String) { self.rawValue = rawValue }

    /// A new random id: `es` and seven letters or digits (36 bits), short enough to type.
    public static func random(using generator: inout some RandomNumberGenerator) -> ExperimentID {
        let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz")
        let suffix = (0..<7).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
        return ExperimentID("es" + String(suffix))
    }

    /// Whether it has the form of ``random(using:)``: what has another form was made by another program.
    public var isOurs: Bool {
        let bytes = Array(rawValue.utf8)
        let isPlain = bytes.dropFirst(2).allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
        }
        return bytes.count == 9 && rawValue.hasPrefix("es") && isPlain
    }

    /// The id alone.
    public var description: String { rawValue }
    /// Order of the text.
    public static func < (left: ExperimentID, right: ExperimentID) -> Bool { left.rawValue < right.rawValue }
    /// Stored as plain text.
    public init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(String.self)
    }
    /// Stored as plain text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

/// Names one trial: its experiment and its number, which counts from 1.
public struct TrialID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The experiment that the trial belongs to.
    public let experiment: ExperimentID
    /// hyperopt's `tid`, from 1.
    public let number: Int

    /// The id of trial `number` of an experiment.
    public init(experiment: ExperimentID, number: Int) {
        self.experiment = experiment
        self.number = number
    }

    /// For people: `es1a2b3c4/17`.
    public var description: String { "\(experiment)/\(number)" }
    /// By experiment, then by number.
    public static func < (left: TrialID, right: TrialID) -> Bool {
        (left.experiment, left.number) < (right.experiment, right.number)
    }
}

/// Names one start of a worker: `host:pid:` and 64 random bits, so that a recycled pid is another worker.
public struct WorkerID: Sendable, Hashable, CustomStringConvertible {
    /// The text of the id; stands in `owner`.
    public let rawValue: String

    /// An id as it is stored.
    public init(_ rawValue: String) { self.rawValue = rawValue }

    /// The id of a worker that starts now.
    public init(host: String, processID: Int32, using generator: inout some RandomNumberGenerator) {
        let digits = String(UInt64.random(in: .min ... .max, using: &generator), radix: 16)
        rawValue = "\(host):\(processID):" + String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The id alone.
    public var description: String { rawValue }
}
