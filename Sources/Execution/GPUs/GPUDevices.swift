import Foundation

/// The GPUs of this machine, from what people say of them.
public enum GPUDevices {
    /// What stands for all of them.
    public static let all = "all"

    /// `0,1,2` → three devices; `all` → those that the kernel shows under `/dev`, by number.
    public static func read(_ text: String, deviceDirectory: String = "/dev") -> [String] {
        guard text == all else {
            return text.split(separator: ",", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
        }
        let prefix = "nvidia"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: deviceDirectory)) ?? []
        return names.filter { $0.hasPrefix(prefix) }.compactMap { Int($0.dropFirst(prefix.count)) }.sorted().map(
            String.init
        )
    }
}
