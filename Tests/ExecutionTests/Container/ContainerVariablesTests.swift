import Testing

@testable import Execution

@Suite("Variables on their way into a container")
struct ContainerVariablesTests {
    @Test("they go by the environment of the engine's program, those that it reads itself by a file")
    func ways() throws {
        let ways = try ContainerVariables([
            "HYPER_PARAMS": "{}", "TOKEN": "a\nb", "PATH": "/bin", "DOCKER_HOST": "x", "HOME": "/h",
            "LD_PRELOAD": "/e.so",
            "https_proxy": "p",
        ])
        #expect(ways.passedNames == ["HYPER_PARAMS", "TOKEN"])
        #expect(ways.passed["TOKEN"] == "a\nb")
        #expect(ways.fileText == "DOCKER_HOST=x\nHOME=/h\nLD_PRELOAD=/e.so\nPATH=/bin\nhttps_proxy=p\n")
        #expect(try ContainerVariables(["A": "1"]).fileText == nil)
    }

    @Test(
        "a name that an engine would read otherwise is refused, and so is a second line in the file",
        arguments: [
            ("A*", "1"), ("A B", "1"), ("", "1"), ("1A", "1"), ("-e", "1"), ("Ä", "1"), ("PATH", "/bin\nEVIL=1"),
        ]
    )
    func refused(name: String, value: String) {
        #expect(throws: EngineError.variable(name: name)) { try ContainerVariables([name: value]) }
    }
}
