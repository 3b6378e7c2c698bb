import SearchSpace
import Synchronization

/// What is taken of a grid, kept between calls so that a trial costs one comparison each time, not a walk over the grid.
///
/// It shows in no result. A history that is not the last one with more trials is gone through from its beginning.
final class GridProgress: Sendable {
    /// The state after one history.
    struct State: Sendable {
        /// The points that are taken.
        fileprivate(set) var taken: Set<Suggestion>
        /// The first point that is not taken; `nil` at the end of the grid.
        fileprivate(set) var upcoming: Suggestion?
        /// The sampler's own trials in the last history, by number.
        fileprivate var known: [Int: Suggestion] = [:]
    }

    private let space: SearchSpace
    private let grid: SpaceGrid
    private let start: State
    private let state: Mutex<State>

    /// - Parameter initial: points that are taken whatever the history; those that are no full point are ignored.
    init(space: SearchSpace, grid: SpaceGrid, initial: [Suggestion]) {
        self.space = space
        self.grid = grid
        let taken = initial.map(space.canonical).filter(grid.contains)
        start = State(taken: Set(taken), upcoming: grid.first)
        state = Mutex(start)
    }

    /// The state after a history.
    func update(with history: TrialHistory) -> State {
        state.withLock { state in
            if !add(history, to: &state) {
                state = start
                _ = add(history, to: &state)
            }
            while let point = state.upcoming, state.taken.contains(point) { state.upcoming = grid.successor(of: point) }
            return state
        }
    }

    /// Adds the trials that are new; false when what is known is not all part of the history.
    private func add(_ history: TrialHistory, to state: inout State) -> Bool {
        let knownCount = state.known.count
        var found = 0
        func add(_ number: Int, _ suggestion: Suggestion) {
            guard state.known[number] != suggestion else {
                found += 1
                return
            }
            state.known[number] = suggestion
            let point = space.canonical(suggestion)
            if grid.contains(point) { state.taken.insert(point) }
        }
        for trial in history.completed where trial.isSampled { add(trial.number, trial.suggestion) }
        for trial in history.failed where trial.isSampled { add(trial.number, trial.suggestion) }
        for trial in history.pending where trial.isSampled { add(trial.number, trial.suggestion) }
        return found == knownCount
    }
}
