import Foundation

/// Reference values that stand beside the script that made them.
enum Fixture {
    /// The content of a JSON file under `Fixtures`.
    static func load<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: folder.appending(path: "Fixtures/\(name).json"))
        return try JSONDecoder().decode(Value.self, from: data)
    }
}

/// Whether a number is a reference value but for rounding: 1e-9, relative to the reference where that is larger than 1.
///
/// Both sides add up to some hundred terms and take differences of error functions, in different orders and with
/// different C libraries; that moves the thirteenth digit.
func isClose(_ number: Double, _ reference: Double) -> Bool {
    abs(number - reference) <= 1e-9 * max(1, abs(reference))
}

/// The same for each pair.
func areClose(_ numbers: some Collection<Double>, _ references: some Collection<Double>) -> Bool {
    numbers.count == references.count && zip(numbers, references).allSatisfy(isClose)
}
