import TuningMath

/// Scores in ascending order, for ranks and quantiles.
///
/// Blocks of limited size: inserting and removing move little memory, however many scores there are.
/// - Complexity: every operation O(`largestBlock` + count / `largestBlock`).
struct RankedScores: Sendable {
    /// Scores in a block; a fuller one is divided.
    static let largestBlock = 512

    /// No block is empty; the greatest of a block is at most the least of the next.
    private var blocks: [[Double]] = []
    private(set) var count = 0

    /// The greatest score; `nil` without any.
    var best: Double? { blocks.last?.last }

    /// Adds a score, which is not NaN.
    mutating func insert(_ score: Double) {
        count += 1
        guard !blocks.isEmpty else {
            blocks.append([score])
            return
        }
        let index = min(firstBlock(with: score), blocks.count - 1)
        blocks[index].insert(score, at: Self.place(of: score, in: blocks[index]))
        guard blocks[index].count > Self.largestBlock else { return }
        let upper = Array(blocks[index][(Self.largestBlock / 2)...])
        blocks[index].removeSubrange((Self.largestBlock / 2)...)
        blocks.insert(upper, at: index + 1)
    }

    /// Removes one score that is equal to this one, if there is any.
    mutating func remove(_ score: Double) {
        let index = firstBlock(with: score)
        guard index < blocks.count else { return }
        let place = Self.place(of: score, in: blocks[index])
        guard blocks[index][place] == score else { return }
        count -= 1
        blocks[index].remove(at: place)
        if blocks[index].isEmpty { blocks.remove(at: index) }
    }

    /// The score that has so many below or beside it; ranks count from 0, the worst.
    /// - Precondition: 0 <= rank < count.
    func score(atRank rank: Int) -> Double {
        var rest = rank
        for block in blocks {
            if rest < block.count { return block[rest] }
            rest -= block.count
        }
        preconditionFailure("rank \(rank) of \(count) scores")
    }

    /// The quantile of a share from 0, the worst, to 1, the best: linear between ranks, at rank share · (count - 1).
    ///
    /// Hyndman and Fan (1996), definition 7; one half is the median. Next to the infinitely bad score it is infinitely bad.
    /// - Precondition: there is a score; 0 <= share <= 1.
    func quantile(_ share: Double) -> Double {
        let place = share * Double(count - 1)
        let rank = min(Int(place), count - 1)
        let lower = score(atRank: rank)
        let fraction = place - Double(rank)
        guard fraction > 0, rank + 1 < count, lower.isFinite else { return lower }
        let upper = score(atRank: rank + 1)
        // Rounding must not lift it above two equal scores: equality stops nobody.
        return min(max(lower * (1 - fraction) + upper * fraction, lower), upper)
    }

    /// The first block whose greatest score is at least this one.
    private func firstBlock(with score: Double) -> Int { blocks.partitioningIndex { $0[$0.count - 1] >= score } }

    /// The first place in a block whose score is at least this one.
    private static func place(of score: Double, in block: [Double]) -> Int { block.partitioningIndex { $0 >= score } }
}
