import ExperimentFile
import ExperimentModel
import OrderedCollections
import SearchSpace
import Testing

@Suite("Forms of a parameter")
struct ParameterFormsTests {
    @Test(
        "spellings of one parameter mean the same",
        arguments: [
            [
                "uniform(-5, 5)", "hp.uniform('x', -5, 5)", "{type: uniform, low: -5, high: 5}",
                "{type: uniform, min: -5.0, max: 5e0}",
                "{type: uniform, min_value: -5, max_value: 5}", "uniform(low=-5, high=5)", "uniform(-5, max=+5.)",
                "\"hp.uniform(\\\"x\\\", -5, 5)\"", "hp . uniform ( 'x' , -5 , 5 , )", "'hp.uniform(''x'', -5, 5)'",
            ],
            ["loguniform(-4, 6)", "hp.loguniform('x', -4, 6)", "{type: loguniform, low: -4, high: 6}"],
            [
                "float(1e-5, .1, log=True)", "{type: float, min: 1e-5, max: 0.1, log: true}",
                "{type: float, low: 0.00001, high: 1e-1, log: true}",
            ],
            [
                "int(1, 9, step=2)", "{type: int, min: 1, max: 9, step: 2}",
                "{type: int, min: 1.0, max: 9, step: 2, log: false}",
            ],
            [
                "[a, 'b', 1, 1.5, true, null]", "choice('a', 'b', 1, 1.5, True, None)",
                "choice(['a', 'b', 1, 1.5, true, null])",
                "hp.choice('x', ['a', \"b\", 1, 1.5, True, None])", "{type: choice, values: [a, b, 1, 1.5, true, ~]}",
                "{type: choice, options: [a, b, 1, 1.5, true, null]}",
                "choice(label='x', options=('a', 'b', 1, 1.5, True, None))",
            ],
        ]
    )
    func spellings(forms: [String]) throws {
        let spaces = try forms.map { try Reading.parameter($0) }
        #expect(Set(spaces).count == 1, "\(spaces.map(\.normalised.json))")
        #expect(spaces.first?.parameters.keys.first == "x")
    }

    @Test("a label may differ from the key")
    func label() throws {
        for form in [
            "hp.uniform('other', 0, 1)", "{type: uniform, low: 0, high: 1, label: other}", "uniform('other', 0, 1)",
        ] {
            let space = try Reading.parameter(form)
            #expect(Array(space.root.keys) == ["x"])
            #expect(Array(space.parameters.keys) == ["other"])
        }
    }

    @Test("scalars are numbers by JSON's rules and else text")
    func strictScalars() throws {
        let space = try Reading.parameter(
            "[no, 012, 12:30, 0x1F, 1_000, '1', \"true\", 1e-5, -0.5, .5, 3., +1, Null, 2025-01-01, ~]"
        )
        let texts: [SpaceNode] = ["no", "012", "12:30", "0x1F", "1_000", "1", "true"].map { .constant(.string($0)) }
        let rest: [SpaceNode] = [
            .constant(1e-5), .constant(-0.5), .constant(".5"), .constant("3."), .constant("+1"), .constant("Null"),
            .constant("2025-01-01"), .constant(nil),
        ]
        #expect(space.parameters["x"]?.domain == .choice(texts + rest))
    }

    @Test(
        "a text that looks like a number of another language is kept with a warning",
        arguments: [
            ("no", "write false for a truth value"), ("012", "write 12 for a number"),
            ("12:30", "numbers with colons are read as text"),
            ("0x1F", "write 31 for a number"), ("1_000", "write 1000 for a number"), (".5", "write 0.5 for a number"),
            ("3.", "write 3 for a number"), ("+1", "write 1 for a number"), ("True", "write true for a truth value"),
            ("-.5e3", "write -0.5e3 for a number"), (".inf", "infinities and NaN are no values"),
        ]
    )
    func warnings(text: String, hint: String) {
        let expected = "5:7: warning: \"\(text)\" is a text here; \(hint), or put quotation marks around it"
        #expect(Reading.messages(parameter: "[\(text), a]") == [expected])
        #expect(Reading.messages(parameter: "['\(text)', a]").isEmpty)
    }

    @Test(
        "where a number is needed, nothing else will do",
        arguments: ["no", "012", "12:30", "0x1F", "1_000", ".5", "3.", "'1'", "~", "true"]
    )
    func numbersNeeded(text: String) {
        let messages = Reading.messages(parameter: "{type: uniform, low: \(text), high: 99}")
        #expect(messages.count == 1)
        #expect(messages.first?.hasPrefix("5:27: error: \"low\" must be a number, not ") == true)
    }

    @Test(
        "numbers that do not fit are errors",
        arguments: ["1e400", "-1e400", "99999999999999999999", "1" + String(repeating: "0", count: 500)]
    )
    func tooLarge(text: String) {
        #expect(Reading.messages(parameter: "[\(text), 1]").first?.hasPrefix("5:7: error: the number ") == true)
        #expect(Reading.messages(parameter: "{type: uniform, low: 1, high: \(text)}").count == 1)
        #expect(Reading.messages(parameter: "uniform(1, \(text))").first?.hasPrefix("5:17: error: the number ") == true)
    }

    @Test(
        "mistakes in mappings have their places",
        arguments: [
            (
                "{type: unifrm, low: 0, high: 1}",
                "5:13: error: there is no parameter type \"unifrm\"; did you mean \"uniform\"?"
            ),
            (
                "{type: integer, min: 0, max: 1}",
                "5:13: error: there is no parameter type \"integer\"; did you mean \"int\"?"
            ),
            ("{type: uniform, low: 0}", "5:6: error: the upper bound is missing; write high: …"),
            ("{type: int, max: 3}", "5:6: error: the lower bound is missing; write min: …"),
            (
                "{type: uniform, low: 0, hihg: 1, high: 1}",
                "5:30: error: a parameter of type uniform has no \"hihg\"; did you mean \"high\"?"
            ),
            ("{type: uniform, low: 0, high: 1, log: true}", "5:39: error: a parameter of type uniform has no \"log\""),
            (
                "{type: uniform, low: 0, min: 0, high: 1}",
                "5:35: error: \"low\" and \"min\" are both the lower bound; remove one of them"
            ),
            ("{type: int, min: 0.5, max: 1}", "5:23: error: \"min\" must be a whole number, not 0.5"),
            (
                "{type: float, min: 1, max: 2, log: yes}",
                "5:41: error: \"log\" must be true or false, not \"yes\"; write true for a truth value"
            ),
            (
                "{min: 1, max: 2}",
                "5:6: error: \"x\" has no type; add one, such as type: uniform, float, int or choice"
            ),
            ("{type: choice}", "5:6: error: the options are missing; write options: […]"),
            ("{type: choice, options: 3}", "5:30: error: \"options\" must be a list, not the number 3"),
            ("{type: normal, mu: 0}", "5:6: error: the standard deviation is missing; write sigma: …"),
            (
                "{type: normal, mean: 0, mu: 1, sigma: 1}",
                "5:21: error: a parameter of type normal has no \"mean\"; did you mean \"mu\"?"
            ),
            ("{type: qnormal, mu: 0, sigma: 1}", "5:6: error: the step is missing; write q: …"),
            (
                "{type: quniform, low: 0, high: 1, q: no}",
                "5:43: error: \"q\" must be a number, not \"no\"; write false for a truth value"
            ),
            (
                "{type: normal, mu: 0, sigma: 0}",
                "5:6: error: \"x\": sigma (0) must be a finite number above 0"
            ),
            ("{type: randint, low: 3}", "5:6: error: the upper bound is missing; write upper: …"),
            (
                "{type: randint, upper: 0}",
                "5:6: error: \"x\" has an empty range: the lower bound (0) must be below the upper bound (0)"
            ),
            ("{type: randint, upper: 1.5}", "5:29: error: \"upper\" must be a whole number, not 1.5"),
            (
                "{type: randint, upper: 8, high: 9}",
                "5:38: error: \"upper\" and \"high\" are both the upper bound; remove one of them"
            ),
            (
                "{type: uniform, low: 0, high: 1, step: 1}",
                "5:39: error: a parameter of type uniform has no \"step\""
            ),
            (
                "{type: quniform, low: 0, high: 1, step: 1, q: 1}",
                "5:40: error: a parameter of type quniform has no \"step\"; did you mean \"q\"?"
            ),
            (
                "{type: choice, options: [a, b], probabilities: [1]}",
                "5:6: error: the choice \"x\" has 1 probabilities for 2 options; give one for each option"
            ),
            (
                "{type: choice, options: [a, b], probabilities: [0.5, .5]}",
                "5:59: error: a probability must be a number, not the text \".5\"; write 0.5 for a number"
            ),
            (
                "{type: pchoice, options: [a, b]}",
                "5:32: error: pchoice needs probabilities: […], or options that are pairs: [probability, option]"
            ),
            (
                "adam",
                "5:6: error: \"adam\" is no parameter; write an expression such as uniform(0, 1), a mapping with a type, "
                    + "or a list of values ({type: constant, value: …} for a constant)"
            ),
            ("~", "5:6: error: the parameter \"x\" has no value"),
            (
                "{type: int, min: 1, max: 2, when: 3}",
                "5:40: error: \"when\" must be a mapping such as {other: value}, not the number 3"
            ),
            (
                "{type: int, min: 1, max: 2, when: {x: 1}}",
                "5:41: error: the conditions of \"x\" depend on each other; remove one of them"
            ),
        ]
    )
    func mappings(form: String, message: String) {
        #expect(Reading.messages(parameter: form) == [message])
    }

    @Test(
        "mistakes in expressions are found inside the text",
        arguments: [
            ("hp.unifrm('x', 0, 1)", "5:6: error: there is no parameter type \"unifrm\"; did you mean \"uniform\"?"),
            ("uniform(0, abc)", "5:17: error: \"abc\" is no value; put quotation marks around a text"),
            ("uniform(0, 1", "5:18: error: the expression ends too early: a comma or \")\" is missing here"),
            ("uniform(0, 1) + 1", "5:20: error: there is something after the end of the expression"),
            ("uniform(0 1)", "5:16: error: a comma or \")\" is missing here"),
            ("uniform(0, 1, 2)", "5:20: error: uniform takes low, high; nothing more"),
            ("int(0, 1, 2)", "5:16: error: int takes min, max; name everything else (such as log=True)"),
            ("normal(0, std=1)", "5:20: error: normal has no argument \"std\"; did you mean \"sigma\"?"),
            ("quniform(0, 1)", "5:6: error: the step is missing; write q: …"),
            ("gaussian(0, 1)", "5:6: error: there is no parameter type \"gaussian\"; did you mean \"normal\"?"),
            ("hp.pchoice('x', ['a'])", "5:23: error: pchoice takes a list of pairs: (probability, option)"),
            (
                "hp.pchoice('x', [(0.5, 'a'), (0.6, 'b')])",
                "5:6: error: the choice \"x\" has probabilities that sum to 1.1, not 1"
            ),
            ("uniform(0, 2 * 3)", "5:19: error: \"*\" is not evaluated; write 6"),
            ("uniform(0, 10**-2)", "5:19: error: \"**\" is not evaluated; write 0.01"),
            ("uniform(0, choice(1, 2))", "5:17: error: \"high\" must be a number, not another expression"),
            ("uniform(0, higj=1)", "5:22: error: uniform has no argument \"higj\"; did you mean \"high\"?"),
            ("uniform(low=0, low=1)", "5:21: error: the argument \"low\" is there twice"),
            ("uniform(low=0, 1)", "5:21: error: an argument without a name cannot follow one with a name"),
            ("uniform(0)", "5:6: error: the upper bound is missing; write high: …"),
            ("uniform(0, 'a')", "5:17: error: \"high\" must be a number, not \"a\""),
            ("uniform(0, 0x1F)", "5:17: error: \"0x1F\" is no number; write 31 for a number"),
            ("uniform(0, 012)", "5:17: error: \"012\" is no number; write 12 for a number"),
            (
                "hp.uniform('x', np.log(2), 1)",
                "5:22: error: \"np.log\"(…) is not evaluated; write 0.6931471805599453, "
                    + "or {type: float, min: …, max: …, log: true} for plain bounds"
            ),
            (
                "hp.loguniform('x', log(1e-5), 0)",
                "5:25: error: \"log\"(…) is not evaluated; write -11.512925464970229, "
                    + "or {type: float, min: …, max: …, log: true} for plain bounds"
            ),
            (
                "hp.choice('x', np.arange(1, 5))",
                "5:21: error: \"np.arange\"(…) is not evaluated; write range(start, end, step) or a list"
            ),
            ("hp.choice('x', 1, 2)", "5:24: error: hp.choice takes a label and one list of options"),
            (
                "choice('x', ['a'])",
                "5:13: error: is \"x\" a label or an option? Write hp.choice(label, […]) or choice([…])"
            ),
            ("choice()", "5:6: error: the choice \"x\" has no options; give it at least one"),
            ("choice('a)", "5:13: error: this text is not closed; a quotation mark is missing"),
            ("choice(hp.uniform('a', 0, $))", "5:32: error: the character \"$\" has no place here"),
            ("\"uniform(0, abc)\"", "5:18: error: \"abc\" is no value; put quotation marks around a text"),
            ("'uniform(0, abc)'", "5:18: error: \"abc\" is no value; put quotation marks around a text"),
            (
                "os.system('true')",
                "5:6: error: \"os.system\"(…) is not evaluated; write the number itself, "
                    + "or {type: float, min: …, max: …, log: true} for plain bounds"
            ),
        ]
    )
    func expressions(form: String, message: String) {
        #expect(Reading.messages(parameter: form) == [message])
    }

    @Test("places are found behind escapes and line breaks")
    func escaped() {
        #expect(Reading.messages(parameter: #""uniform(\"x\", 0, abc)""#).first?.hasPrefix("5:25: error: ") == true)
        #expect(Reading.messages(parameter: "'uniform(''x'', 0, abc)'").first?.hasPrefix("5:25: error: ") == true)
        #expect(Reading.messages(parameter: "uniform(0,\n    abc)").first?.hasPrefix("6:5: error: ") == true)
        #expect(Reading.messages(parameter: "|\n    uniform(0,\n      abc)").first?.hasPrefix("7:7: error: ") == true)
        #expect(Reading.messages(parameter: ">-\n    uniform(0,\n    abc)").first?.hasPrefix("7:5: error: ") == true)
        // Where the input does not show the text, the start has to do.
        #expect(Reading.messages(parameter: #""\x75niform(0, abc)""#).first?.hasPrefix("5:6: error: ") == true)
    }

    @Test("several mistakes in one expression are reported together")
    func manyMistakes() {
        let messages = Reading.messages(
            parameter: #""choice(hp.unifrm('a', 0, 1), hp.normal('b', 0), {'c d': hp.uniform('e', 1)})""#
        )
        #expect(
            messages == [
                "5:14: error: there is no parameter type \"unifrm\"; did you mean \"uniform\"?",
                "5:36: error: the standard deviation is missing; write sigma: …",
                "5:56: error: the key \"c d\" cannot name a parameter; "
                    + "use letters, digits, \"_\", \".\" and \"-\", beginning with a letter or \"_\"",
            ]
        )
    }

    @Test("a loguniform whose bounds look like plain ones gets a warning")
    func plainBounds() {
        for form in ["loguniform(0.001, 0.1)", "{type: loguniform, min_value: 0.001, max_value: 0.1}"] {
            let messages = Reading.messages(parameter: form)
            #expect(messages.count == 1)
            #expect(
                messages.first?.hasPrefix("5:6: warning: the bounds of a loguniform are natural logarithms; ") == true
            )
        }
        #expect(Reading.messages(parameter: "loguniform(-7, 0.1)").isEmpty)
    }

    @Test("keys that cannot be arguments are errors", arguments: ["1x", "a b", "-x", "é", "''", "a=b", "."])
    func keys(key: String) {
        let messages = Reading.messages(Reading.frame + "search_space:\n  \(key): [1, 2]\n  ok: [1, 2]\n")
        #expect(messages.count == 1)
        #expect(messages.first?.hasPrefix("search.yaml:5:3: error: the key ") == true)
    }
}
