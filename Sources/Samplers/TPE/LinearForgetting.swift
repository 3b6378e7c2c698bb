/// The weights of observations by age: the newest 25 count fully, older ones less and less.
///
/// hyperopt 0.3.0, `linear_forgetting_weights`.
enum LinearForgetting {
    /// The weights of `count` observations, the oldest first: a ramp from 1 / count to 1, then ones.
    static func weights(count: Int) -> [Double] {
        var weights = [Double](repeating: 1, count: count)
        let ramp = count - TPESettings.linearForgetting
        guard ramp > 0 else { return weights }
        let start = 1 / Double(count)
        // A ramp of one observation is its start alone.
        let step = ramp > 1 ? (1 - start) / Double(ramp - 1) : 0
        for position in 0..<ramp { weights[position] = start + Double(position) * step }
        if ramp > 1 { weights[ramp - 1] = 1 }
        return weights
    }
}
