import ExperimentModel
import SearchSpace

/// The reference as a page in Markdown.
enum FileReferencePage {
    /// The whole page.
    static var text: String {
        let parts = [
            introduction, keys(.file, heading: "## The file"), later,
            keys(.objective, heading: "## `objective`"), keys(.limits, heading: "## `limits`"), durations,
            keys(.sampler, heading: "## `sampler`"), samplers, policies, keys(.retries, heading: "## `retries`"),
            keys(.input, heading: "## An entry of `inputs`, when it is a mapping"), types, settings, commands,
        ]
        return parts.joined(separator: "\n")
    }

    private static let introduction = """
        <!-- Written by scripts/reference from the tables that the reader uses; do not edit. -->

        # Reference of the experiment file

        Every key, from the tables that the reader itself uses; `hyperserver reference` prints the same, and
        `hyperserver reference limits.max_trials` or `hyperserver reference loguniform` a part of it. A key that does
        not stand here is an error, with its place in the file and the nearest name. How the parts work together is told in
        [file-format.md](file-format.md).

        """

    private static func keys(_ table: KeyTable, heading: String) -> String {
        let rows = table.keys.map { key in
            let example = code("\(key.name): \(key.example)")
            return row([
                code(key.name), key.form.text, key.absence.text, key.meaning + (key.isLive ? " †" : ""), example,
            ])
        }
        let note = table.keys.contains(where: \.isLive) ? ["", "† `hyperserver set` changes it later."] : []
        return page([heading, ""] + header(["Key", "Value", "Default", "What it is", "Example"]) + rows + note)
    }

    private static var later: String {
        let rows = KeyTable.file.later.map { row([code($0.name), $0.meaning]) }
        return page(
            ["### Not read by this version", "", "These keys of the format are errors, never passed over.", ""]
                + header(["Key", "What for"]) + rows
        )
    }

    private static var durations: String {
        let examples = ["90", "0.5", "500ms", "30m", "1h30m", "1.5h", "2d"]
        let rows = examples.compactMap { text in
            DurationText.seconds(text).map { row([code(text), ParameterValue.double($0).json]) }
        }
        return page(
            [
                "### Durations", "",
                "A number of seconds, or `ms`, `s`, `m`, `h`, `d` from large to small, each once. Above 0, up to ten years.",
                "",
            ] + header(["Written", "Seconds"]) + rows
        )
    }

    private static var samplers: String {
        let rows = SamplerSpecification.Kind.allCases.map { row([code($0.rawValue), $0.meaning]) }
        let later = DefinitionReader.laterSamplers.map(code).joined(separator: ", ")
        return page(
            header(["Sampler", "What it does"]) + rows
                + ["", "Names of the format that this version does not have, and so errors: \(later)."]
        )
    }

    private static var policies: String {
        let introduction = """
            ## `early_termination`

            `none`; a policy, by its name alone (`median_stopping`) or as a mapping with its `type` and settings; several, as a
            list or as `any_of: […]`: the first that wants to stop a trial decides. "Report" is the n-th report of the
            objective by the same attempt, whatever its step. Azure's names `Bandit`, `MedianStopping`,
            `TruncationSelection` and `Default` (none) mean the same. The option `--policy` takes a policy as
            `bandit:slack_factor=0.1,delay_evaluation=5`.

            """
        let rows = PolicySpecification.Kind.allCases.map { row([code($0.rawValue), $0.meaning]) }
        let tables = KeyTable.policies.map { keys($0, heading: "### `\($0.name ?? "")`") }
        return ([page([introduction] + header(["Policy", "What it does"]) + rows)] + tables).joined(separator: "\n")
    }

    private static var types: String {
        let rows = ParameterType.allCases.map { type in
            let reference = type.reference
            let others = reference.expressions.map(code).joined(separator: "<br>")
            return row([
                code(type.rawValue), code(reference.mapping), others, reference.values, reference.isFinite.rawValue,
            ])
        }
        let introduction = """
            ## Types of parameters

            A parameter of `search_space` is a mapping with a `type`, an expression, or a list, which is a choice. The
            spellings of a row mean the same for a parameter called `x`. `grid` needs finite ones.

            """
        return page([introduction] + header(["Type", "Mapping", "Also", "Values", "Finite"]) + rows)
    }

    private static var settings: String {
        let rows = ParameterSetting.all.map { setting in
            let types = ParameterType.allCases.filter { type in type.settings.contains { $0.names == setting.names } }
            let isCommon = Set(types) == Set(ParameterType.callable)
            let place = isCommon ? "all that draw" : types.map { code($0.rawValue) }.joined(separator: ", ")
            return row([setting.names.map(code).joined(separator: ", "), setting.form, place, setting.meaning])
        }
        return page(
            ["### Their settings", "", "Names in one row mean the same.", ""]
                + header(["Setting", "Value", "Types", "What it is"]) + rows
        )
    }

    private static let commands = """
        ## Elsewhere

        | | |
        |---|---|
        | expressions, and a whole space as Python text | [Expressions](file-format.md#expressions) |
        | options that bring parameters, `when`, labels | [Structures and conditions](file-format.md#structures-and-conditions) |
        | `{name}`, `{name?}`, `${{inputs.name}}` in a command | [Placeholders](file-format.md#placeholders) |
        | how values are written and quoted | [Value text](file-format.md#value-text), [Quoting](file-format.md#quoting) |
        | what counts as a number, a truth value, a text | [Scalars](file-format.md#scalars) |

        """

    private static func page(_ lines: [String]) -> String { lines.joined(separator: "\n") + "\n" }

    private static func header(_ cells: [String]) -> [String] {
        [row(cells), "|" + String(repeating: "---|", count: cells.count)]
    }

    private static func row(_ cells: [String]) -> String {
        "| " + cells.joined(separator: " | ") + " |"
    }

    /// A code span; a bar would end the cell.
    private static func code(_ text: String) -> String { "`\(text.replacing("|", with: "\\|"))`" }
}

extension SamplerSpecification.Kind {
    /// What it does, one line, with code between backquotes.
    var meaning: String {
        switch self {
        case .random: "independent draws"
        case .grid:
            "every point of a finite search space once, in written order, the last parameter fastest; "
                + "then the experiment is `space_exhausted`"
        case .tpeHyperopt: "the tree-structured Parzen estimator as hyperopt 0.3.0 computes it"
        }
    }
}
