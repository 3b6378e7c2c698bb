import ExperimentModel
import SearchSpace

/// The container of a definition, and what of it the worker supplies.
extension DefinitionReader {
    /// Mounts that a file may name.
    static let maximumMounts = 64
    /// Secrets that a file may name.
    static let maximumSecrets = 64

    /// `environment`: the container that trials run in; `nil` without one.
    /// - Parameter hasWorkspace: whether there is one, which an image is built in.
    func readContainer(_ file: SectionReader, hasWorkspace: Bool) -> ContainerSpecification? {
        guard let (entries, position) = file.mapping("environment") else { return nil }
        let section = SectionReader(entries, .environment, position: position, diagnostics: diagnostics)
        guard let source = readSource(section, hasWorkspace: hasWorkspace) else { return nil }
        var container = ContainerSpecification(source: source)
        container.pull = readWord(section, "pull") ?? .missing
        container.user = readPlainText(section, "user")
        container.mounts = readMounts(section)
        container.variables = readVariables(section)
        container.network = readPlainText(section, "network")
        container.memoryBytes = readBytes(section, "memory", in: ContainerSpecification.memoryRange)
        container.sharedMemoryBytes = readBytes(section, "shm_size", in: ContainerSpecification.sharedMemoryRange)
        container.entrypoint = readEntrypoint(section)
        container.registryAuth = readPlainText(section, "registry_auth")
        if let cpus = section.number("cpus"), let position = section.node("cpus")?.position {
            let range = ContainerSpecification.cpusRange
            if !range.contains(cpus) {
                let message = "environment.cpus must be a number from \(range.lowerBound) to \(Int(range.upperBound))"
                diagnostics.error(message, at: position)
            }
            container.cpus = cpus
        }
        if let path = section.text("working_directory"), let node = section.node("working_directory") {
            if !Self.isPlainAbsolute(path) {
                let message =
                    "environment.working_directory must be an absolute path in the container, not \(shown(path))"
                diagnostics.error(message, at: node.position)
            }
            container.workingDirectory = path
        }
        return container
    }

    /// `secret_env`: names of variables that the worker supplies.
    func readSecrets(_ file: SectionReader, environment: [String: String]) -> [String] {
        guard let items = readTexts(file, "secret_env", atMost: Self.maximumSecrets) else { return [] }
        for (name, position) in items {
            if name.isEmpty || name.contains("=") {
                diagnostics.error("\(shown(name)) cannot name a variable", at: position)
            } else if environment[name] != nil {
                diagnostics.error(
                    "\(shown(name)) stands in env as well: a secret does not belong into the file",
                    at: position
                )
            }
        }
        return items.map(\.text)
    }

    private func readSource(_ section: SectionReader, hasWorkspace: Bool) -> ContainerSpecification.Source? {
        switch (section.node("image"), section.node("dockerfile")) {
        case (nil, nil):
            diagnostics.error(
                "environment.image is missing; write the image, such as environment: {image: \"python:3.12\"}",
                at: section.position
            )
            return nil
        case (_?, let dockerfile?):
            diagnostics.error("environment has image and dockerfile; keep one of them", at: dockerfile.position)
            return nil
        case (_?, nil): return readPlainText(section, "image").map { .image($0) }
        case (nil, let dockerfile?):
            guard let path = section.text("dockerfile") else { return nil }
            if !hasWorkspace {
                let message = "environment.dockerfile is a file of the workspace, and there is none; add workspace: ."
                diagnostics.error(message, at: dockerfile.position)
            }
            guard Self.isPlainRelative(path) else {
                let message = "environment.dockerfile must be a relative path in the workspace, not \(shown(path))"
                diagnostics.error(message, at: dockerfile.position)
                return nil
            }
            return .dockerfile(path)
        }
    }

    /// A text that becomes an argument of an engine: it must not look like an option.
    func readPlainText(_ section: SectionReader, _ key: String) -> String? {
        guard let text = section.text(key), let position = section.node(key)?.position else { return nil }
        if let reason = Self.reasonAgainst(argument: text) {
            diagnostics.error("\(section.full(key)) \(shown(text)) \(reason)", at: position)
            return nil
        }
        return text
    }

    /// Why a text cannot be an argument of another program; `nil` when it can.
    static func reasonAgainst(argument text: String) -> String? {
        if text.isEmpty { return "is empty" }
        if text.hasPrefix("-") { return "begins with a minus sign, like an option" }
        let isStrange = text.unicodeScalars.contains {
            $0.properties.isWhitespace || $0.properties.generalCategory == .control
        }
        return isStrange ? "contains white space" : nil
    }

    private func readWord(_ section: SectionReader, _ key: String) -> ContainerSpecification.PullPolicy? {
        guard let text = section.text(key), let position = section.node(key)?.position else { return nil }
        if let word = ContainerSpecification.PullPolicy(rawValue: text) { return word }
        let known = ContainerSpecification.PullPolicy.allCases.map(\.rawValue)
        let advice = suggestionText(for: text, among: known)
        diagnostics.error(
            "\(section.full(key)) must be \(known.joined(separator: ", ")), not \(shown(text))\(advice)",
            at: position
        )
        return nil
    }

    /// `entrypoint`: a list is argv, a text is one program.
    private func readEntrypoint(_ section: SectionReader) -> [String]? {
        guard let node = section.node("entrypoint") else { return nil }
        if case .list = node.content {
            return readTexts(section, "entrypoint", atMost: Self.maximumMounts)?.map(\.text)
        }
        return section.text("entrypoint").map { $0.isEmpty ? [] : [$0] }
    }

    private func readMounts(_ section: SectionReader) -> [ContainerSpecification.Mount] {
        guard let node = section.node("mounts") else { return [] }
        guard case .list(let items) = node.content, items.count <= Self.maximumMounts else {
            let message = "environment.mounts must be a list of at most \(Self.maximumMounts), not \(node.kind)"
            diagnostics.error(message, at: node.position)
            return []
        }
        return items.compactMap { item in
            let mount: ContainerSpecification.Mount?
            if case .mapping(let entries) = item.content {
                mount = readMount(entries, at: item.position)
            } else {
                mount = section.text(of: item, "mounts").flatMap { Self.mount($0) }
                if mount == nil {
                    diagnostics.error(
                        "a mount is source:target or source:target:ro, such as /srv/data:/data:ro",
                        at: item.position
                    )
                }
            }
            return mount.flatMap { check($0, at: item.position) }
        }
    }

    private func readMount(_ entries: [FileEntry], at position: SourcePosition) -> ContainerSpecification.Mount? {
        let section = SectionReader(entries, .mount, position: position, diagnostics: diagnostics)
        guard section.required("source", "write what the container is to see") != nil,
            section.required("target", "write where the container sees it") != nil,
            let source = section.text("source"), let target = section.text("target")
        else { return nil }
        return .init(source: source, target: target, isReadOnly: section.truth("read_only") ?? false)
    }

    /// `source:target[:ro|:rw]`
    private static func mount(_ text: String) -> ContainerSpecification.Mount? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        switch parts.count {
        case 2: return .init(source: parts[0], target: parts[1])
        case 3 where parts[2] == "ro" || parts[2] == "rw":
            return .init(source: parts[0], target: parts[1], isReadOnly: parts[2] == "ro")
        default: return nil
        }
    }

    /// The mount with a source that means the same everywhere; `nil` and a report when it cannot be one.
    private func check(
        _ mount: ContainerSpecification.Mount,
        at position: SourcePosition
    ) -> ContainerSpecification.Mount? {
        var mount = mount
        if mount.source.hasPrefix(".") { mount.source = Self.resolve(mount.source, in: directory) }
        // Engines separate the parts of a mount by these.
        let separators: Set<Character> = [":", ",", "\"", "\n", "\0"]
        let isSourceFine =
            mount.source.hasPrefix("/")
            ? !mount.source.contains(where: separators.contains)
            : !mount.source.isEmpty
                && mount.source.utf8.allSatisfy {
                    UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A || $0 == 0x5F
                        || $0 == 0x2E || $0 == 0x2D
                }
                && mount.source.first != "-"
        guard isSourceFine else {
            let message =
                "the source of a mount must be an absolute path, one that begins with ./, or the name of a volume, not "
                + shown(mount.source)
            diagnostics.error(message, at: position)
            return nil
        }
        guard Self.isPlainAbsolute(mount.target), !mount.target.contains(where: separators.contains) else {
            let message = "the target of a mount must be an absolute path in the container, not \(shown(mount.target))"
            diagnostics.error(message, at: position)
            return nil
        }
        return mount
    }

    private func readVariables(_ section: SectionReader) -> [String: String] {
        guard let entries = section.mapping("env") else { return [:] }
        return readVariables(section, entries.entries, "env")
    }

    /// An absolute path without `..`, not the root itself.
    static func isPlainAbsolute(_ path: String) -> Bool {
        guard path.hasPrefix("/"), !path.utf8.contains(0) else { return false }
        let parts = path.split(separator: "/")
        return !parts.isEmpty && !parts.contains("..")
    }

    /// A relative path that stays where it starts from.
    static func isPlainRelative(_ path: String) -> Bool {
        guard !path.isEmpty, !path.hasPrefix("/"), !path.hasPrefix("~"), !path.hasPrefix("-"), !path.utf8.contains(0)
        else {
            return false
        }
        return !path.split(separator: "/").contains("..")
    }
}
