import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@testable import Execution

@Suite("Inputs of a command")
struct CommandInputsTests {
    private let inputs: [String: ParameterValue] = [
        "data": "my data", "epochs": 3, "store": ["path": "/d", "deep": ["n": 2.0]], "none": .null,
    ]

    private func expand(_ command: Command, style: ArgumentStyle = .append) throws -> [String] {
        try CommandTemplate(command, space: Lab.space("lr"), inputs: inputs, style: style).expand(["lr": 0.25])
    }

    @Test("an input is written as it is into a list, also a part of one")
    func list() throws {
        #expect(
            try expand(
                .arguments([
                    "t", "--d=${{inputs.data}}", "${{ inputs.epochs }}", "${{inputs.store.deep.n}}",
                    "${{inputs.store}}", "${{inputs.none}}", "{lr}",
                ])
            ) == ["t", "--d=my data", "3", "2", #"{"path":"/d","deep":{"n":2}}"#, "", "0.25"]
        )
    }

    @Test("an input is quoted for its place in a shell text")
    func shell() throws {
        #expect(
            try expand(.shell("t ${{inputs.data}} \"${{inputs.data}}\" '${{inputs.data}}' {lr}"))[2]
                == "t 'my data' \"my data\" 'my data' 0.25"
        )
        #expect(
            try expand(.arguments(["bash", "-c", "t ${{inputs.data}}", "x", "{lr}"]))[2] == "t 'my data'"
        )
    }

    @Test("the value of an input is text, whatever it looks like")
    func noSecondReading() throws {
        let template = try CommandTemplate(
            .arguments(["t", "${{inputs.a}}"]),
            space: Lab.space("lr"),
            inputs: ["a": "{lr} ${{search_space.lr}} ${{inputs.a}}"]
        )
        #expect(try template.expand(["lr": 1])[1] == "{lr} ${{search_space.lr}} ${{inputs.a}}")
    }

    @Test("a command with inputs only still gets its parameters appended")
    func appended() throws {
        #expect(
            try expand(.arguments(["t", "--data", "${{inputs.data}}"])) == ["t", "--data", "my data", "--lr=0.25"]
        )
        #expect(try expand(.shell("t ${{inputs.data}}"))[2] == "t 'my data' --lr=0.25")
    }

    @Test(
        "an input that is not there is a problem with a hint",
        arguments: [
            ("${{inputs.dta}}", "did you mean ${{inputs.data}}?"),
            ("${{inputs.store.pth}}", "did you mean ${{inputs.store.path}}?"),
            ("${{inputs.zzzzzz}}", "${{inputs.zzzzzz}} names no input"),
            ("${{inputs.lr}}", "write ${{search_space.lr}}"),
            ("${{search_space.data}}", "write ${{inputs.data}}"), ("${{inputs.}}", "names no input"),
        ]
    )
    func unknown(text: String, hint: String) throws {
        let problems = CommandTemplate.problems(
            in: .arguments(["t", text]),
            space: try Lab.space("lr"),
            inputs: inputs
        )
        #expect(problems.count == 1)
        #expect(problems.first?.contains(hint) == true, "\(problems)")
    }

    @Test("an input that cannot be written in its place is a problem before any trial")
    func unsafe() throws {
        let space = try Lab.space("lr")
        let place = CommandTemplate.problems(
            in: .shell("cat <<E\n${{inputs.data}} {lr}\nE"),
            space: space,
            inputs: inputs
        )
        #expect(place.count == 1)
        #expect(place.first?.contains("inputs.data") == true)
        #expect(
            CommandTemplate.problems(in: .shell("cat <<E\n${{inputs.epochs}} {lr}\nE"), space: space, inputs: inputs)
                == []
        )
        let zero = CommandTemplate.problems(
            in: .arguments(["t", "${{inputs.a}}"]),
            space: space,
            inputs: ["a": "a\0b"]
        )
        #expect(zero.first?.contains("NUL") == true)
    }

    @Test("a plain word in braces is no input")
    func plainWord() throws {
        #expect(try expand(.arguments(["t", "{data}", "{lr}"])) == ["t", "{data}", "0.25"])
    }
}

@Suite("Argument styles")
struct ArgumentStyleTests {
    private let assignment: Assignment = ["lr": -0.5, "model": ["type": "a b"], "none": .null]

    private func expand(_ command: Command, _ style: ArgumentStyle) throws -> [String] {
        try CommandTemplate(command, space: Lab.space("lr", "model", "none"), style: style).expand(assignment)
    }

    @Test("posix passes name and value as two arguments, the value as it is; null is left out")
    func posix() throws {
        #expect(try expand(.arguments(["t"]), .posix) == ["t", "--lr", "-0.5", "--model.type", "a b"])
        #expect(try expand(.shell("t\n"), .posix)[2] == "t --lr -0.5 --model.type 'a b'")
        #expect(
            try expand(.arguments(["sh", "-c", "t \"$@\""]), .posix)
                == ["sh", "-c", "t \"$@\"", "sh", "--lr", "-0.5", "--model.type", "a b"]
        )
    }

    @Test("none adds nothing")
    func none() throws {
        #expect(try expand(.arguments(["sh", "-c", "t"]), .none) == ["sh", "-c", "t"])
        #expect(try expand(.shell("t"), .none)[2] == "t")
        #expect(try expand(.arguments(["t", "{lr}"]), .none) == ["t", "-0.5"])
    }

    @Test("no style adds anything to a command with placeholders", arguments: ArgumentStyle.allCases)
    func placeholders(style: ArgumentStyle) throws {
        #expect(try expand(.arguments(["t", "{lr}"]), style) == ["t", "-0.5"])
    }

    @Test("with none a shell text may end where no argument could stand")
    func unappendable() throws {
        let space = try Lab.space("lr")
        for text in ["t &", "t # note", "for i in 1; do t; done"] {
            #expect(CommandTemplate.problems(in: .shell(text), space: space, inputs: [:], style: .none) == [])
            for style in [ArgumentStyle.append, .posix] {
                let problems = CommandTemplate.problems(in: .shell(text), space: space, inputs: [:], style: style)
                #expect(problems.count == 1 && problems[0].contains("arguments: none"))
            }
        }
    }
}

@Suite("Preview of a command")
struct CommandPreviewTests {
    private func preview(_ command: Command, _ value: ParameterValue = 0.5) throws -> String {
        try CommandTemplate(command, space: Lab.space("x"), inputs: ["d": "a b"]).preview(["x": value])
    }

    @Test("a list is shown as quoted words")
    func list() throws {
        #expect(try preview(.arguments(["python3", "train.py"])) == "python3 train.py --x=0.5")
        #expect(
            try preview(.arguments(["sh", "-c", "t '{x}'", "${{inputs.d}}", ""])) == "sh -c 't '\\''0.5'\\''' 'a b' ''"
        )
        #expect(try preview(.arguments(["A=1", "B=1", "{x}"])) == "'A=1' B=1 0.5")
    }

    @Test("a shell text is shown filled in, without /bin/sh -c")
    func shell() throws {
        #expect(try preview(.shell("cd x\nt ${{inputs.d}}\n"), "it's") == "cd x\nt 'a b' '--x=it'\\''s'")
    }

    @Test("nothing in a preview acts on a terminal")
    func hostile() throws {
        #expect(try preview(.arguments(["t", "{x}"]), "a\u{1B}[2J'\n") == "t $'a\\U0000001b[2J\\'\\U0000000a'")
        #expect(try preview(.shell("t {x}"), "\u{1B}\u{202E}") == "t '\\U0000001b\\U0000202e'")
    }
}
