import Foundation
import Glibc
import Synchronization

/// One connection through a ``FaultProxy``: a thread for each direction, since reading blocks.
final class ProxyConnection: Sendable {
    private static let bufferBytes = 64 << 10

    private struct State {
        var client: Int32
        var server: Int32 = -1
        /// The command whose reply is to be lost.
        var losing: String?
        /// Bytes went nowhere: what follows would make no sense.
        var isSpoilt = false
        /// Threads that still use the sockets; the last closes them.
        var users = 0
    }

    private let proxy: FaultProxy
    private let state: Mutex<State>

    init(_ client: Int32, _ proxy: FaultProxy) {
        self.proxy = proxy
        state = Mutex(State(client: client))
    }

    var isSpoilt: Bool { state.withLock { $0.isSpoilt } }

    /// - Parameters:
    ///   - isConnected: whether to connect to the server; a half-open line has none.
    ///   - isRefused: whether the line was cut meanwhile.
    func start(isConnected: Bool, isRefused: Bool) {
        let server = isConnected ? try? LoopbackSocket.connected(to: proxy.serverPort) : nil
        let client = state.withLock { state in
            state.users = server == nil ? 1 : 2
            state.server = server ?? -1
            state.isSpoilt = !isConnected
            return state.client
        }
        // A server that is down is to the client as it is without us: a connection that ends.
        guard !isRefused, server != nil || !isConnected else { return ended() }
        ProxyThread.run { self.pumpRequests(client, server ?? -1) }
        if let server { ProxyThread.run { self.pumpReplies(server, client) } }
    }

    /// Ends both directions; the threads do the rest.
    func close() {
        state.withLock { state in
            // Descriptors are closed by the last thread only, so these are still ours.
            if state.users > 0 {
                shutdown(state.client, Int32(SHUT_RDWR))
                if state.server >= 0 { shutdown(state.server, Int32(SHUT_RDWR)) }
            }
        }
    }

    private func ended() {
        close()
        let isLast = state.withLock { state in
            state.users -= 1
            guard state.users <= 0 else { return false }
            Glibc.close(state.client)
            if state.server >= 0 { Glibc.close(state.server) }
            return true
        }
        if isLast { proxy.ended(self) }
    }

    private func pumpRequests(_ client: Int32, _ server: Int32) {
        var pending: [UInt8] = []
        reading: while let bytes = Self.read(client) {
            let (mode, delay) = proxy.state.withLock { ($0.mode, $0.delayToServer) }
            guard mode == .passing, server >= 0, !isSpoilt else {
                state.withLock { $0.isSpoilt = true }
                proxy.tell(.swallowed)
                continue
            }
            pending += bytes
            while let length = WireRequest.length(pending), pending.count >= length {
                let request = WireRequest(bytes: Array(pending.prefix(length)))
                pending.removeFirst(length)
                switch loss(of: request) {
                case .request:
                    close()
                    proxy.tell(.requestLost(command: request.command))
                    break reading
                case .reply: state.withLock { $0.losing = request.command }
                case nil: break
                }
                pause(delay)
                guard Self.write(request.bytes, to: server) else { break reading }
                proxy.state.withLock { $0.traffic.toServer += length }
            }
        }
        ended()
    }

    private func pumpReplies(_ server: Int32, _ client: Int32) {
        while let bytes = Self.read(server) {
            if let command = state.withLock({ $0.losing }) {
                close()
                proxy.tell(.replyLost(command: command))
                break
            }
            let (mode, delay) = proxy.state.withLock { ($0.mode, $0.delayToClients) }
            guard mode == .passing, !isSpoilt else {
                state.withLock { $0.isSpoilt = true }
                continue
            }
            pause(delay)
            guard Self.write(bytes, to: client) else { break }
            proxy.state.withLock { $0.traffic.toClients += bytes.count }
        }
        ended()
    }

    private func loss(of request: WireRequest) -> FaultProxy.Loss? {
        proxy.state.withLock { state in
            state.losses.firstIndex { $0.matches(request) }.map { state.losses.remove(at: $0).loss }
        }
    }

    private func pause(_ delay: Duration) {
        if delay > .zero {
            Thread.sleep(
                forTimeInterval: Double(delay.components.seconds) + Double(delay.components.attoseconds) * 1e-18
            )
        }
    }

    private static func read(_ descriptor: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: bufferBytes)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            return count > 0 ? Array(buffer.prefix(count)) : nil
        }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                send(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }
}

/// Threads of a proxy, each of which blocks in the kernel most of its life and ends with its socket.
enum ProxyThread {
    static func run(_ body: @escaping @Sendable () -> Void) {
        Thread.detachNewThread(body)
    }
}
