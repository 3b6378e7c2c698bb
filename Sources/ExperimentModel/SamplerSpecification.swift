/// Which sampler an experiment uses, and its seed.
public struct SamplerSpecification: Sendable, Hashable, Codable {
    /// The samplers that are built, by the name a file uses.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// Independent draws.
        case random
        /// Every point of a finite search space, once.
        case grid
        /// Tree-structured Parzen estimator as hyperopt 0.3.0 computes it.
        case tpeHyperopt = "tpe-hyperopt"
    }

    /// The sampler of an experiment that names none.
    public static let defaultKind = Kind.tpeHyperopt

    /// The sampler.
    public var kind: Kind
    /// Seed of every draw; the same file with the same seed gives the same trials.
    public var seed: UInt64

    /// A sampler with its seed.
    public init(kind: Kind, seed: UInt64) {
        self.kind = kind
        self.seed = seed
    }

    enum CodingKeys: String, CodingKey {
        case kind = "type"
        case seed
    }

    /// Reads the stored form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        kind = try container.decode(Kind.self, forKey: .kind)
        seed = UInt64(bitPattern: try container.decode(Int64.self, forKey: .seed))
    }

    /// BSON has no unsigned 64-bit number: the seed is stored as the signed number of the same bits.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .kind)
        try container.encode(Int64(bitPattern: seed), forKey: .seed)
    }
}
