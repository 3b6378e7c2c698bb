import ArgumentParser

/// What `--label` says of a worker.
enum WorkerLabels {
    /// Labels that a worker may have.
    static let maximumCount = 64
    /// Characters of a name and of a value.
    static let maximumLength = 128

    /// Reads `name=value`, each name once.
    static func read(_ texts: [String]) throws -> [String: String] {
        guard texts.count <= maximumCount else {
            throw ValidationError("--label may be given \(maximumCount) times at most.")
        }
        var labels: [String: String] = [:]
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, isName(parts[0]), isValue(parts[1]) else {
                throw ValidationError(
                    "--label must be name=value, the name of letters, digits, '_', '-', '.' and '/', not '\(text)'."
                )
            }
            guard labels.updateValue(parts[1], forKey: parts[0]) == nil else {
                throw ValidationError("--label \(parts[0]) is there twice.")
            }
        }
        return labels
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.count <= maximumLength
            && name.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789_-./".unicodeScalars.contains($0))
            }
    }

    private static func isValue(_ value: String) -> Bool {
        value.count <= maximumLength && !value.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
