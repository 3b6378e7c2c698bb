import ExperimentModel
import Foundation
import OrderedCollections
import SearchSpace
import Testing

@testable import Execution

/// Values are run through real shells, and the bytes that a command gets are compared.
@Suite("Shell quoting", .timeLimit(.minutes(10)))
struct ShellQuotingTests {
    static let shells = ["/bin/sh", "/bin/bash"]

    static let values = [
        "0.5", "-1e-05", "plain", "if", "a b", "", " ", "\n", "a\nb\n\n", "; touch pwned", "$(touch pwned)",
        "`touch pwned`",
        "'", "''", "\"", "\\", "\\\\", "\\'", "'\\''", "\"\\", "a'b\"c`d$e\\f", "$HOME", "${HOME}", "$", "$$", "!",
        "!!", "--x", "-n",
        "*", "?", "[a]", "~", "#", "a#b", "a=b", "{a,b}", "a,b", "1..3", "&", "|", "<", ">", "(", ")", "é\u{301}",
        "'\u{301}", "\"\u{301}",
        "\u{1F600}", "\t", "\r\n", "\u{7f}", "% %s", "\\n", "2",
    ]

    /// Text around `{x}`, and what comes out for a value.
    static let places: [(text: String, before: String, after: String)] = [
        ("printf '%s\\0' {x}", "", ""),
        ("printf '%s\\0' pre{x}post", "pre", "post"),
        ("printf '%s\\0' \"a {x} b\"", "a ", " b"),
        ("printf '%s\\0' 'a {x} b'", "a ", " b"),
        ("printf '%s\\0' {x}>&1", "", ""),
        ("printf '%s\\0' \"$(printf '%s.' {x})\"", "", "."),
        ("printf '%s\\0' \"$(printf '%s.' \"{x}\")\"", "", "."),
        ("printf '%s\\0' \"$(printf '%s.' '{x}')\"", "", "."),
        ("printf '%s\\0' \"$(printf '%s.' \"$(printf '%s,' \"({x})*({x})\")\")\"", "(", ")*(|),."),
        ("v=`printf '%s.' {x}`; printf '%s\\0' \"$v\"", "", "."),
        ("v=`printf '%s.' \"{x}\"`; printf '%s\\0' \"$v\"", "", "."),
        ("v=`printf '%s.' '{x}'`; printf '%s\\0' \"$v\"", "", "."),
        ("v=$(printf '%s.' `printf '%s' '' `'{x}'); printf '%s\\0' \"$v\"", "", "."),
        ("A=; printf '%s\\0' \"$A{x}\"", "", ""),
        ("A=; printf '%s\\0' $A{x}", "", ""),
        ("(printf '%s\\0' {x})", "", ""),
        (": # it's a comment\nprintf '%s\\0' {x}", "", ""),
        (": $# ${#} $((1+(2))) $? \\' a#b; printf '%s\\0' {x}", "", ""),
        ("case a in a) printf '%s\\0' {x};; esac", "", ""),
        ("A=${B:-x}; printf '%s\\0' \"${A}{x}\"", "x", ""),
        ("(:)# it's a comment\nprintf '%s\\0' {x}", "", ""),
        (": \\\n# it's a comment\nprintf '%s\\0' {x}", "", ""),
        ("printf '%s\\0' \\\n  \"a{x}\"", "a", ""),
        ("( : ); { printf '%s\\0' {x}; }", "", ""),
        ("f() { printf '%s\\0' \"$1\"; }; f {x}", "", ""),
    ]

    @Test("each value arrives byte for byte in each place", arguments: shells, places.map(\.text))
    func arrives(shell: String, text: String) throws {
        let place = try #require(Self.places.first { $0.text == text })
        let directory = try TemporaryDirectory()
        var output: [UInt8] = []
        var expected: [UInt8] = []
        let space = try Lab.space("x")
        var scripts = ["cd '\(directory.path)'"]
        for value in Self.values {
            scripts.append(
                try CommandTemplate(.arguments([shell, "-c", text]), space: space).expand(["x": .string(value)])[2]
            )
            let after = place.after.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
            let result = place.before + value + after[0] + (after.count > 1 ? value + after[1] : "")
            expected += Array(result.utf8) + [0]
        }
        output = try Self.output(of: [shell, "-c", scripts.joined(separator: "\n")])
        let got = output.split(separator: 0, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        let wanted = expected.split(separator: 0, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        for (index, pair) in zip(got, wanted).enumerated() where pair.0 != pair.1 {
            Issue.record(
                "value \(Self.values[index].debugDescription): got \(pair.0.debugDescription), script \(scripts[index + 1])"
            )
        }
        #expect(output == expected)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
    }

    @Test("appended arguments arrive byte for byte", arguments: values)
    func appended(value: String) throws {
        let argv = try CommandTemplate(.shell("printf '%s\\0' --"), space: Lab.space("x")).expand(["x": .string(value)])
        #expect(try Self.output(of: argv) == Array("--\0--x=\(value)\0".utf8))
    }

    static let unknownPlaces = [
        "cat <<E\n{x}\nE", "echo $(( {x} + 1 ))", "echo ${A:-{x}}", "echo \"`echo {x}`\"", "echo 1 # {x}",
        "echo $'{x}'",
        "echo $(case a in a) echo {x};; esac)", "eval \"echo {x}\"", "bash -c 'echo {x}'", "sh -ec \"echo {x}\"",
        "echo \\{x}",
        "echo \"\\{x}\"", "(( {x} > 1 ))", "echo `echo \\`echo {x}\\``", "echo `echo \"\\\\\" {x}`",
        "A=\"${B:-\"{x}\"}\"", "echo $[ {x} ]",
        "(:)# it's {x}", "echo \\\n# it's {x}", "A=\"$\\\n(echo {x})\"", "bash -o pipefail -c 'echo {x}'",
        "\"$SHELL\" -c 'echo {x}'", "a[{x}]=1", "ls @(#'{x}')", "echo ${ echo {x}; }", "(( 1 ))#' {x}",
        "( case a in a) echo {x};; esac )", "cat <<-'E' && echo {x}\nE",
        "trap 'echo {x}' EXIT", "ssh host {x}", "X='{x}'; eval \"$X\"", "echo `# {x}`", "cat <<<{x}",
    ]

    @Test("where the place is not certain only a bare value may stand", arguments: unknownPlaces)
    func unknown(text: String) throws {
        let template = try CommandTemplate(.shell(text), space: Lab.space("x"))
        for value in ["a b", "$(touch pwned)", "'", "\n", "a;b", "a[$(id)]"] {
            #expect(throws: ExecutionError.self, "\(value)") { try template.expand(["x": .string(value)]) }
        }
        #expect(try template.expand(["x": 0.5])[2] == text.replacingOccurrences(of: "{x}", with: "0.5"))
    }

    @Test("in [[ ]] of bash only a bare value may stand, and here-strings of bash are words")
    func bash() throws {
        let space = try Lab.space("x")
        let test = try CommandTemplate(.arguments(["bash", "-c", "[[ {x} -eq 1 ]] || echo {x}"]), space: space)
        #expect(throws: ExecutionError.self) { try test.expand(["x": "a[$(touch pwned)]"]) }
        let here = try CommandTemplate(.arguments(["bash", "-c", "cat <<<{x}"]), space: space)
        #expect(try Self.output(of: here.expand(["x": "a '$b"])) == Array("a '$b\n".utf8))
    }

    @Test("a script behind a program that is a value takes only bare values")
    func doubtful() throws {
        let template = try CommandTemplate(.arguments(["{x}", "-c", "echo {y}"]), space: Lab.space("x", "y"))
        #expect(try template.expand(["x": "sh", "y": 1]) == ["sh", "-c", "echo 1"])
        #expect(throws: ExecutionError.self) { try template.expand(["x": "sh", "y": "1; id"]) }
    }

    @Test("the square by bc runs as a list and as a text")
    func square() throws {
        let script = "echo \"loss=$(echo \"({x})*({x})\" | bc -l)\""
        let space = try Lab.space("x")
        for command in [Command.arguments(["sh", "-c", script]), .shell("sh -c '\(script)'")] {
            let argv = try CommandTemplate(command, space: space).expand(["x": -1.5])
            #expect(try Self.output(of: argv) == Array("loss=2.25\n".utf8))
        }
    }

    static func output(of argv: [String]) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: argv[0].hasPrefix("/") ? argv[0] : "/usr/bin/env")
        process.arguments = argv[0].hasPrefix("/") ? Array(argv.dropFirst()) : argv
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Array(data)
    }
}
