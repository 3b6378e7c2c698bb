import Foundation
import SearchSpace
import Testing

@Suite("Text of values")
struct ParameterValueTextTests {
    @Test(
        "numbers are shortest, and whole ones plain",
        arguments: [
            (2.0, "2"), (-0.0, "0"), (0.1, "0.1"), (1e-5, "1e-05"), (9_007_199_254_740_991, "9007199254740991"),
            (1e300, "1e+300"), (-1.5e-300, "-1.5e-300"), (100_000, "100000"),
            (.double(.leastNonzeroMagnitude), "5e-324"),
        ] as [(ParameterValue, String)]
    )
    func numbers(value: ParameterValue, text: String) {
        #expect(value.valueText == text)
        #expect(value.json == text)
    }

    @Test("numbers read back as the same double", arguments: 0..<200)
    func roundTrip(seed: UInt64) {
        let number = Double(bitPattern: seed &* 0x9e37_79b9_7f4a_7c15 &+ 12345)
        guard number.isFinite else { return }
        #expect(ParameterValue.double(number).valueText.flatMap(Double.init) == number)
    }

    @Test("every 64-bit integer is itself")
    func integers() {
        #expect(ParameterValue.integer(.max).valueText == "9223372036854775807")
        #expect(ParameterValue.integer(.min).valueText == "-9223372036854775808")
    }

    @Test("null has no text, a text is itself, lists and mappings are compact JSON")
    func others() {
        #expect(ParameterValue.null.valueText == nil)
        #expect(ParameterValue.bool(true).valueText == "true")
        #expect(ParameterValue.string("a b").valueText == "a b")
        #expect((["b": [1, 2.5, nil], "a": "x"] as ParameterValue).valueText == #"{"b":[1,2.5,null],"a":"x"}"#)
    }

    @Test("what JSON has no number for becomes a text")
    func nonFinite() {
        #expect(([.double(.nan), .double(-.infinity)] as ParameterValue).json == #"["NaN","-Infinity"]"#)
    }

    @Test("control characters, quotation marks and other planes are valid JSON for another reader")
    func escapes() throws {
        let text = "\u{0}\u{1f}\u{7f}\"\\/\n\r\t\u{2028}😀é\r\n"
        let json = ParameterValue.list([.string(text)]).json
        #expect(try JSONDecoder().decode([String].self, from: Data(json.utf8)) == [text])
        #expect(try ParameterValue(json: json) == [.string(text)])
    }
}

@Suite("JSON texts")
struct JSONTextTests {
    @Test("reads values, keeps the order of keys and tells 2 from 2.0")
    func reads() throws {
        let value = try ParameterValue(
            json: #" {"b": [1, 2.0, -0.5e1, null, true, false], "a": "\u00e9\ud83d\ude00\/"} "#
        )
        #expect(value == ["b": [1, 2.0, -5.0, nil, true, false], "a": "é😀/"])
        #expect(try ParameterValue(json: "9223372036854775808") == .double(0x1p63))
    }

    @Test(
        "refuses everything beyond RFC 8259",
        arguments: [
            "", " ", "[1,]", "[1 2]", "{a:1}", "{\"a\" 1}", "{\"a\":1,}", "01", "1.", ".5", "+1", "-", "1e", "0x1",
            "NaN", "nul",
            "'a'", "\"a", "\"\\x\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\u12\"", "\"\\u+123\"",
            "\"\n\"", "1 1",
            "[", "{", "{\"a\":1,\"a\":2}", "1e999", "-1e999", "[1]]", "\u{feff}1", "true1",
        ]
    )
    func refuses(text: String) {
        #expect(throws: JSONTextError.self) { try ParameterValue(json: text) }
    }

    @Test("says where the mistake is")
    func position() {
        #expect(throws: JSONTextError(line: 1, column: 11, reason: "this is no JSON value")) {
            try ParameterValue(json: "[\"日本語\", \"é\"".replacing("\"é\"", with: "  é]"))
        }
        #expect(throws: JSONTextError(line: 2, column: 5, reason: "this is no JSON value")) {
            try ParameterValue(json: "{\"a\":1,\"é\":\n    é}")
        }
    }

    @Test("nesting and size end at their limits")
    func limits() throws {
        let depth = ParameterValue.maximumJSONDepth
        _ = try ParameterValue(json: String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
        #expect(throws: JSONTextError.self) { try ParameterValue(json: String(repeating: "[", count: 1_000_000)) }
        #expect(throws: JSONTextError.self) { try ParameterValue(json: String(repeating: "{\"a\":", count: 100_000)) }
        let long = "\"" + String(repeating: "a", count: ParameterValue.maximumJSONBytes) + "\""
        #expect(throws: JSONTextError.self) { try ParameterValue(json: long) }
    }

    @Test("reads back what it writes", arguments: 0..<30)
    func roundTrip(seed: UInt64) throws {
        var spaces = RandomSpaces(seed: seed)
        let value = try spaces.next().normalised
        #expect(try ParameterValue(json: value.json).isSame(as: value), "seed \(seed)")
    }
}
