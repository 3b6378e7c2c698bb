import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@testable import Execution

@Suite("Command template")
struct CommandTemplateTests {
    private func space() throws -> SearchSpace {
        try SearchSpace(root: [
            "lr": .parameter(Parameter(label: "lr", domain: .float(min: 0, max: 1, isLog: false, step: nil))),
            "model": .parameter(
                Parameter(
                    label: "model",
                    domain: .choice([
                        .mapping([
                            "type": .constant("svm"),
                            "C": .parameter(Parameter(label: "C", domain: .uniform(low: 0, high: 1))),
                        ]),
                        .mapping(["type": .constant("tree")]),
                    ])
                )
            ),
        ])
    }

    private let assignment: Assignment = ["lr": 0.25, "model": ["type": "svm", "C": 1.0]]

    private func expand(_ command: Command, _ assignment: Assignment? = nil) throws -> [String] {
        try CommandTemplate(command, space: space()).expand(assignment ?? self.assignment)
    }

    @Test(
        "all forms of a placeholder are replaced",
        arguments: ["{lr}", "${{search_space.lr}}", "${{ search_space.lr }}", "${trialParameters.lr}", "{lr?}"]
    )
    func forms(text: String) throws {
        #expect(try expand(.arguments(["train", "--lr=\(text)!"])) == ["train", "--lr=0.25!"])
    }

    @Test("dotted paths reach nested values, and a whole mapping is compact JSON")
    func dotted() throws {
        #expect(
            try expand(.arguments(["train", "{model.type}", "{model}", "{model.C?}"]))
                == ["train", "svm", #"{"type":"svm","C":1}"#, "1"]
        )
    }

    @Test("braces that are no placeholder stay, and doubled ones are written single")
    func literals() throws {
        #expect(
            try expand(
                .arguments([
                    "awk", "{print $1}", "{{lr}}", "{{word}}", "{\"a\":{lr}}", "{}", "{{.Go}}", "{x", "${HOME}", "{lr}",
                ])
            )
                == ["awk", "{print $1}", "{lr}", "{word}", "{\"a\":0.25}", "{}", "{{.Go}}", "{x", "${HOME}", "0.25"]
        )
    }

    @Test(
        "braces that stay although a placeholder was probably meant are noted",
        arguments: [
            (["t", "{lrr}"], ["{lrr} names no parameter of the search space and stays as text; did you mean {lr}?"]),
            (
                ["t", "--epochs={epochs}"],
                ["{epochs} names no parameter of the search space and stays as text; write {{epochs}} if that is meant"]
            ),
            (
                ["t", "a {lrr} b"],
                ["{lrr} names no parameter of the search space and stays as text; did you mean {lr}?"]
            ),
            (["t", "{lr}", "{{epochs}}", "{{lrr}}", "x{epochs}y", "{}", "{print $1}", "{1}"], []),
            (["sh", "-c", "echo {epochs}"], []),
        ]
    )
    func slips(arguments: [String], expected: [String]) throws {
        let names = TemplateNames(space: try space(), inputs: [:])
        let reading = CommandReading(.arguments(arguments), names: names, style: .append)
        #expect(reading.slips == expected)
        #expect(reading.problems.isEmpty)
    }

    @Test("an inactive parameter and a null are empty in a placeholder")
    func inactive() throws {
        let tree: Assignment = ["lr": .null, "model": ["type": "tree"]]
        #expect(try expand(.arguments(["t", "a{model.C?}b", "{lr}"]), tree) == ["t", "ab", ""])
        #expect(try expand(.shell("t {model.C?} {lr} '{lr}'"), tree)[2] == "t   ''")
    }

    @Test(
        "mistakes are all found, with a hint",
        arguments: [
            ("{model.C}", "can be inactive"), ("{lrr?}", "did you mean {lr}?"),
            ("${{search_space.Lr}}", "did you mean {lr}?"),
            ("${{inputs.data}}", "names an input"), ("${{outputs.x}}", "not known"),
            ("${trialParameters.foo}", "no parameter"),
            ("${{search_space.lr", "no closing"), ("${lr}", "variable of the shell"),
        ]
    )
    func mistakes(text: String, hint: String) throws {
        let problems = CommandTemplate.problems(in: .arguments(["train", text, text]), space: try space())
        #expect(problems.count == 2)
        #expect(problems.allSatisfy { $0.contains(hint) })
        #expect(throws: ExecutionError.self) { try expand(.arguments(["train", text])) }
    }

    @Test("an empty command is a mistake", arguments: [Command.arguments([]), .arguments([""]), .shell(" \n")])
    func empty(command: Command) throws {
        #expect(CommandTemplate.problems(in: command, space: try space()).count == 1)
    }

    @Test("without a placeholder, arguments are appended to a list; null and inactive are left out")
    func appended() throws {
        #expect(
            try expand(.arguments(["python3", "t.py"])) == [
                "python3", "t.py", "--lr=0.25", "--model.type=svm", "--model.C=1",
            ]
        )
        #expect(
            try expand(.arguments(["t"]), ["lr": .null, "model": ["type": "a b"]]) == ["t", "--model.type=a b"]
        )
    }

    @Test("without a placeholder, arguments are appended, quoted, to the last line of a shell text")
    func appendedToText() throws {
        #expect(
            try expand(.shell("cd x\npython3 t.py\n"), ["lr": 0.25, "model": ["type": "a 'b"]])
                == ["/bin/sh", "-c", "cd x\npython3 t.py --lr=0.25 '--model.type=a '\\''b'"]
        )
    }

    @Test("arguments appended behind sh -c TEXT all reach \"$@\"")
    func appendedBehindScript() throws {
        #expect(
            try expand(.arguments(["env", "A=1", "bash", "-ec", "t \"$@\""]), ["lr": 1, "model": ["type": "svm"]])
                == ["env", "A=1", "bash", "-ec", "t \"$@\"", "bash", "--lr=1", "--model.type=svm"]
        )
        #expect(try expand(.arguments(["sh", "-c", "t", "me"]), ["lr": 1]) == ["sh", "-c", "t", "me", "--lr=1"])
    }

    @Test(
        "a shell text that cannot take arguments at its end is a mistake",
        arguments: ["t &", "t;", "t | ", "t # note", "for i in 1; do t; done", "(t)", "t 'x", "cat <<E\nx\nE"]
    )
    func notAppendable(text: String) throws {
        #expect(CommandTemplate.problems(in: .shell(text), space: try space()).count == 1)
        #expect(CommandTemplate.problems(in: .shell("echo {lr}; " + text), space: try space()) == [])
    }

    @Test("a placeholder directly behind a dollar is a mistake in a shell text")
    func dollar() throws {
        #expect(CommandTemplate.problems(in: .shell("echo $${{search_space.lr}}"), space: try space()).count == 1)
        #expect(try expand(.shell("lr={lr}; echo ${lr}"))[2] == "lr=0.25; echo ${lr}")
    }

    @Test(
        "scripts are found behind the shell's options",
        arguments: [
            (["sh", "-c", "{lr}"], 2), (["/bin/bash", "-euo", "pipefail", "-c", "{lr}"], 4),
            (["bash", "-ceu", "{lr}"], 2),
            (["bash", "--norc", "-lc", "{lr}"], 3), (["timeout", "5", "dash", "-c", "--", "{lr}"], 5),
            (["busybox", "sh", "-c", "{lr}"], 3), (["bash", "--rcfile", "f", "-c", "-e", "{lr}"], 5),
        ]
    )
    func scripts(command: [String], index: Int) throws {
        let argv = try expand(.arguments(command), ["lr": "a b"])
        #expect(argv[index] == "'a b'")
    }

    @Test(
        "what no shell reads is passed as it is",
        arguments: [
            ["sh", "file", "{lr}"], ["python3", "-c", "{lr}"], ["sh", "-c", "t", "{lr}"], ["bash", "-e", "{lr}"],
        ]
    )
    func noScripts(command: [String]) throws {
        #expect(try expand(.arguments(command), ["lr": "a b"]).last == "a b")
    }

    @Test("a NUL byte in a value is an error, never a shorter argument")
    func nul() throws {
        #expect(throws: ExecutionError.nulByte("a\0b")) { try expand(.arguments(["t", "{lr}"]), ["lr": "a\0b"]) }
    }
}
