import CommandLineSupport
import Execution
import Foundation

/// `hyperworker guard`: what a worker starts beside itself, and nobody else.
///
/// Not a command of the parser: it is not for people, and has nothing to parse.
enum GuardCommand {
    static var isAsked: Bool { CommandLine.arguments.dropFirst().elementsEqual([GuardProcess.command]) }

    static func run() -> Never {
        let environment = ProcessInfo.processInfo.environment
        exit(GuardProcess.run(report: LogOptions.plainReporter(program: GuardProcess.name, environment: environment)))
    }
}
