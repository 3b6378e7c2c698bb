import Foundation
import Glibc
import Testing

@testable import TuningTestKit

@Suite("The proxy that makes faults", .timeLimit(.minutes(3)))
struct FaultProxyTests {
    /// A message as MongoDB's drivers send it, with a command and a text in it.
    private func message(_ command: String, _ text: String = "x") -> [UInt8] {
        let body = [0, 0, 0, 0, 0, 0, 0, 0, 0, 2] + Array(command.utf8) + [0] + Array(text.utf8)
        let length = UInt32(16 + body.count)
        return withUnsafeBytes(of: length.littleEndian) { Array($0) } + [0, 0, 0, 0, 0, 0, 0, 0]
            + withUnsafeBytes(of: UInt32(2013).littleEndian) { Array($0) } + body
    }

    /// A server that sends every message back, and a line to it.
    private func withLine(_ body: (FaultProxy, EchoServer) async throws -> Void) async throws {
        let server = try EchoServer()
        let proxy = try FaultProxy(to: server.port)
        defer {
            proxy.close()
            server.close()
        }
        try await body(proxy, server)
    }

    @Test("passes bytes on, both ways, and counts them")
    func passes() async throws {
        try await withLine { proxy, _ in
            let client = try TestClient(proxy.port)
            let request = message("hello")
            #expect(client.exchange(request) == request)
            let traffic = FaultProxy.Traffic(toServer: request.count, toClients: request.count)
            // Counted after they were passed on: the next exchange comes after the count of this one.
            #expect(client.exchange(request) == request)
            #expect(proxy.traffic.toServer >= traffic.toServer && proxy.traffic.toClients >= traffic.toClients)
        }
    }

    @Test("cut, connections end and new ones are refused; passing again, the same port answers")
    func cuts() async throws {
        try await withLine { proxy, _ in
            let client = try TestClient(proxy.port)
            let request = message("hello")
            #expect(client.exchange(request) == request)
            proxy.cut()
            #expect(client.read(request.count) == nil)
            #expect(throws: FaultProxy.Failure.self) { _ = try TestClient(proxy.port) }
            try proxy.pass()
            #expect(try TestClient(proxy.port).exchange(request) == request)
        }
    }

    @Test("half open, it swallows what comes, and ends that connection when it passes again")
    func hangs() async throws {
        try await withLine { proxy, server in
            let before = try TestClient(proxy.port)
            #expect(before.exchange(message("hello")) != nil)
            try proxy.hang()
            let after = try TestClient(proxy.port)
            before.send(message("ping"))
            try await proxy.wait(for: .swallowed)
            after.send(message("ping"))
            try await proxy.wait(for: .swallowed)
            #expect(server.commands == ["hello"])
            try proxy.pass()
            #expect(before.read(1) == nil && after.read(1) == nil)
        }
    }

    @Test("loses the reply to one request that the server has carried out, or the request itself")
    func loses() async throws {
        try await withLine { proxy, server in
            proxy.lose(.reply) { $0.command == "findAndModify" && $0.contains("jobs") }
            let client = try TestClient(proxy.port)
            #expect(client.exchange(message("findAndModify", "workers")) != nil)
            client.send(message("findAndModify", "jobs"))
            try await proxy.wait(for: .replyLost(command: "findAndModify"))
            #expect(client.read(1) == nil)
            #expect(server.commands == ["findAndModify", "findAndModify"])
            proxy.lose(.request) { $0.command == "insert" }
            let next = try TestClient(proxy.port)
            next.send(message("insert"))
            try await proxy.wait(for: .requestLost(command: "insert"))
            #expect(next.read(1) == nil)
            #expect(server.commands.count == 2)
            let last = try TestClient(proxy.port)
            #expect(last.exchange(message("insert")) != nil)
        }
    }

    @Test("a delay holds bytes back and loses none")
    func delays() async throws {
        try await withLine { proxy, _ in
            proxy.delay(toServer: .milliseconds(20), toClients: .milliseconds(20))
            let client = try TestClient(proxy.port)
            let start = ContinuousClock.now
            #expect(client.exchange(message("hello")) == message("hello"))
            #expect(ContinuousClock.now - start >= .milliseconds(40))
        }
    }

    @Test("an event that does not come is told as such only by its name")
    func names() {
        #expect("\(FaultProxy.Failure.timedOut("swallowed"))".contains("swallowed did not happen"))
    }
}

/// Sends back what comes, and notes the commands.
private final class EchoServer: Sendable {
    private let listener: Int32
    let port: Int
    private let log = CommandLog()

    init() throws {
        (listener, port) = try LoopbackSocket.bound(to: 0)
        listen(listener, 16)
        let (listener, log) = (listener, log)
        ProxyThread.run {
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { break }
                ProxyThread.run {
                    let peer = TestClient(descriptor: client)
                    while let head = peer.read(4), let length = WireRequest.length(head),
                        let rest = peer.read(length - 4)
                    {
                        log.append(WireRequest(bytes: head + rest).command)
                        peer.send(head + rest)
                    }
                }
            }
            Glibc.close(listener)
        }
    }

    var commands: [String] { log.commands }
    func close() { shutdown(listener, Int32(SHUT_RDWR)) }
}

private final class CommandLog: @unchecked Sendable {
    private let lock = NSLock()
    private var list: [String] = []

    func append(_ command: String) { lock.withLock { list.append(command) } }
    var commands: [String] { lock.withLock { list } }
}

/// A socket of a test, blocking, with a bound for one that hangs.
private final class TestClient: Sendable {
    private let descriptor: Int32

    convenience init(_ port: Int) throws { self.init(descriptor: try LoopbackSocket.connected(to: port)) }

    init(descriptor: Int32) {
        self.descriptor = descriptor
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { Glibc.close(descriptor) }

    func send(_ bytes: [UInt8]) { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    /// So many bytes; `nil` when the connection ends before.
    func read(_ count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var buffer = [UInt8](repeating: 0, count: count - bytes.count)
            let got = Glibc.read(descriptor, &buffer, buffer.count)
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return nil }
            bytes += buffer.prefix(got)
        }
        return bytes
    }

    func exchange(_ request: [UInt8]) -> [UInt8]? {
        send(request)
        return read(request.count)
    }
}
