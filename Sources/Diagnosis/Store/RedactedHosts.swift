/// The hosts of a connection string, without user, password and options.
enum RedactedHosts {
    /// `a:27017,b:27017` of a string that the driver has accepted: an `@` in a password is encoded there.
    static func text(of uri: String) -> String {
        guard let scheme = uri.firstRange(of: "://") else { return "" }
        let rest = uri[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        return String(rest.split(separator: "@", omittingEmptySubsequences: false).last ?? "")
    }
}
