import Glibc

/// How the store is opened to other nodes: the address to bind besides loopback, and the name they use for it.
public struct StoreListening: Sendable, Hashable, Codable {
    /// An IPv4 or IPv6 address of this machine, or `0.0.0.0` or `::` for all.
    public let address: String
    /// Host name or address under which the other nodes reach this machine; IPv6 without brackets.
    public let advertisedHost: String

    /// Checks both; the port is the store's own and not given here.
    ///
    /// - Parameter advertise: nil takes `address`, unless that stands for all addresses.
    /// - Throws: `EmbeddedMongoError.invalidListening`.
    public init(address: String, advertise: String?) throws(EmbeddedMongoError) {
        guard Self.isIPv4(address) || Self.isIPv6(address) else {
            throw .invalidListening(
                "\"\(LogTail.printable(address.prefix(100)))\" is not an IP address. Give one of this machine, "
                    + "or 0.0.0.0 for all, as in --store-listen 10.0.0.5."
            )
        }
        guard let host = advertise ?? (Self.wildcards.contains(address) ? nil : address) else {
            throw .invalidListening("\(address) stands for every address. Add --advertise HOST, the name others use.")
        }
        guard Self.isIPv6(host) || Self.isHostName(host), !Self.wildcards.contains(host) else {
            throw .invalidListening(
                "\"\(LogTail.printable(host.prefix(100)))\" is not a host name or IP address. "
                    + "Give --advertise the plain name, without port or brackets."
            )
        }
        self.address = address
        advertisedHost = host
    }

    /// Reads what `encode` wrote, with the same checks.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            address: container.decode(String.self, forKey: .address),
            advertise: container.decode(String.self, forKey: .advertisedHost)
        )
    }

    private static let wildcards = ["0.0.0.0", "::"]
    private static let maximumHostLength = 253

    /// The value of `--bind_ip`: loopback is always part of it.
    var bindAddresses: String {
        switch address {
        case "0.0.0.0": "0.0.0.0"
        case "::": "::,0.0.0.0"
        case "127.0.0.1": "127.0.0.1"
        default: "127.0.0.1,\(address)"
        }
    }

    var usesIPv6: Bool { Self.isIPv6(address) }

    /// The host as it stands in a URI.
    var uriHost: String { Self.isIPv6(advertisedHost) ? "[\(advertisedHost)]" : advertisedHost }

    static func isIPv4(_ text: String) -> Bool {
        var address = in_addr()
        return inet_pton(AF_INET, text, &address) == 1
    }

    static func isIPv6(_ text: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET6, text, &address) == 1
    }

    private static func isHostName(_ text: String) -> Bool {
        guard text.utf8.count <= maximumHostLength else { return false }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            !label.isEmpty && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        }
    }
}
