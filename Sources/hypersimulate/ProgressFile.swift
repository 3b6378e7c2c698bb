import Glibc

/// A small file with the seed that runs now; it survives a crash of the program.
struct ProgressFile {
    private let descriptor: Int32

    init?(path: String) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        if descriptor < 0 { return nil }
    }

    func note(_ seed: UInt64) {
        let text = Array("\(seed)\n".utf8)
        // A file that cannot be written costs a hint, no more.
        _ = pwrite(descriptor, text, text.count, 0)
    }
}
