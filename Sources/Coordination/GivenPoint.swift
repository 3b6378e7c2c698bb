import ExperimentModel
import SearchSpace

/// A point that people gave, to be tried before any that a sampler proposes.
struct GivenPoint: Sendable, Hashable {
    /// Names the point in the trial that tries it.
    var origin: TrialOrigin
    /// The labels that are given.
    var values: Suggestion
}

extension Experiment {
    /// How many given points wait for a trial, without looking at each.
    func unusedPointCount(_ ledger: TrialLedger) -> Int {
        max(0, definition.initial.count + enqueued.count - ledger.givenUses.count)
    }

    /// Up to `count` given points that wait for a trial: those of the definition first, then enqueued ones, each in their order.
    ///
    /// Which number gets which point follows from the trials that are stored, so a successor goes on where the last leader
    /// stopped. A point whose trials were all cancelled waits again.
    func unusedPoints(_ ledger: TrialLedger, atMost count: Int) -> [GivenPoint] {
        guard unusedPointCount(ledger) > 0 else { return [] }
        let initial = definition.initial.enumerated().lazy.map { GivenPoint(origin: .initial($0), values: $1) }
        let added = enqueued.lazy.map { GivenPoint(origin: .enqueued($0.id), values: $0.values) }
        var points = Array(initial.filter { ledger.givenUses[$0.origin] == nil }.prefix(count))
        points += added.filter { ledger.givenUses[$0.origin] == nil }.prefix(count - points.count)
        return points
    }
}
