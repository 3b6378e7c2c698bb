import EmbeddedMongo
import Glibc

/// Judges the embedded store by what it looks like from outside.
enum EmbeddedStoreCheck {
    /// The findings about directory, files and locks.
    /// - Parameter starts: whether this caller may start the store: a server does, a worker waits for one.
    static func judge(_ seen: EmbeddedStoreInspection, starts: Bool) -> [Finding] {
        var findings = [judge(seen.place, path: seen.directory.path)]
        findings.append(judge(seen.endpoint, path: seen.directory.endpointFile, starts: starts))
        findings.append(judge(holder: seen.holder, isAnswering: seen.acceptsConnections, starts: starts))
        findings.append(judge(users: seen.users, starters: seen.starters, path: seen.directory.startLock))
        return findings
    }

    static func judge(_ place: EmbeddedStoreInspection.Place, path: String) -> Finding {
        switch place {
        case .usable(let mode) where mode & 0o077 == 0:
            return Finding(.store, "directory", .ok, "\(path) is yours alone and writable")
        case .usable(let mode):
            let octal = String(mode, radix: 8)
            let detail = "\(path) can be listed by others (mode \(octal)); its secrets are in files of mode 600"
            return Finding(.store, "directory", .warn, detail, remedy: "chmod 700 \(ForeignText.shellWord(path))")
        case .canBeMade: return Finding(.store, "directory", .ok, "\(path) can be made")
        case .refused(let error):
            let (detail, remedy) = Advice.split(error.description)
            return Finding(.store, "directory", .fail, detail, remedy: remedy)
        }
    }

    static func judge(_ endpoint: Result<Endpoint?, EmbeddedMongoError>, path: String, starts: Bool) -> Finding {
        switch endpoint {
        case .success(let endpoint?):
            let listening = endpoint.listening.map { ", open to other nodes on \($0.address)" } ?? ", on loopback only"
            return Finding(.store, "endpoint", .ok, "\(path) is private, port \(endpoint.port)\(listening)")
        case .success(nil):
            let remedy = starts ? nil : "hyperserver start"
            let detail = "no store was started there yet"
            return Finding(.store, "endpoint", starts ? .skip : .warn, detail, remedy: remedy)
        case .failure(let error):
            let (detail, remedy) = Advice.split(error.description)
            return Finding(.store, "endpoint", .fail, detail, remedy: remedy)
        }
    }

    static func judge(holder: EmbeddedStoreInspection.Holder, isAnswering: Bool, starts: Bool) -> Finding {
        switch holder {
        case .nobody:
            let detail = starts ? "not running; any command starts it" : "not running; a worker waits for it"
            let remedy = starts ? "hyperserver doctor --start" : "hyperserver start"
            return Finding(.store, "mongod_process", starts ? .skip : .warn, detail, remedy: remedy)
        case .running(let pid, let port) where isAnswering:
            return Finding(.store, "mongod_process", .ok, "mongod runs (pid \(pid)) and answers on port \(port)")
        case .running(let pid, let port):
            let detail = "mongod runs (pid \(pid)) but does not answer on port \(port); it may be starting"
            return Finding(.store, "mongod_process", .fail, detail, remedy: "tail mongod.log in the data directory")
        case .ending(let pid):
            let detail = "mongod (pid \(pid)) is on its way out"
            return Finding(.store, "mongod_process", .warn, detail, remedy: "wait a moment, then try again")
        case .foreign(let pid):
            let name = pid.map { "pid \($0)" } ?? "in another container or on another machine"
            let remedy = "stop that mongod (\(pid.map { "kill \($0)" } ?? "there")), or pass another --data-dir"
            let detail = "the data files are in use by another mongod (\(name))"
            return Finding(.store, "mongod_process", .fail, detail, remedy: remedy)
        }
    }

    static func judge(
        users: [EmbeddedStoreInspection.LockHolder],
        starters: [EmbeddedStoreInspection.LockHolder],
        path: String
    ) -> Finding {
        func names(_ holders: [EmbeddedStoreInspection.LockHolder]) -> String {
            ForeignText.list(holders.map { "\($0.program) (pid \($0.pid))" })
        }
        guard starters.isEmpty else {
            let detail = "\(names(starters)) is starting or stopping the store at the moment"
            let remedy =
                "wait; if it lasts longer than two minutes, end that program (fuser -v \(ForeignText.shellWord(path)))"
            return Finding(.store, "locks", .warn, detail, remedy: remedy)
        }
        let detail = users.isEmpty ? "no program uses the store" : "in use by \(names(users))"
        return Finding(.store, "locks", .ok, detail)
    }
}

/// Error messages as what happened and what to do.
enum Advice {
    /// Splits a message of ours at its first sentence that begins an advice; all of it is the detail when there is none.
    static func split(_ message: String) -> (detail: String, remedy: String?) {
        let starts = [
            ". Run ", ". If ", ". Delete ", ". Choose ", ". Make ", ". Move ", ". Free ", ". Check ", ". Give ",
        ]
        let ranges = starts.compactMap { message.firstRange(of: $0) }
        guard let first = ranges.min(by: { $0.lowerBound < $1.lowerBound }) else { return (message, nil) }
        return (String(message[..<first.lowerBound]), String(message[message.index(first.lowerBound, offsetBy: 2)...]))
    }
}
