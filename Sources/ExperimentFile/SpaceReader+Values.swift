import OrderedCollections
import SearchSpace

extension SpaceReader {
    /// The value of a node that holds no parameters; `nil` when it is wrong, which has been reported.
    func value(of node: FileNode) -> ParameterValue? {
        switch node.content {
        case .scalar(let scalar): return value(of: scalar, at: node.position)
        case .list(let items):
            let values = items.compactMap { value(of: $0) }
            return values.count == items.count ? .list(values) : nil
        case .mapping(let entries):
            var values = Assignment()
            for entry in entries {
                guard let value = value(of: entry.value) else { return nil }
                values[entry.key] = value
            }
            return .mapping(values)
        }
    }

    /// The value of a scalar; a text that looks like a number of another language is kept, with a warning.
    func value(of scalar: FileScalar, at position: SourcePosition) -> ParameterValue? {
        switch StrictScalar(scalar) {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .integer(let number): return .integer(number)
        case .double(let number): return .double(number)
        case .tooLarge:
            let message =
                "the number \(shown(scalar.text)) is too large; put quotation marks around it to pass it as text"
            diagnostics.error(message, at: position)
            return nil
        case .text:
            if scalar.isPlain, let hint = StrictScalar.hint(for: scalar.text) {
                let message = "\(shown(scalar.text)) is a text here; \(hint), or put quotation marks around it"
                diagnostics.warning(message, at: position)
            }
            return .string(scalar.text)
        }
    }

    /// The settings of a mapping as values, for those that are values.
    func setting(_ entry: FileEntry) -> DomainSetting? {
        let position = entry.value.position
        guard let scalar = entry.value.scalar else {
            diagnostics.error("\(shown(entry.key)) must be a single value, not \(entry.value.kind)", at: position)
            return nil
        }
        let hint = scalar.isPlain ? StrictScalar.hint(for: scalar.text) : nil
        switch StrictScalar(scalar) {
        case .null: return DomainSetting(name: entry.key, value: .null, position: position)
        case .bool(let value): return DomainSetting(name: entry.key, value: .bool(value), position: position)
        case .integer(let number): return DomainSetting(name: entry.key, value: .integer(number), position: position)
        case .double(let number): return DomainSetting(name: entry.key, value: .double(number), position: position)
        case .tooLarge:
            diagnostics.error("the number \(shown(scalar.text)) is too large", at: position)
            return nil
        case .text: return DomainSetting(name: entry.key, value: .string(scalar.text), hint: hint, position: position)
        }
    }
}
