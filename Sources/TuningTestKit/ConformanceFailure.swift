/// A promise that an implementation did not keep.
public struct ConformanceFailure: Error, CustomStringConvertible {
    /// What was expected, and where.
    public let description: String

    init(_ message: String, file: String, line: Int) {
        description = "\(message) (\(file):\(line))"
    }
}

/// Throws unless `condition` holds; conformance suites are called from tests of any framework.
func expect(
    _ condition: Bool,
    _ message: @autoclosure () -> String,
    file: String = #fileID,
    line: Int = #line
) throws {
    guard condition else { throw ConformanceFailure(message(), file: file, line: line) }
}

/// Throws unless the values are equal.
func expectEqual<T: Equatable>(
    _ found: T,
    _ wanted: T,
    _ message: @autoclosure () -> String = "values differ",
    file: String = #fileID,
    line: Int = #line
) throws {
    guard found == wanted else {
        throw ConformanceFailure("\(message()): found \(found), expected \(wanted)", file: file, line: line)
    }
}

/// The value, or an error when there is none.
func unwrap<T>(
    _ value: T?,
    _ message: @autoclosure () -> String = "a value is missing",
    file: String = #fileID,
    line: Int = #line
) throws -> T {
    guard let value else { throw ConformanceFailure(message(), file: file, line: line) }
    return value
}
