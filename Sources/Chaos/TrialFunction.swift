public import OrderedCollections
public import SearchSpace

/// What the trials of a chaos run compute, reckoned again: `scripts/chaos.d/trial.c` is the other half.
public enum TrialFunction {
    /// Out of a hundred attempts, how many are to fail.
    static let failingPercent: UInt64 = 8

    /// The texts of the two parameters as a trial gets them; `nil` when the assignment is not one of ours.
    static func texts(_ assignment: Assignment) -> (x: String, y: String)? {
        guard let x = assignment["x"]?.valueText, let y = assignment["y"]?.valueText else { return nil }
        return (x, y)
    }

    /// The name that the journal has for an assignment; `nil` when it is not one of ours.
    public static func hash(of assignment: Assignment) -> UInt64? {
        texts(assignment).map { hash("\($0.x) \($0.y)") }
    }

    /// The objective of an assignment, to the last bit; `nil` when it is not one of ours.
    public static func value(of assignment: Assignment) -> Double? {
        guard let (first, second) = texts(assignment), let x = Double(first), let y = Double(second) else { return nil }
        let distance = x - 1
        let square = distance * distance
        return square + y
    }

    /// Whether an attempt is to fail.
    public static func fails(_ assignment: Assignment, attempt: Int) -> Bool {
        guard let (x, y) = texts(assignment) else { return false }
        return hash("\(x) \(y) \(attempt)") % 100 < failingPercent
    }

    /// FNV-1a with 64 bits (Fowler, Noll and Vo), then one round of MurmurHash3's finaliser, since the low bits are used.
    static func hash(_ text: String) -> UInt64 {
        var value: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        value = (value ^ (value >> 33)) &* 0xff51_afd7_ed55_8ccd
        return value ^ (value >> 33)
    }
}
