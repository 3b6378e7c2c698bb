public import FoundationEssentials

/// A moment as BSON stores it: whole milliseconds since 1970, UTC.
public struct BSONDate: Hashable, Comparable, Sendable, Codable {
    /// Milliseconds since 1970-01-01T00:00:00Z; negative before.
    public var millisecondsSince1970: Int64

    /// A date from milliseconds since 1970.
    public init(millisecondsSince1970: Int64) {
        self.millisecondsSince1970 = millisecondsSince1970
    }

    /// The nearest millisecond to a Foundation date; dates beyond the range of 64 bits are clamped.
    public init(_ date: Date) {
        let milliseconds = (date.timeIntervalSince1970 * 1000).rounded()
        if let exact = Int64(exactly: milliseconds) {
            millisecondsSince1970 = exact
        } else {
            millisecondsSince1970 = milliseconds > 0 ? .max : .min
        }
    }

    /// The same moment as a Foundation date.
    public var date: Date {
        Date(timeIntervalSince1970: Double(millisecondsSince1970) / 1000)
    }

    /// The moment `duration` later, cut to whole milliseconds; saturates at the ends of the range.
    public func advanced(by duration: Duration) -> BSONDate {
        let (seconds, attoseconds) = duration.components
        let (scaled, isScaledOut) = seconds.multipliedReportingOverflow(by: 1000)
        let (delta, isDeltaOut) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        let (sum, isSumOut) = millisecondsSince1970.addingReportingOverflow(delta)
        if isScaledOut || isDeltaOut || isSumOut {
            return BSONDate(millisecondsSince1970: seconds > 0 ? .max : .min)
        }
        return BSONDate(millisecondsSince1970: sum)
    }

    /// Earlier dates come first.
    public static func < (left: BSONDate, right: BSONDate) -> Bool {
        left.millisecondsSince1970 < right.millisecondsSince1970
    }
}
