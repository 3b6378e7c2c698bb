import Testing

@testable import EmbeddedMongo

@Suite("Loopback port")
struct LoopbackPortTests {
    @Test("accepts while somebody listens, and is free before")
    func listening() throws {
        let port = try #require(LoopbackPort.free())
        #expect(LoopbackPort.isFree(port, listening: nil))
        #expect(!LoopbackPort.accepts(port))
        let listener = try Listener(port: port)
        #expect(LoopbackPort.accepts(port))
        #expect(!LoopbackPort.isFree(port, listening: nil))
        withExtendedLifetime(listener) {}
    }

    @Test("out of range is neither", arguments: [-1, 0, 65536])
    func outOfRange(port: Int) {
        #expect(!LoopbackPort.accepts(port))
        #expect(port == 0 || !LoopbackPort.isFree(port, listening: nil))
    }
}
