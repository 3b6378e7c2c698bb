import ArgumentParser
import CommandLineSupport
import ExperimentFile

/// `hyperserver reference [TOPIC]`
struct Reference: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints every key of the experiment file, with defaults and examples.",
        discussion: """
            hyperserver reference                      # everything
            hyperserver reference limits               # one section
            hyperserver reference limits.max_trials    # one key
            hyperserver reference loguniform           # one type of parameter
            """
    )

    @Argument(
        help: "A section, a key or a type of parameter (default: all).",
        completion: .list(FileReference.topics)
    )
    var topic: String?

    @Flag(help: "Print the whole page as Markdown (docs/file-reference.md).")
    var markdown = false

    func validate() throws {
        if markdown, topic != nil { throw ValidationError("--markdown prints the whole page; leave out the topic.") }
    }

    func run() async throws {
        if markdown {
            Console.write(Array(FileReference.markdown.utf8))
            return
        }
        do {
            for line in try FileReference.lines(about: topic) { Console.print(line) }
        } catch {
            throw ProgramFailure(.usage, "\(error)")
        }
    }
}
