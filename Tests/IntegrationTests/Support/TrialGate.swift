import Foundation
import Glibc

/// Holds trials at will: each tells that it has begun through one FIFO and goes on when it can read a line from another.
///
/// The script is ``script``; its first argument is printed as `loss`. Every execution is also noted in a journal.
final class TrialGate: Sendable {
    /// An attempt that has begun.
    struct Start: Hashable {
        var trial: Int
        var attempt: Int
        var pid: pid_t
        /// Process of the worker.
        var worker: pid_t
    }

    /// The text of the trial's script; the sandbox's directory comes by the environment, so that all files are alike.
    static let script = """
        cd "$HYPER_TEST_SANDBOX" || exit 7
        echo "begins"
        echo "$HYPER_TRIAL_ID $HYPER_ATTEMPT $$ $HYPER_WORKER_ID" >> journal
        echo "$HYPER_TRIAL_ID $HYPER_ATTEMPT $$ $HYPER_WORKER_ID" > started
        read -r line < go || exit 8
        echo "loss=$1"
        """

    private let goFIFO: Int32
    private let journalPath: String
    private let starts = Watched<[Start]>([])

    /// Makes the FIFOs and the script in a directory.
    init(directory: String) throws {
        journalPath = directory + "/journal"
        try Self.script.write(toFile: directory + "/gate.sh", atomically: true, encoding: .utf8)
        let startedFIFO = try Self.fifo(directory + "/started")
        goFIFO = try Self.fifo(directory + "/go")
        let starts = starts
        // Reading blocks. The last line is ours: see `close`.
        Thread.detachNewThread {
            var pending: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(startedFIFO, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                pending += buffer.prefix(count)
                while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = String(decoding: pending[..<end], as: UTF8.self)
                    pending.removeSubrange(...end)
                    if line == "end" {
                        Glibc.close(startedFIFO)
                        return
                    }
                    if let start = Start(line: line) { starts.update { $0.append(start) } }
                }
            }
        }
    }

    /// Made and held open at both ends, so that neither side ever waits for the other to open it or sees its end.
    private static func fifo(_ path: String) throws -> Int32 {
        guard mkfifo(path, 0o600) == 0 else { throw IntegrationFailure("\(path): \(String(cString: strerror(errno)))") }
        let descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw IntegrationFailure("\(path): \(String(cString: strerror(errno)))") }
        return descriptor
    }

    /// The next attempts to begin that no call has returned yet.
    func next(_ count: Int = 1, timeout: Duration = TimeLimits.event) async throws -> [Start] {
        try await starts.wait(
            timeout: timeout,
            otherwise: { "only \($0.count) of \(count) trials have begun" },
            { starts in
                guard starts.count >= count else { return nil }
                defer { starts.removeFirst(count) }
                return Array(starts.prefix(count))
            }
        )
    }

    /// Lets as many held or future attempts go on.
    func release(_ count: Int = 1) throws {
        let bytes = [UInt8](repeating: UInt8(ascii: "\n"), count: count)
        guard write(goFIFO, bytes, bytes.count) == count else { throw IntegrationFailure("the gate's pipe is full") }
    }

    /// Lets every attempt go on from now.
    func open() throws { try release(4096) }

    /// With as many trials held as there are slots: lets trials go on one by one, each time until the next one has begun.
    /// - Returns: those that began.
    @discardableResult
    func advance(_ count: Int) async throws -> [Start] {
        var begun: [Start] = []
        for _ in 0..<count {
            try release()
            begun += try await next()
        }
        return begun
    }

    /// Every execution so far, in order.
    func journal() throws -> [Start] {
        guard FileManager.default.fileExists(atPath: journalPath) else { return [] }
        return try String(contentsOfFile: journalPath, encoding: .utf8).split(separator: "\n").compactMap {
            Start(line: String($0))
        }
    }

    /// Ends the reading thread; the trials are gone by now.
    func close(directory: String) {
        let descriptor = Glibc.open(directory + "/started", O_RDWR | O_CLOEXEC | O_NONBLOCK)
        _ = write(descriptor, "\nend\n", 5)
        Glibc.close(descriptor)
        Glibc.close(goFIFO)
    }
}

extension TrialGate.Start {
    /// Reads `trial attempt pid host:workerpid:bits`.
    init?(line: String) {
        let fields = line.split(separator: " ")
        guard fields.count == 4, let trial = Int(fields[0]), let attempt = Int(fields[1]), let pid = pid_t(fields[2]),
            let worker = fields[3].split(separator: ":").dropLast().last.flatMap({ pid_t($0) })
        else { return nil }
        self.init(trial: trial, attempt: attempt, pid: pid, worker: worker)
    }
}
