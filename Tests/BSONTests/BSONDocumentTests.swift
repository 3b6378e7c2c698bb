import BSON
import OrderedCollections
import Testing

@Suite("BSON document")
struct BSONDocumentTests {
    static let everyKind: [BSONValue] = [
        .double(1.5), .double(-0.0), .double(.infinity), "text", "", "näïve 🎛 \u{0} end", ["a": 1], [:],
        [1, "two", [3]], [], .binary([0, 1, 255]), .binary([]), .binary(Array(repeating: 7, count: 16), subtype: 4),
        .objectID(BSONObjectID(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C)), true, false,
        .date(BSONDate(millisecondsSince1970: -1)), nil, .int32(.min), .int64(.max),
        .timestamp(seconds: .max, increment: 7), .regularExpression(pattern: "^a.*ü", options: "i"),
    ]

    @Test("gives back every kind of value", arguments: everyKind)
    func roundTrips(value: BSONValue) throws {
        let document = try BSONDocument([("before", 1), ("value", value), ("after", 2)])
        #expect(document["value"] == value)
        #expect(document["value"]?.kind == value.kind)
        #expect(try BSONDocument(bytes: document.bytes) == document)
        #expect(document.value(at: "after") == 2)
    }

    @Test("keeps the order of keys, also of repeated ones")
    func order() throws {
        let document = try BSONDocument([("b", 1), ("a", 2), ("b", 3), ("", 4)])
        #expect(document.keys == ["b", "a", "b", ""])
        #expect(document.elements.map(\.value) == [1, 2, 3, 4])
        #expect(document["b"] == 1)
        #expect(document[""] == 4)
        #expect(document.dictionary == ["b": 1, "a": 2, "": 4] as OrderedDictionary)
        #expect(document.count == 4)
    }

    @Test("finds keys by their whole name only")
    func wholeNames() {
        let document: BSONDocument = ["abc": 1, "größe": 2]
        #expect(document["ab"] == nil)
        #expect(document["abcd"] == nil)
        #expect(document["abc\u{0}d"] == nil)
        #expect(document["größe"] == 2)
    }

    @Test("follows dotted paths through documents and arrays")
    func paths() {
        let document: BSONDocument = ["result": ["loss": 0.5], "owner": ["first", "second"]]
        #expect(document.value(at: "result.loss") == 0.5)
        #expect(document.value(at: "owner.1") == "second")
        #expect(document.value(at: "result.gain") == nil)
        #expect(document.value(at: "result.loss.more") == nil)
    }

    @Test("picks the smallest integer kind for literals")
    func integerLiterals() {
        let document: BSONDocument = ["small": 2_147_483_647, "large": 2_147_483_648]
        #expect(document["small"]?.kind == .int32)
        #expect(document["large"]?.kind == .int64)
    }

    @Test("replaces in place, appends and removes by subscript")
    func changes() {
        var document: BSONDocument = ["a": 1, "b": 2]
        document["a"] = "x"
        document["c"] = 3
        document["b"] = nil
        #expect(document == ["a": "x", "c": 3])
    }

    @Test("is empty only without elements")
    func emptiness() {
        #expect(BSONDocument().isEmpty)
        #expect(BSONDocument() == [:])
        #expect(!(["a": nil] as BSONDocument).isEmpty)
        #expect((["a": nil] as BSONDocument)["a"]?.isNull == true)
    }

    @Test("refuses a NUL in a key instead of cutting it")
    func nulInKey() {
        #expect(throws: BSONError.containsNUL("a\u{0}b")) { try BSONDocument([("a\u{0}b", 1)]) }
        #expect(throws: BSONError.containsNUL("x\u{0}")) {
            try BSONDocument([("r", .regularExpression(pattern: "x\u{0}"))])
        }
    }

    @Test("records the failure of a literal, also of a nested one")
    func literalFailure() {
        let key = "a\u{0}b"
        let nested: BSONDocument = ["outer": [["inner": [key: 1]]]]
        #expect(nested.failure == .containsNUL(key))
        #expect(throws: BSONError.containsNUL(key)) { try nested.validated() }
        #expect(throws: BSONError.containsNUL(key)) { try BSONDocument([("x", .document(nested))]) }
        #expect(nested != [:])
    }

    @Test("nests up to the limit and no deeper")
    func depthLimit() throws {
        var value: BSONValue = 1
        for level in 1..<BSONDocument.maximumNestingDepth {
            value = level.isMultiple(of: 2) ? ["a": value] : [value]
        }
        let deepest = try BSONDocument([("a", value)])
        #expect(try BSONDocument(bytes: deepest.bytes) == deepest)
        #expect(throws: BSONError.nestedTooDeep(limit: 100)) { try BSONDocument([("a", .document(deepest))]) }
        #expect(throws: BSONError.nestedTooDeep(limit: 100)) { try BSONDocument([("a", [value])]) }
    }

    @Test("survives bytes that are nested a hundred thousand levels deep")
    func hostileDepth() {
        let levels = 100_000
        var bytes: [UInt8] = []
        for level in 0..<levels {
            let size = 5 + 8 * (levels - 1 - level)
            bytes += (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
            if level < levels - 1 { bytes += [3, 97, 0] }
        }
        bytes += Array(repeating: 0, count: levels)
        #expect(throws: BSONError.nestedTooDeep(limit: 100)) { try BSONDocument(bytes: bytes) }
    }

    @Test("refuses every truncation of a document")
    func truncation() throws {
        let document = try BSONDocument(Self.everyKind.enumerated().map { ("k\($0.offset)", $0.element) })
        for length in 0..<document.bytes.count {
            #expect(throws: BSONError.self) { try BSONDocument(bytes: Array(document.bytes.prefix(length))) }
        }
    }

    @Test("never crashes on a damaged byte, and reads what libbson accepts")
    func corruption() throws {
        let document = try BSONDocument(Self.everyKind.enumerated().map { ("k\($0.offset)", $0.element) })
        var acceptedCount = 0
        for position in document.bytes.indices {
            for damage: UInt8 in [0x00, 0x7F, 0x80, 0xFF] {
                var bytes = document.bytes
                bytes[position] ^= damage
                guard let damaged = try? BSONDocument(bytes: bytes) else { continue }
                acceptedCount += 1
                #expect(damaged.elements.count <= Self.everyKind.count)
                #expect(!damaged.canonicalJSON.isEmpty)
            }
        }
        #expect(acceptedCount >= document.bytes.count)
    }

    @Test("refuses text that is not UTF-8", arguments: [[0xFF, 0xFE], [0xC3, 0x28], [0xED, 0xA0]] as [[UInt8]])
    func invalidText(text: [UInt8]) throws {
        let sound: BSONDocument = ["k": "ab"]
        var bytes = sound.bytes
        bytes.replaceSubrange(bytes.count - 4..<bytes.count - 2, with: text)
        #expect(throws: BSONError.self) { try BSONDocument(bytes: bytes) }
    }

    @Test("reads kinds it cannot represent as other and refuses to write them")
    func otherKinds() throws {
        let document = try BSONDocument(json: #"{"d": {"$numberDecimal": "1.5"}, "n": 1}"#)
        let decimal = try #require(document["d"])
        #expect(decimal.kind.description == "decimal")
        #expect(throws: BSONError.unsupportedKind(decimal.kind, key: "copy")) {
            try BSONDocument([("copy", decimal)])
        }
        #expect(try BSONDocument([("whole", .document(document))])["whole"] == .document(document))
    }

    @Test("speaks extended JSON in both directions")
    func json() throws {
        let document = try BSONDocument(json: #" {"a": 1, "b": [true, null, "x"], "c": {"$numberLong": "5"}}"#)
        #expect(document == ["a": 1, "b": [true, nil, "x"], "c": .int64(5)])
        #expect(document.relaxedJSON == #"{ "a" : 1, "b" : [ true, null, "x" ], "c" : 5 }"#)
        #expect(try BSONDocument(json: document.canonicalJSON) == document)
    }

    @Test("refuses text that is no JSON object", arguments: ["", " ", "[1]", "{", "{\"a\":}", "1", "{\"a\u{0}\": 1}x"])
    func badJSON(text: String) {
        #expect(throws: BSONError.self) { try BSONDocument(json: text) }
    }
}
