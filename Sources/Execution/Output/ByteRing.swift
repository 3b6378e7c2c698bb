/// The last bytes of a stream, up to a fixed number; the memory is taken with the first byte.
struct ByteRing: Sendable {
    let capacity: Int
    private var storage: [UInt8] = []
    /// Where the next byte goes once the ring is full.
    private var next = 0

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { storage.count }

    /// Adds bytes and returns how many older or leading ones fell out.
    @discardableResult
    mutating func append(_ bytes: UnsafeRawBufferPointer) -> Int {
        if bytes.count >= capacity {
            let dropped = storage.count + bytes.count - capacity
            storage = Array(bytes.suffix(capacity))
            next = 0
            return dropped
        }
        let room = capacity - storage.count
        let fresh = min(room, bytes.count)
        storage.append(contentsOf: bytes.prefix(fresh))
        let rest = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(fresh))
        guard !rest.isEmpty else { return 0 }
        storage.withUnsafeMutableBytes { target in
            let first = min(rest.count, capacity - next)
            UnsafeMutableRawBufferPointer(rebasing: target[next..<(next + first)])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: rest.prefix(first)))
            if first < rest.count {
                UnsafeMutableRawBufferPointer(rebasing: target[0..<(rest.count - first)])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: rest.dropFirst(first)))
            }
        }
        next = (next + rest.count) % capacity
        return rest.count
    }

    /// The bytes in the order in which they came.
    var bytes: [UInt8] {
        storage.count < capacity ? storage : Array(storage[next...] + storage[..<next])
    }
}
