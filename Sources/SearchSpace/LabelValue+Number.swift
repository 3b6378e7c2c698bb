extension LabelValue {
    /// The value as a double.
    public var number: Double {
        switch self {
        case .integer(let number): Double(number)
        case .double(let number): number
        }
    }

    /// The value as a whole number, when it is one.
    public var wholeNumber: Int64? {
        switch self {
        case .integer(let number): number
        case .double(let number): Int64(exactly: number)
        }
    }
}
