import BSON
import FoundationEssentials
import Testing

@Suite("BSON object id and date")
struct BSONObjectIDTests {
    @Test("puts its parts in MongoDB's order")
    func parts() throws {
        let identifier = try #require(BSONObjectID(seconds: 0x6553_F100, maker: [1, 2, 3, 4, 5], counter: 0xABCDEF))
        #expect(identifier.description == "6553f1000102030405abcdef")
        #expect(identifier.bytes == [0x65, 0x53, 0xF1, 0x00, 1, 2, 3, 4, 5, 0xAB, 0xCD, 0xEF])
        #expect(identifier.seconds == 0x6553_F100)
        #expect(identifier.counter == 0xABCDEF)
        #expect(BSONObjectID(identifier.description) == identifier)
        #expect(BSONObjectID(bytes: identifier.bytes) == identifier)
    }

    @Test("grows with the counter")
    func order() throws {
        let first = try #require(BSONObjectID(seconds: 9, maker: [9, 9, 9, 9, 255], counter: 255))
        let second = try #require(BSONObjectID(seconds: 9, maker: [9, 9, 9, 9, 255], counter: 256))
        #expect(first < second)
        #expect(first.description < second.description)
    }

    @Test(
        "refuses text that is not 24 hexadecimal digits",
        arguments: [
            "", "6553f1000102030405abcde", "6553f1000102030405abcdef0", "6553f1000102030405abcdeg",
            "\u{FF16}553f1000102030405abcde",
        ]
    )
    func badText(text: String) {
        #expect(BSONObjectID(text) == nil)
    }

    @Test("refuses parts that do not fit")
    func badParts() {
        #expect(BSONObjectID(seconds: 1, maker: [1, 2, 3, 4], counter: 1) == nil)
        #expect(BSONObjectID(seconds: 1, maker: [1, 2, 3, 4, 5], counter: 0x100_0000) == nil)
    }

    @Test("rounds dates to the millisecond and saturates at the ends")
    func dates() {
        #expect(BSONDate(Date(timeIntervalSince1970: 1.2345)).millisecondsSince1970 == 1235)
        #expect(BSONDate(Date(timeIntervalSince1970: -0.001)).millisecondsSince1970 == -1)
        #expect(BSONDate(millisecondsSince1970: 1500).date == Date(timeIntervalSince1970: 1.5))
        #expect(BSONDate(.distantFuture) > BSONDate(.distantPast))
        #expect(BSONDate(millisecondsSince1970: 10).advanced(by: .milliseconds(-20)).millisecondsSince1970 == -10)
        #expect(BSONDate(millisecondsSince1970: .max).advanced(by: .seconds(1)).millisecondsSince1970 == .max)
    }
}
