extension Double {
    /// The nearest multiple of `quantum`, as NumPy's `round(x / q) * q`: a half goes to the even multiple.
    ///
    /// Zero is never negative.
    public func rounded(toMultipleOf quantum: Double) -> Double {
        (self / quantum).rounded(.toNearestOrEven) * quantum + 0
    }
}
