import BSON
import FoundationEssentials
import Testing

@Suite("BSON encoder and decoder")
struct BSONCoderTests {
    enum Cause: Codable, Equatable {
        case succeeded
        case failed(status: Int, signal: String?)
        case wrapped([String: Double])
    }

    /// A single value with a hand-written coding.
    struct Name: Codable, Equatable {
        let text: String

        init(_ text: String) { self.text = text }
        init(from decoder: any Decoder) throws { text = try decoder.singleValueContainer().decode(String.self) }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(text)
        }
    }

    /// A list of unlike elements and a nested document, written by hand.
    struct Mixed: Codable, Equatable {
        var number: Int
        var flag: Bool?
        var inner: [UInt8]

        enum CodingKeys: CodingKey { case list }
        enum InnerKeys: CodingKey { case inner }

        init(number: Int, flag: Bool?, inner: [UInt8]) {
            (self.number, self.flag, self.inner) = (number, flag, inner)
        }

        init(from decoder: any Decoder) throws {
            var list = try decoder.container(keyedBy: CodingKeys.self).nestedUnkeyedContainer(forKey: .list)
            number = try list.decode(Int.self)
            flag = try list.decodeNil() ? nil : list.decode(Bool.self)
            inner = try list.nestedContainer(keyedBy: InnerKeys.self).decode([UInt8].self, forKey: .inner)
            guard list.isAtEnd else {
                throw DecodingError.dataCorruptedError(in: list, debugDescription: "too long")
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            var list = container.nestedUnkeyedContainer(forKey: .list)
            try list.encode(number)
            if let flag { try list.encode(flag) } else { try list.encodeNil() }
            var nested = list.nestedContainer(keyedBy: InnerKeys.self)
            try nested.encode(inner, forKey: .inner)
        }
    }

    struct Trial: Codable, Equatable {
        var number: Int
        var large: Int64
        var value: Double?
        var absent: String?
        var at: Date
        var exact: BSONDate
        var identifier: BSONObjectID
        var raw: BSONValue
        var document: BSONDocument
        var data: Data
        var name: Name
        var cause: Cause
        var causes: [Cause]
        var mixed: Mixed
        var optionals: [Int?]
    }

    struct Inner: Codable {
        var small: UInt8
    }

    struct Outer: Codable {
        var list: [Inner]
    }

    static let trial = Trial(
        number: 3,
        large: 1 << 40,
        value: 0.25,
        absent: nil,
        at: Date(timeIntervalSince1970: 1_700_000_000.5),
        exact: BSONDate(millisecondsSince1970: 12),
        identifier: BSONObjectID(high: 1, low: 2),
        raw: [1, ["a": nil]],
        document: ["z": 1, "a": 2],
        data: Data([1, 2]),
        name: Name("x"),
        cause: .failed(status: 3, signal: nil),
        causes: [.succeeded, .wrapped(["m": 1])],
        mixed: Mixed(number: 1, flag: nil, inner: [1, 255]),
        optionals: [1, nil]
    )

    @Test("give back structs, enums, optionals, dates and BSON's own types")
    func roundTrip() throws {
        let document = try BSONEncoder().encode(Self.trial)
        let decoded = try BSONDecoder().decode(Trial.self, from: document)
        #expect(decoded == Self.trial)
    }

    @Test("use BSON's own kinds, keep the order of keys and omit nil")
    func shape() throws {
        let document = try BSONEncoder().encode(Self.trial)
        #expect(
            document.keys == [
                "number", "large", "value", "at", "exact", "identifier", "raw", "document", "data", "name", "cause",
                "causes", "mixed", "optionals",
            ]
        )
        #expect(document["number"] == .int32(3))
        #expect(document["large"] == .int64(1 << 40))
        #expect(document["at"] == .date(BSONDate(millisecondsSince1970: 1_700_000_000_500)))
        #expect(document["identifier"]?.kind == .objectID)
        #expect(document["data"] == .binary([1, 2]))
        #expect(document["name"] == "x")
        #expect(document["cause"] == ["failed": ["status": 3]])
        #expect(document["causes"] == [["succeeded": [:]], ["wrapped": ["_0": ["m": 1.0]]]])
        #expect(document["mixed"] == ["list": [1, nil, ["inner": [1, 255]]]])
        #expect(document["optionals"] == [1, nil])
    }

    @Test("read a whole double as an integer and an integer as a double")
    func numberKinds() throws {
        struct Numbers: Codable, Equatable { var count: Int; var rate: Double }
        let decoded = try BSONDecoder().decode(Numbers.self, from: ["count": 4.0, "rate": 2])
        #expect(decoded == Numbers(count: 4, rate: 2))
    }

    @Test("name the coding path of a wrong kind, a missing key and an overflow")
    func errors() throws {
        func path(_ document: BSONDocument) -> [String] {
            let result = Result { try BSONDecoder().decode(Outer.self, from: document) }
            switch result {
            case .success:
                return []
            case .failure(DecodingError.keyNotFound(let key, let context)):
                return context.codingPath.map(\.stringValue) + [key.stringValue, "missing"]
            case .failure(DecodingError.typeMismatch(_, let context)),
                .failure(DecodingError.dataCorrupted(let context)),
                .failure(DecodingError.valueNotFound(_, let context)):
                return context.codingPath.map(\.stringValue)
            case .failure(let error):
                return ["\(error)"]
            }
        }
        #expect(path(["list": [["small": 1], ["small": "x"]]]) == ["list", "1", "small"])
        #expect(path(["list": [["small": 256]]]) == ["list", "0", "small"])
        #expect(path(["list": [["small": nil]]]) == ["list", "0", "small"])
        #expect(path(["list": [[:]]]) == ["list", "0", "small", "missing"])
        #expect(path(["list": 1]) == ["list"])
    }

    @Test("refuse what BSON cannot express")
    func unencodable() {
        #expect(throws: EncodingError.self) { try BSONEncoder().encode(["n": UInt64.max]) }
        #expect(throws: EncodingError.self) { try BSONEncoder().encode(["a\u{0}": 1]) }
        #expect(throws: EncodingError.self) { try BSONEncoder().encode([1, 2]) }
    }

    @Test("hand user info to the coded types")
    func userInfo() throws {
        struct Reader: Decodable {
            let text: String
            init(from decoder: any Decoder) throws {
                text = CodingUserInfoKey(rawValue: "k").flatMap { decoder.userInfo[$0] as? String } ?? ""
            }
        }
        var decoder = BSONDecoder()
        decoder.userInfo[try #require(CodingUserInfoKey(rawValue: "k"))] = "seen"
        #expect(try decoder.decode(Reader.self, from: [:]).text == "seen")
    }
}
