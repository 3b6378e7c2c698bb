import ExperimentModel
import SearchSpace

extension DefinitionReader {
    /// Samplers of the format that this version does not have.
    static let laterSamplers = ["sobol", "tpe", "gp", "bayesian", "cmaes", "auto"]
    /// Labels that one message lists.
    private static let maximumListedLabels = 5

    func readSampler(_ file: SectionReader) -> SamplerSpecification? {
        guard let node = file.node("sampler") else {
            return SamplerSpecification(kind: SamplerSpecification.defaultKind, seed: defaultSeed)
        }
        switch node.content {
        case .scalar:
            guard let text = file.text(of: node, "sampler") else { return nil }
            return kind(text, at: node.position).map { SamplerSpecification(kind: $0, seed: defaultSeed) }
        case .list:
            diagnostics.error("sampler must be a name or a mapping with type and seed, not a list", at: node.position)
            return nil
        case .mapping(let entries):
            let section = SectionReader(
                entries,
                .sampler,
                position: node.position,
                diagnostics: diagnostics
            )
            var kind: SamplerSpecification.Kind? = SamplerSpecification.defaultKind
            if let type = section.node("type") {
                kind = section.text(of: type, "type").flatMap { self.kind($0, at: type.position) }
            }
            let seed = section.node("seed").map { readSeed(section, $0) } ?? defaultSeed
            guard let kind, let seed else { return nil }
            return SamplerSpecification(kind: kind, seed: seed)
        }
    }

    private func kind(_ text: String, at position: SourcePosition) -> SamplerSpecification.Kind? {
        if let kind = SamplerSpecification.Kind(rawValue: text) { return kind }
        diagnostics.error(Self.message(forSampler: text), at: position)
        return nil
    }

    /// What is wrong with a sampler that we do not have.
    static func message(forSampler text: String) -> String {
        let known = SamplerSpecification.Kind.allCases.map(\.rawValue)
        let list = known.joined(separator: ", ")
        if laterSamplers.contains(text) {
            return "the sampler \(shown(text)) is not supported by this version; use \(list)"
        }
        return "there is no sampler \(shown(text))\(suggestionText(for: text, among: known)); the samplers are: \(list)"
    }

    private func readSeed(_ section: SectionReader, _ node: FileNode) -> UInt64? {
        if let scalar = node.scalar, scalar.isPlain, StrictScalar.number(scalar.text) != nil,
            let seed = UInt64(scalar.text)
        {
            return seed
        }
        let message = "sampler.seed must be a whole number from 0 to \(UInt64.max), not \(node.kind)"
        diagnostics.error(message + section.hint(for: node), at: node.position)
        return nil
    }

    /// A grid needs a space that ends.
    func checkSampler(_ sampler: SamplerSpecification?, _ file: SectionReader, space: SearchSpace) {
        guard sampler?.kind == .grid, let position = file.node("sampler")?.position,
            case .infinite(let labels) = space.cardinality
        else { return }
        let shownLabels = labels.prefix(Self.maximumListedLabels).map(shown).joined(separator: ", ")
        let more = labels.count > Self.maximumListedLabels ? " and \(labels.count - Self.maximumListedLabels) more" : ""
        let message =
            "the sampler grid needs a finite search space, but \(shownLabels)\(more) can take any number of values; "
            + "give a step (float, int) or q (quniform), a list of values, or use another sampler"
        diagnostics.error(message, at: position)
    }
}
