/// What hyperopt 0.3.0's `tpe.suggest` does unless it is told otherwise.
enum TPESettings {
    /// Weight of the prior among observations, each of which has at most 1.
    static let priorWeight = 1.0
    /// Trials with or without a result that must be there before the model is asked.
    static let startupTrials = 20
    /// Draws of which the best is suggested, for each label.
    static let candidates = 24
    /// ``TrialSplit`` takes this share of the square root of the number of trials.
    static let gamma = 0.25
    /// Observations that are never forgotten; also the most that ``TrialSplit`` takes.
    static let linearForgetting = 25
    /// hyperopt's `EPS`: smaller deviations, and values whose logarithm is taken, count as this.
    static let epsilon = 1e-12
}
