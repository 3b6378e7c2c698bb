/// Whether `hyperworker` is there and belongs to this `hyperserver`.
enum WorkerVersion {
    /// For `hyperworker --version`.
    static let answerLimit: Duration = .seconds(5)
    /// For the whole check.
    static let limit: Duration = .seconds(7)

    static func judge(_ answer: ProbedProgram.Answer, path: String?, expected: String) -> Finding {
        let remedy = "install hyperserver and hyperworker together, in one directory"
        let place = path ?? "hyperworker"
        switch answer {
        case .missing:
            let detail = "found neither beside hyperserver nor on PATH; `hyperserver run` needs it"
            return Finding(.machine, "hyperworker", .fail, detail, remedy: remedy)
        case .said(let text):
            let found = ForeignText.firstLine(of: text)
            let isSame = found == expected
            let detail = isSame ? "\(place), version \(found)" : "\(place) is version \(found), and this is \(expected)"
            return Finding(.machine, "hyperworker", isSame ? .ok : .warn, detail, remedy: remedy)
        case .failed(let text, let ending):
            let words = ForeignText.firstLine(of: text)
            let detail = "\(place) does not run: \(words.isEmpty ? ending : words)"
            return Finding(.machine, "hyperworker", .fail, detail, remedy: remedy)
        case .late:
            let detail = "\(place) gave no answer within \(answerLimit)"
            return Finding(.machine, "hyperworker", .warn, detail, remedy: remedy)
        }
    }

    static func finding(path: String?, expected: String, environment: [String: String]) async -> Finding {
        let answer = await ProbedProgram.ask(path, ["--version"], environment: environment, within: answerLimit)
        return judge(answer, path: path, expected: expected)
    }
}
