import Glibc
import Synchronization

/// A line between programs and a server that a test can cut, slow down, let hang, or rob of a reply.
///
/// It listens on a port of 127.0.0.1 that stays the same over cuts. Programs that speak to a member of a replica set through
/// it need `directConnection=true`, or they go on to the member's own address. What a command says holds for every byte that
/// is read after the call has returned.
public final class FaultProxy: Sendable {
    /// What happens on the line.
    public enum Mode: Sendable, Hashable {
        /// Everything is passed on.
        case passing
        /// Connections are closed, new ones refused.
        case cut
        /// New connections are accepted, nothing is passed on and nothing answered.
        case halfOpen
    }

    /// What the line does when a request comes that a test waits for.
    public enum Loss: Sendable, Hashable {
        /// The server gets it and does what it says; its reply goes nowhere, and the connection is cut.
        case reply
        /// The server does not get it, and the connection is cut.
        case request
    }

    /// Something that a test may wait for.
    public enum Event: Sendable, Hashable {
        /// A client's bytes went nowhere, on a half-open line.
        case swallowed
        /// A reply was lost, to a request with this command.
        case replyLost(command: String)
        /// A request with this command was lost.
        case requestLost(command: String)
    }

    /// Bytes that were passed on.
    public struct Traffic: Sendable, Hashable {
        /// To the server.
        public var toServer = 0
        /// To clients.
        public var toClients = 0
    }

    /// What went wrong in the test's own doing.
    public enum Failure: Error, CustomStringConvertible {
        /// A call of the system failed.
        case system(String, Int32)
        /// An event did not come.
        case timedOut(String)

        /// What it was.
        public var description: String {
            switch self {
            case .system(let call, let code): "\(call): \(String(cString: strerror(code)))"
            case .timedOut(let what): "\(what) did not happen within \(FaultProxy.eventTimeout)"
            }
        }
    }

    /// How long ``wait(for:)`` waits: a bound for a test that hangs.
    public static let eventTimeout: Duration = .seconds(90)

    struct State {
        var mode = Mode.passing
        var delayToServer: Duration = .zero
        var delayToClients: Duration = .zero
        var losses: [(loss: Loss, matches: @Sendable (WireRequest) -> Bool)] = []
        var traffic = Traffic()
        var events: [Event] = []
        var waiters: [(event: Event, continuation: AsyncStream<Void>.Continuation)] = []
        var connections: [ObjectIdentifier: ProxyConnection] = [:]
        /// The listening socket; -1 while it is cut.
        var listener: Int32 = -1
        var isClosed = false
    }

    /// The server's port on 127.0.0.1.
    public let serverPort: Int
    /// The port on 127.0.0.1 at which it listens.
    public let port: Int
    let state = Mutex(State())
    /// Bound and never listening: the port stays ours while the listener is closed.
    private let reservation: Int32

    /// A line to a server on 127.0.0.1; it passes everything on.
    public init(to serverPort: Int) throws {
        self.serverPort = serverPort
        (reservation, port) = try LoopbackSocket.bound(to: 0)
        try listen()
    }

    deinit { Glibc.close(reservation) }

    // MARK: Commands

    /// Passes everything on, from now, without delay; connections that were robbed of bytes are closed first.
    public func pass() throws {
        let spoilt = state.withLock { state in
            state.mode = .passing
            (state.delayToServer, state.delayToClients) = (.zero, .zero)
            return state.connections.values.filter(\.isSpoilt)
        }
        for connection in spoilt { connection.close() }
        try listen()
    }

    /// Closes every connection and refuses new ones.
    public func cut() {
        let (listener, connections) = state.withLock { state in
            state.mode = .cut
            defer { state.listener = -1 }
            return (state.listener, Array(state.connections.values))
        }
        // The thread that accepts ends with it, and closes it.
        if listener >= 0 { shutdown(listener, Int32(SHUT_RDWR)) }
        for connection in connections { connection.close() }
    }

    /// Keeps connections open and accepts new ones, and swallows what clients send.
    public func hang() throws {
        state.withLock { $0.mode = .halfOpen }
        try listen()
    }

    /// Lets every piece of data wait before it is passed on.
    public func delay(toServer: Duration = .zero, toClients: Duration = .zero) {
        state.withLock { state in
            state.delayToServer = toServer
            state.delayToClients = toClients
        }
    }

    /// Loses the next request that matches, or its reply, once.
    public func lose(_ loss: Loss, of matches: @escaping @Sendable (WireRequest) -> Bool) {
        state.withLock { $0.losses.append((loss, matches)) }
    }

    /// Ends it for good.
    public func close() {
        state.withLock { $0.isClosed = true }
        cut()
    }

    // MARK: Looking

    /// Bytes that were passed on so far.
    public var traffic: Traffic { state.withLock { $0.traffic } }

    /// Waits for an event, and takes it; one that has come already counts.
    public func wait(for event: Event) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let isThere = state.withLock { state in
            if let index = state.events.firstIndex(of: event) {
                state.events.remove(at: index)
                return true
            }
            state.waiters.append((event, continuation))
            return false
        }
        if isThere { return }
        let hasCome = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in stream { return true }
                return false
            }
            group.addTask {
                // Cancelled when the event has come.
                try? await Task.sleep(for: Self.eventTimeout)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
        guard hasCome else { throw Failure.timedOut("\(event)") }
    }

    func tell(_ event: Event) {
        let waiter = state.withLock { state -> AsyncStream<Void>.Continuation? in
            guard let index = state.waiters.firstIndex(where: { $0.event == event }) else {
                // Of many swallowed pieces one is enough to know of.
                if event != .swallowed || !state.events.contains(event) { state.events.append(event) }
                return nil
            }
            return state.waiters.remove(at: index).continuation
        }
        waiter?.yield()
    }

    // MARK: Listening

    private func listen() throws {
        guard state.withLock({ $0.listener < 0 && !$0.isClosed }) else { return }
        let (listener, _) = try LoopbackSocket.bound(to: port)
        guard Glibc.listen(listener, SOMAXCONN) == 0 else {
            let code = errno
            Glibc.close(listener)
            throw Failure.system("listen", code)
        }
        state.withLock { $0.listener = listener }
        // Blocks in accept; ended by `cut`, which shuts the socket down.
        ProxyThread.run { [weak self] in
            while true {
                let client = accept(listener, nil, nil)
                if client < 0, errno == EINTR || errno == ECONNABORTED { continue }
                guard client >= 0, let self else {
                    if client >= 0 { Glibc.close(client) }
                    break
                }
                self.accepted(client)
            }
            Glibc.close(listener)
        }
    }

    private func accepted(_ client: Int32) {
        let connection = ProxyConnection(client, self)
        let mode = state.withLock { state in
            if state.mode != .cut { state.connections[ObjectIdentifier(connection)] = connection }
            return state.mode
        }
        connection.start(isConnected: mode == .passing, isRefused: mode == .cut)
    }

    func ended(_ connection: ProxyConnection) {
        state.withLock { $0.connections[ObjectIdentifier(connection)] = nil }
    }
}
