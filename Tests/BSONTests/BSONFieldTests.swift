import BSON
import Testing

@Suite("Required BSON fields")
struct BSONFieldTests {
    let document: BSONDocument = ["tid": 7, "rate": 0.5, "whole": 3.0, "name": "x", "nothing": nil, "at": ["n": 1]]

    @Test("convert numbers where nothing is lost")
    func numbers() throws {
        #expect(try document.require("tid").int64 == 7)
        #expect(try document.require("tid").double == 7)
        #expect(try document.require("whole").int == 3)
        #expect(try document.require(at: "at.n").int == 1)
        #expect(throws: BSONError.wrongKind(key: "rate", expected: "a whole number", found: .double)) {
            try document.require("rate").int64
        }
    }

    @Test("name the key that is missing")
    func missing() {
        #expect(throws: BSONError.missing(key: "owner")) { try document.require("owner") }
        #expect(BSONError.missing(key: "owner").description.contains("\"owner\""))
    }

    @Test("name the key and the kind that was found")
    func wrongKind() {
        #expect(throws: BSONError.wrongKind(key: "name", expected: "a date", found: .string)) {
            try document.require("name").date
        }
        let text = BSONError.wrongKind(key: "name", expected: "a date", found: .string).description
        #expect(text == "Key \"name\" should hold a date, but holds string.")
    }

    @Test("are optional when absent or null")
    func optionals() throws {
        #expect(document.optional("nothing") == nil)
        #expect(document.optional("absent") == nil)
        #expect(try document.optional("name")?.string == "x")
    }

    @Test("do not take a bool for a number or a number for a bool")
    func bools() {
        #expect(BSONValue.bool(true).asInt64 == nil)
        #expect(BSONValue.int32(1).asBool == nil)
        #expect(BSONValue.double(.nan).asInt64 == nil)
        #expect(BSONValue.double(1e300).asInt64 == nil)
    }
}
