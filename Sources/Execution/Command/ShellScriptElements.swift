/// Finds the elements of a command list that a shell will read as a script: the text after `sh -c`.
///
/// A shell may stand anywhere (`env A=1 bash -c TEXT`, `timeout 60 sh -ec TEXT`), since taking an argument for a script
/// costs nothing but quotes around unusual values.
struct ShellScriptElements {
    /// A script and the shell that reads it.
    struct Script: Equatable {
        /// Index of the text in the list.
        var element: Int
        /// Name of the shell, without directory.
        var shell: String
    }

    /// The scripts, in order.
    private(set) var scripts: [Script] = []
    /// Texts after `-c` of a program that a placeholder names, which may be a shell.
    private(set) var doubtful: Set<Int> = []

    private static let longOptionsWithArgument: Set<String> = ["--rcfile", "--init-file"]

    /// - Parameter elements: the list; `nil` for an element that holds a placeholder.
    init(_ elements: [String?]) {
        for (index, element) in elements.enumerated() {
            guard let element else {
                if let text = Self.text(after: index, in: elements) { doubtful.insert(text) }
                continue
            }
            let name = element.split(separator: "/").last.map(String.init) ?? element
            if ShellWords.shells.contains(name), let text = Self.text(after: index, in: elements) {
                scripts.append(Script(element: text, shell: name))
            }
        }
    }

    /// The index of the text that a shell at `index` reads because of an option with `c`.
    private static func text(after index: Int, in elements: [String?]) -> Int? {
        var position = index + 1
        var hasCommandOption = false
        // busybox sh -c TEXT
        if elements[index]?.hasSuffix("busybox") == true { position += 1 }
        while position < elements.count, let element = elements[position] {
            if element == "--" || element == "-" {
                position += 1
                break
            }
            if element.hasPrefix("--") {
                position += longOptionsWithArgument.contains(element) ? 2 : 1
                continue
            }
            guard element.count > 1, element.hasPrefix("-") || element.hasPrefix("+") else { break }
            if element.hasPrefix("-"), element.contains("c") { hasCommandOption = true }
            // -o and -O take the name of an option from the next element.
            position += 1 + element.count { $0 == "o" || $0 == "O" }
        }
        return hasCommandOption && position < elements.count ? position : nil
    }
}
