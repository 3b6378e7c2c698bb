import SearchSpace
import Testing

@testable import Diagnosis

@Suite("The report of doctor")
struct DoctorReportTests {
    private let healthy = Finding(.machine, "disk", .ok, "9 GiB free")
    private let warning = Finding(.machine, "locale", .warn, "no locale", remedy: "export LC_ALL=C.UTF-8")
    private let broken = Finding(.machine, "workdir", .fail, "not writable", remedy: "mkdir -p /w")
    private let unreachable = Finding(.store, "connection", .fail, "nobody answers", remedy: "start mongod")

    @Test("the worst finding is the status, and only a failing store makes it unusable")
    func verdicts() {
        #expect(DoctorReport([healthy]).status == "ok")
        #expect(DoctorReport([healthy, warning]).status == "warn")
        #expect(DoctorReport([healthy, warning]).verdict == .healthy)
        #expect(DoctorReport([broken, warning]).verdict == .failing)
        #expect(DoctorReport([broken, unreachable]).verdict == .storeUnusable)
        #expect(DoctorReport([unreachable]).status == "fail")
    }

    @Test("a remedy stands below what is not ok; quiet leaves out the rest")
    func lines() {
        let report = DoctorReport([healthy, warning, broken])
        #expect(
            report.lines() == [
                "ok    machine.disk     9 GiB free",
                "warn  machine.locale   no locale",
                "                       → export LC_ALL=C.UTF-8",
                "FAIL  machine.workdir  not writable",
                "                       → mkdir -p /w",
                "1 ok, 0 skipped, 1 to look at, 1 failing",
            ]
        )
        #expect(DoctorReport([healthy]).lines(isQuiet: true).isEmpty)
        #expect(report.lines(isQuiet: true).count == 4)
    }

    @Test("JSON has a remedy only where something is to be done")
    func json() {
        let text = DoctorReport([Finding(.machine, "disk", .ok, "fine", remedy: "none"), broken]).json.json
        #expect(
            text == #"{"checks":[{"name":"machine.disk","status":"ok","detail":"fine","remedy":null},"#
                + #"{"name":"machine.workdir","status":"fail","detail":"not writable","remedy":"mkdir -p /w"}],"#
                + #""status":"fail"}"#
        )
    }

    @Test("text of other programs is one printable line of limited length")
    func hostileText() {
        let finding = Finding(
            .machine,
            "docker",
            .warn,
            "a\u{1b}[31mred\nb\u{202e}\(String(repeating: "x", count: 999))"
        )
        #expect(!finding.detail.unicodeScalars.contains { $0.properties.generalCategory == .control })
        #expect(!finding.detail.contains("\u{202e}"))
        #expect(finding.detail.unicodeScalars.count == ForeignText.longest + 1)
    }

    @Test("a check that never answers is left behind, and the others answer in their order")
    func hangingCheck() async {
        let findings = await Check.run([
            Check(.store, "hangs", limit: .milliseconds(10), levelWhenLate: .fail) {
                let (never, continuation) = AsyncStream.makeStream(of: [Finding].self)
                // Not cancelled with the check: as deaf as a call that hangs in the kernel.
                return await Task { () -> [Finding] in
                    defer { continuation.finish() }
                    for await findings in never { return findings }
                    return []
                }.value
            },
            Check(.machine, "quick") { [healthy] in [healthy] },
        ])
        #expect(findings.map(\.fullName) == ["store.hangs", "machine.disk"])
        #expect(findings.first?.level == .fail)
    }
}
