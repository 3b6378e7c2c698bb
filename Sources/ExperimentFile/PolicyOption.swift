/// Policies as `--policy` takes them: `asha`, `bandit:slack_factor=0.1,delay_evaluation=5`, or YAML in braces.
struct PolicyOption {
    private static let option = "--policy"
    /// Characters that one option may have.
    private static let maximumLength = 10_000

    let diagnostics: DiagnosticCollector

    /// What the file would have under `early_termination`; `nil` without options.
    func entry(_ texts: [String]) -> FileEntry? {
        let nodes = texts.compactMap(node)
        guard let first = nodes.first, let text = texts.first else { return nil }
        // One alone may be `none`.
        let value =
            nodes.count == 1 ? first : FileNode(position: SourcePosition(source: Self.option), content: .list(nodes))
        return FileEntry(key: "early_termination", keyPosition: Self.place(text), value: value)
    }

    private static func place(_ text: String) -> SourcePosition {
        SourcePosition(source: "\(option) '\(cut(text))'")
    }

    private func node(_ text: String) -> FileNode? {
        let position = Self.place(text)
        guard text.utf8.count <= Self.maximumLength else {
            diagnostics.error("the policy is longer than \(Self.maximumLength) bytes", at: position)
            return nil
        }
        if let first = text.first(where: { !$0.isWhitespace }), first == "{" || first == "[" {
            return YAMLReader.read(text, fileName: position.source, diagnostics: diagnostics)?.moved(to: position)
        }
        guard let colon = text.firstIndex(of: ":") else { return Self.scalar(text, position) }
        var entries = [
            FileEntry(
                key: PolicyReader.typeKey,
                keyPosition: position,
                value: Self.scalar(String(text[..<colon]), position)
            )
        ]
        for setting in text[text.index(after: colon)...].split(separator: ",", omittingEmptySubsequences: false) {
            guard let sign = setting.firstIndex(of: "="), sign != setting.startIndex else {
                let message =
                    "\(shown(String(setting))) is no setting; write NAME=VALUE, such as bandit:slack_factor=0.1,delay_evaluation=5"
                diagnostics.error(message, at: position)
                continue
            }
            let key = String(setting[..<sign])
            guard !entries.contains(where: { $0.key == key }) else {
                diagnostics.error("the setting \(shown(key)) is there twice", at: position)
                continue
            }
            let value = Self.scalar(String(setting[setting.index(after: sign)...]), position)
            entries.append(FileEntry(key: key, keyPosition: position, value: value))
        }
        return FileNode(position: position, content: .mapping(entries))
    }

    private static func scalar(_ text: String, _ position: SourcePosition) -> FileNode {
        FileNode(position: position, content: .scalar(FileScalar(text: text, style: .plain)))
    }
}
