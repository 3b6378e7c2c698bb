import Testing

@testable import EmbeddedMongo

@Suite("Listening for other nodes")
struct StoreListeningTests {
    @Test(
        "always keeps loopback among the addresses to bind",
        arguments: [
            ("10.0.0.5", "127.0.0.1,10.0.0.5"), ("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "0.0.0.0"),
            ("::", "::,0.0.0.0"), ("fd00::5", "127.0.0.1,fd00::5"),
        ]
    )
    func bindAddresses(address: String, expected: String) throws {
        #expect(try StoreListening(address: address, advertise: "node").bindAddresses == expected)
    }

    @Test(
        "refuses what is no address",
        arguments: ["", "node-1", "10.0.0", "127.0.0.1,10.0.0.5", "10.0.0.5:27017", "--help", "*"]
    )
    func badAddress(address: String) {
        #expect(throws: EmbeddedMongoError.self) { try StoreListening(address: address, advertise: "node") }
    }

    @Test(
        "refuses an advertised name that would change the URI",
        arguments: ["", "a b", "a/b", "user@host", "host:1", "[::1]", "-a", "a..b", "0.0.0.0", "a,b", "höst"]
    )
    func badHost(host: String) {
        #expect(throws: EmbeddedMongoError.self) { try StoreListening(address: "10.0.0.5", advertise: host) }
    }

    @Test("advertises the address itself, unless that stands for all")
    func defaultHost() throws {
        #expect(try StoreListening(address: "10.0.0.5", advertise: nil).advertisedHost == "10.0.0.5")
        #expect(throws: EmbeddedMongoError.self) { try StoreListening(address: "0.0.0.0", advertise: nil) }
    }
}
