extension Array {
    /// Index of the first element that fulfils a condition which all later ones fulfil, too; `count` when none does.
    ///
    /// - Complexity: O(log `count`). Inlined: it stands in loops over every report.
    @inlinable
    public func partitioningIndex(where belongs: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if belongs(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
