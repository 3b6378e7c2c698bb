import OrderedCollections
import SearchSpace

/// Spaces that several tests use.
enum Spaces {
    /// A choice of two models with settings of their own, and a parameter that depends on one of them.
    static func models() throws -> SearchSpace {
        let svm: SpaceNode = .mapping([
            "type": .constant("svm"),
            "C": .parameter(Parameter(label: "C", domain: .logUniform(low: -4, high: 6))),
        ])
        let network: SpaceNode = .mapping([
            "type": .constant("mlp"),
            "hidden": .parameter(Parameter(label: "hidden", domain: .integer(min: 8, max: 64, isLog: false, step: 8))),
        ])
        return try SearchSpace(root: [
            "model": .parameter(Parameter(label: "model", domain: .choice([svm, network]))),
            "kernel": .parameter(Parameter(label: "kernel", domain: .choice([.constant("rbf"), .constant("poly")]))),
            "degree": .parameter(
                Parameter(
                    label: "degree",
                    domain: .integer(min: 2, max: 5, isLog: false, step: nil),
                    condition: ParameterCondition(clauses: [.init(label: "kernel", values: ["poly"])])
                )
            ),
            "batch": .constant(32),
        ])
    }

    /// One parameter `x`.
    static func single(_ domain: ParameterDomain) throws -> SearchSpace {
        try SearchSpace(root: ["x": .parameter(Parameter(label: "x", domain: domain))])
    }
}
