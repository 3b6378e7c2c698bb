import CommandLineSupport
import Glibc

/// Tells a person at a terminal why nothing is to be seen while a database starts or a server is slow to answer.
struct StartNotice {
    /// Time that passes without a word.
    private static let patience: Duration = .milliseconds(1500)

    private let task: Task<Void, any Error>?

    /// Begins to wait; says nothing where standard error is no terminal.
    init() {
        guard isatty(STDERR_FILENO) == 1 else {
            task = nil
            return
        }
        task = Task {
            try await Task.sleep(for: Self.patience)
            Console.printError("opening the store … (`hyperserver start` in another terminal keeps it open)")
        }
    }

    /// Says nothing from now on.
    func end() { task?.cancel() }
}
