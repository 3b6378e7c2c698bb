import Glibc

/// Reads the file of `cloudml-hypertune`: on every report the client writes it anew, with the last hundred reports.
///
/// That is not atomic, so a look may find the file empty, cut, or half old and half new. Two looks in a row that find the same
/// bytes are needed: a file that is being written does not show the same mixture twice. A line that is cut is no JSON object, and
/// waits. A report is known by its whole line, in which its time stands; so it counts once, however often it is seen, also when
/// the clock is set back, and when several clients of a process take turns in writing the file.
final class HypertuneFile {
    /// The metric of a report without a tag.
    static let defaultTag = "training/hptuning/metric"
    /// Bytes that are read of a file; the client's own are a small part of that.
    static let maximumBytes = 1 << 20
    /// Lines that are remembered: those of some tens of clients.
    static let rememberedLines = 4096
    /// Pairs of looks before a file that keeps changing is left until later.
    static let maximumLooks = 4
    /// Keys of a line that are no metric.
    private static let otherKeys: Set<String> = ["timestamp", "trial", "global_step", "checkpoint_path"]

    private let path: String
    private var known: Set<Int> = []
    /// Those of ``known``, the oldest at ``oldest``.
    private var order: [Int] = []
    private var oldest = 0

    init(path: String) { self.path = path }

    /// Reads what is new and calls `body` with the report of each line.
    func poll(_ body: ([MetricReport]) -> Void) {
        guard let bytes = settledBytes() else { return }
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let report = Self.report(in: line), isNew(line) else { continue }
            body([report])
        }
    }

    private func isNew(_ line: ArraySlice<UInt8>) -> Bool {
        var hasher = Hasher()
        line.withUnsafeBytes { hasher.combine(bytes: $0) }
        let hash = hasher.finalize()
        guard known.insert(hash).inserted else { return false }
        if order.count < Self.rememberedLines {
            order.append(hash)
        } else {
            known.remove(order[oldest])
            order[oldest] = hash
            oldest = (oldest + 1) % Self.rememberedLines
        }
        return true
    }

    /// What the file holds; `nil` when there is none, or when it changes too fast.
    private func settledBytes() -> [UInt8]? {
        var last = bytes()
        for _ in 0..<Self.maximumLooks {
            guard last != nil else { return nil }
            let next = bytes()
            if next == last { return last }
            last = next
        }
        return nil
    }

    private func bytes() -> [UInt8]? {
        // O_NONBLOCK: opening a pipe must not wait for a writer. O_NOFOLLOW: a link is none of our files.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        let capacity = min(Self.maximumBytes, Int(status.st_size))
        // An array without room is one for all threads, which must not be written to.
        guard capacity > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = 0
            while count < capacity {
                let got = pread(descriptor, buffer.baseAddress.map { $0 + count }, capacity - count, off_t(count))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { return }
                count += got
            }
        }
    }

    /// The report of a line; `nil` when it is cut, or none.
    static func report(in line: ArraySlice<UInt8>) -> MetricReport? {
        guard line.count <= MetricLineParser.maximumLineBytes, let entries = MetricJSONReader(line).entries() else {
            return nil
        }
        var report: MetricReport?
        var step: Int64?
        for (name, value) in entries {
            guard case .text(let text) = value else { continue }
            let number = MetricLineParser.number(Array(text.utf8)[...])
            if name == "global_step" {
                // 0 stands for no step as well.
                step = number.flatMap { Int64(exactly: $0) }.flatMap { $0 == 0 ? nil : $0 }
            } else if !otherKeys.contains(name), let number, name.utf8.count <= MetricLineParser.maximumNameBytes {
                report = MetricReport(name: name, value: number)
            }
        }
        report?.step = step
        return report
    }
}
