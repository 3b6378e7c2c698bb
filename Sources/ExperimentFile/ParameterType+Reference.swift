extension ParameterType {
    /// What the reference says of a type.
    struct Reference: Sendable {
        /// As YAML, on one line.
        let mapping: String
        /// Other spellings of the same parameter: expressions, lists.
        let expressions: [String]
        /// What is drawn, one line, with code between backquotes.
        let values: String
        /// Whether a grid can go through it.
        let isFinite: Finiteness
    }

    /// Whether there are finitely many values.
    enum Finiteness: String, Sendable {
        case yes
        case no
        case withStep = "with `step`"
        case ifOptionsAre = "if its options are"
    }

    var reference: Reference {
        switch self {
        case .uniform: bounded("low: 0, high: 1", "(0, 1)", "numbers from low to below high")
        case .quniform:
            bounded("low: 0, high: 1, q: 0.1", "(0, 1, 0.1)", "the same, rounded to a multiple of q", .yes)
        case .loguniform:
            bounded("low: -9, high: -2", "(-9, -2)", "exp of a uniform number: the bounds are **natural logarithms**")
        case .qloguniform:
            bounded("low: 0, high: 5, q: 2", "(0, 5, 2)", "the same, rounded to a multiple of q; can be 0", .yes)
        case .normal: bounded("mu: 0, sigma: 1", "(0, 1)", "normally distributed, without bounds")
        case .qnormal: bounded("mu: 0, sigma: 9, q: 1", "(0, 9, 1)", "the same, rounded to a multiple of q")
        case .lognormal: bounded("mu: 0, sigma: 1", "(0, 1)", "exp of a normally distributed number")
        case .qlognormal: bounded("mu: 3, sigma: 1, q: 1", "(3, 1, 1)", "the same, rounded to a multiple of q")
        case .uniformint:
            bounded("low: 1, high: 9", "(1, 9)", "`quniform` with q = 1, passed on as a whole number", .yes)
        case .randint:
            Reference(
                mapping: "{type: randint, upper: 8}",
                expressions: ["randint(8)", "randint(0, 8)", "hp.randint('x', 8)"],
                values: "whole numbers from 0, or low, to below the upper bound",
                isFinite: .yes
            )
        case .float:
            Reference(
                mapping: "{type: float, min: 1e-5, max: 0.1, log: true}",
                expressions: ["float(1e-5, 0.1, log=True)"],
                values: "numbers from min to max, both included",
                isFinite: .withStep
            )
        case .int:
            Reference(
                mapping: "{type: int, min: 1, max: 8}",
                expressions: ["int(1, 8)"],
                values: "whole numbers from min to max, both included",
                isFinite: .yes
            )
        case .choice:
            Reference(
                mapping: "{type: choice, options: [a, b]}",
                expressions: ["[a, b]", "choice(['a', 'b'])", "choice('a', 'b')", "hp.choice('x', ['a', 'b'])"],
                values: "one of the options, each equally likely",
                isFinite: .ifOptionsAre
            )
        case .pchoice:
            Reference(
                mapping: "{type: choice, options: [a, b], probabilities: [0.1, 0.9]}",
                expressions: [
                    "{type: pchoice, options: [[0.1, a], [0.9, b]]}", "pchoice([(0.1, 'a'), (0.9, 'b')])",
                ],
                values: "one of the options, with these probabilities",
                isFinite: .ifOptionsAre
            )
        case .constant:
            Reference(
                mapping: "{type: constant, value: 3}",
                expressions: ["3"],
                values: "always the same",
                isFinite: .yes
            )
        case .mapping:
            Reference(
                mapping: "{type: mapping, entries: {rate: \"uniform(0, 1)\", name: {type: constant, value: a}}}",
                expressions: ["{rate: \"uniform(0, 1)\", name: {type: constant, value: a}}"],
                values: "a structure; the type is needed where it could be taken for a parameter",
                isFinite: .ifOptionsAre
            )
        case .list:
            Reference(
                mapping: "{type: list, items: [64, {type: int, min: 8, max: 64, label: last}]}",
                expressions: [],
                values: "a list that is no choice",
                isFinite: .ifOptionsAre
            )
        }
    }

    /// A type whose expression takes its settings in order; hyperopt's form has a label before them.
    private func bounded(
        _ settings: String,
        _ arguments: String,
        _ values: String,
        _ isFinite: Finiteness = .no
    ) -> Reference {
        Reference(
            mapping: "{type: \(rawValue), \(settings)}",
            expressions: ["\(rawValue)\(arguments)", "hp.\(rawValue)('x', \(arguments.dropFirst())"],
            values: values,
            isFinite: isFinite
        )
    }
}
