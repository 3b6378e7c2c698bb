import Glibc

/// Asks a person before something is lost.
public enum Confirmation {
    /// Whether somebody can be asked: both ends are a terminal. Standard output may be redirected.
    public static var isPossible: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// Asks on standard error and reads a line; everything but `y` and `yes` is a no.
    public static func ask(_ question: String) -> Bool {
        Console.printError(bytes: Array("\(question) [y/N] ".utf8))
        let answer = (readLine() ?? "").drop { $0 == " " }.lowercased()
        return answer == "y" || answer == "yes"
    }

    /// The failure of a command that must ask and cannot.
    public static func impossible(_ what: String) -> ProgramFailure {
        ProgramFailure(.usage, "\(what) has to be confirmed, and there is no terminal to ask on: pass --yes.")
    }
}
