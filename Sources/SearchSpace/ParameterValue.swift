public import OrderedCollections

/// One value of an assignment: anything that JSON can say, with whole numbers kept apart from other numbers.
///
/// Mappings keep the order in which they were written, so that what a trial sees looks like what the user wrote.
public indirect enum ParameterValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case list([ParameterValue])
    case mapping(OrderedDictionary<String, ParameterValue>)
}

/// The resolved values of a trial: parameter key to value, in the order of the search space.
///
/// Keys of inactive parameters are absent; a choice whose option holds further parameters is a mapping.
public typealias Assignment = OrderedDictionary<String, ParameterValue>

extension ParameterValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A double-precision number.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// The null value.
    public init(nilLiteral: ()) { self = .null }
    /// A list.
    public init(arrayLiteral elements: ParameterValue...) { self = .list(elements) }
    /// A mapping in the written order; the last of equal keys wins.
    public init(dictionaryLiteral elements: (String, ParameterValue)...) {
        self = .mapping(OrderedDictionary(elements, uniquingKeysWith: { $1 }))
    }
}
