/// The candidate that a misspelt word most probably means; `nil` when none is near.
package func nearestName(to word: String, among candidates: some Sequence<String>) -> String? {
    /// Longer words are no misspelling of anything we know.
    let maximumLength = 64
    /// Shorter words begin too much.
    let shortestBeginning = 3
    let lowercased = Array(word.lowercased().unicodeScalars)
    guard lowercased.count <= maximumLength else { return nil }
    // A word that was cut short is nearer to what it begins than to another that is as short.
    let begun = candidates.filter { word.count >= shortestBeginning && $0.lowercased().hasPrefix(word.lowercased()) }
    if begun.count == 1, let only = begun.first { return only }
    var best: (name: String, distance: Int)?
    for candidate in candidates {
        let letters = Array(candidate.lowercased().unicodeScalars)
        let distance = editDistance(lowercased, letters)
        let isNear = distance <= max(1, min(3, max(letters.count, lowercased.count) / 3)) && distance < letters.count
        if isNear, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
}

/// `; did you mean "…"?`, or nothing.
package func suggestionText(for word: String, among candidates: some Sequence<String>) -> String {
    nearestName(to: word, among: candidates).map { "; did you mean \"\($0)\"?" } ?? ""
}

/// Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other (optimal string
/// alignment).
private func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for (row, letter) in left.enumerated() {
        var current = [row + 1]
        for (column, other) in right.enumerated() {
            var cost = min(last[column + 1] + 1, current[column] + 1, last[column] + (letter == other ? 0 : 1))
            if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                cost = min(cost, beforeLast[column - 1] + 1)
            }
            current.append(cost)
        }
        beforeLast = last
        last = current
    }
    return last[right.count]
}
