/// A setting of a parameter that is written as a mapping, with all its names.
struct ParameterSetting: Sendable {
    /// Names that mean the same; the first is the one to write.
    let names: [String]
    /// What stands behind it.
    let form: String
    /// One line, with code between backquotes.
    let meaning: String

    init(_ names: String..., form: String, _ meaning: String) {
        self.names = names
        self.form = form
        self.meaning = meaning
    }

    static let low = ParameterSetting("low", "min", "min_value", form: "number", "lower bound")
    static let high = ParameterSetting("high", "max", "max_value", form: "number", "upper bound")
    static let upper = ParameterSetting(
        "upper",
        form: "whole number",
        "upper bound, which is never drawn; another name of `high` there"
    )
    static let quantum = ParameterSetting("q", form: "number above 0", "values are rounded to a multiple of it")
    static let mean = ParameterSetting("mu", form: "number", "the mean")
    static let deviation = ParameterSetting("sigma", form: "number above 0", "the standard deviation")
    static let log = ParameterSetting(
        "log",
        form: "`true` or `false`",
        "draw on a logarithmic scale; the lower bound must be above 0 (`float`) or at least 1 (`int`)"
    )
    static let step = ParameterSetting(
        "step",
        form: "number above 0",
        "values on a grid that begins at the lower bound"
    )
    static let options = ParameterSetting("options", "values", form: "list", "what is chosen from")
    static let probabilities = ParameterSetting(
        "probabilities",
        form: "list of numbers",
        "one for each option; their sum is 1"
    )
    static let value = ParameterSetting("value", form: "anything", "the value")
    static let entries = ParameterSetting("entries", form: "mapping", "keys, each with a parameter or a value")
    static let items = ParameterSetting("items", form: "list", "parameters or values")
    static let label = ParameterSetting(
        "label",
        form: "text",
        "the name under which it is stored, unique in the space; default: its key"
    )
    static let condition = ParameterSetting(
        "when",
        form: "mapping",
        "the parameter exists only where others have these values: `{kernel: poly}`, `{kernel: [poly, rbf]}`"
    )

    /// Every setting, in the order of the reference.
    static let all = [
        low, high, upper, quantum, mean, deviation, log, step, options, probabilities, value, entries, items, label,
        condition,
    ]
}
