import Testing

@testable import Execution

@Suite("Metric lines")
struct MetricLineParserTests {
    private func parse(_ text: String) -> [MetricReport] { MetricLineParser.parse(Array(text.utf8)) }

    @Test(
        "a whole line of pairs reports them",
        arguments: [
            ("loss=0.25", [MetricReport(name: "loss", value: 0.25)]),
            (
                "  loss=.25, acc=3.\tval/f1@5=1e-5 \r",
                [
                    MetricReport(name: "loss", value: 0.25), MetricReport(name: "acc", value: 3),
                    MetricReport(name: "val/f1@5", value: 1e-5),
                ]
            ),
            ("loss=-1E+3,step=4", [MetricReport(name: "loss", value: -1000, step: 4)]),
            (
                "step=7 a=1 b=2",
                [MetricReport(name: "a", value: 1, step: 7), MetricReport(name: "b", value: 2, step: 7)]
            ),
            ("loss=inf", [MetricReport(name: "loss", value: .infinity)]),
            ("loss=-Infinity", [MetricReport(name: "loss", value: -.infinity)]),
            ("loss=1e999", [MetricReport(name: "loss", value: .infinity)]),
        ]
    )
    func pairs(line: String, reports: [MetricReport]) {
        #expect(parse(line) == reports)
    }

    @Test("NaN is a value", arguments: ["loss=nan", "loss=NaN", "loss=-nan", "{\"loss\": NaN}"])
    func notANumber(line: String) throws {
        let reports = parse(line)
        #expect(reports.count == 1)
        #expect(try #require(reports.first).value.isNaN)
    }

    @Test(
        "every other line is output",
        arguments: [
            "", " ", "epoch 3 loss=0.2", "loss=0.2 done", "loss=", "=1", "loss=0x10", "loss=1_000", "loss = 0.2",
            "loss=1e", "loss=.", "loss=+-1",
            "loss=1=2", "step=1.5 loss=2", "a==1", "loss=1,5x", "{", "{}", "{\"a\":1} x", "{\"a\":1,}", "{\"a\" 1}",
            "{a:1}", "[1]", "{\"a\":01e}", "{\"a\":[1}",
            "{\"a\":\"1\"}", "{\"a\":true,\"b\":null}", "{\"a\":{\"b\":1}}", "{\"\\u12\":1}", "{\"a\":1", "step=3",
        ]
    )
    func ignored(line: String) {
        #expect(parse(line) == [])
    }

    @Test("a JSON object reports its numbers and passes over the rest")
    func json() {
        #expect(
            parse(
                #"{"accuracy": 0.93, "step": 4, "note": "a=1}", "inner": {"loss": [1, {"x": 2}]}, "ok": true, "n\u00e9\ud83d\ude00\n": -Infinity}"#
            )
                == [
                    MetricReport(name: "accuracy", value: 0.93, step: 4),
                    MetricReport(name: "né\u{1F600}\n", value: -.infinity, step: 4),
                ]
        )
    }

    @Test("nesting, names and lines beyond their limits report nothing")
    func limits() {
        let deep = String(repeating: "[", count: 70) + String(repeating: "]", count: 70)
        #expect(parse("{\"a\": 1, \"b\": \(deep)}") == [])
        #expect(parse(String(repeating: "n", count: MetricLineParser.maximumNameBytes + 1) + "=1") == [])
        #expect(parse(String(repeating: "n", count: MetricLineParser.maximumNameBytes) + "=1").count == 1)
        #expect(parse("a=1" + String(repeating: " ", count: MetricLineParser.maximumLineBytes)) == [])
        #expect(MetricLineParser.parse([0xFF, 0x3D, 0x31]) == [])
    }

    @Test("lines are found however the stream is cut", arguments: [1, 2, 3, 7, 1000])
    func cut(size: Int) {
        let text = "noise\nloss=1\r\n\nx {\n{\"loss\": 2}\n= =\nloss=3"
        var scanner = MetricLineScanner()
        var values: [Double] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            bytes[start..<min(bytes.count, start + size)].withUnsafeBytes {
                scanner.feed($0) { values += $0.map(\.value) }
            }
        }
        #expect(values == [1, 2])
        scanner.finish { values += $0.map(\.value) }
        #expect(values == [1, 2, 3])
    }

    @Test("a line that is too long is passed over, and the next is read")
    func tooLong() {
        var scanner = MetricLineScanner()
        var values: [Double] = []
        let block = [UInt8](repeating: 0x78, count: 50_000)
        for _ in 0..<3 { block.withUnsafeBytes { scanner.feed($0) { values += $0.map(\.value) } } }
        Array(" loss=1\nloss=2\n".utf8).withUnsafeBytes { scanner.feed($0) { values += $0.map(\.value) } }
        #expect(values == [2])
    }
}
