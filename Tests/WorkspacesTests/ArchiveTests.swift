import ExperimentModel
import Foundation
import Testing

@testable import Workspaces

@Suite("Archives of others")
struct ArchiveTests {
    /// Python that makes a hostile tar archive, by what it tries.
    private static let hostile: [String: String] = [
        "absolute path": "f('/tmp/hyper-escaped')",
        "climbing path": "f('a/../../escaped')",
        "link and a file through it": "l('d', '/tmp'); f('d/hyper-escaped')",
        "inner link and a file through it": "d('real'); l('d', 'real'); f('d/x')",
        "link upwards": "l('d', '..')",
        "link that climbs behind a name": "d('a'); l('a/l', 'b/../../..')",
        "hard link outside": "h('x', '/etc/passwd')",
        "hard link that climbs": "h('x', '../../etc/passwd')",
        "hard link to a link": "f('a'); l('b', 'a'); h('c', 'b')",
        "directory replaced by a link": "d('a'); l('a', 'b')",
        "file twice": "f('a'); f('a')",
        "file below a file": "f('a'); f('a/b')",
        "device": "s('null', tarfile.CHRTYPE)",
        "pipe": "s('pipe', tarfile.FIFOTYPE)",
        "more bytes than allowed": "f('a', b'x' * 3000000)",
        "more entries than allowed": "[f(str(i)) for i in range(1200)]",
        "deep nesting": "f('/'.join(['d'] * 200))",
        "control characters": "f('a\\x1b[31m')",
    ]

    private static let prelude = """
        import io, tarfile
        t = tarfile.open('archive.tar', 'w')
        def f(name, data=b'x'):
            i = tarfile.TarInfo(name); i.size = len(data); t.addfile(i, io.BytesIO(data))
        def s(name, kind, target=''):
            i = tarfile.TarInfo(name); i.type = kind; i.linkname = target; t.addfile(i)
        def d(name): s(name, tarfile.DIRTYPE)
        def l(name, target): s(name, tarfile.SYMTYPE, target)
        def h(name, target): s(name, tarfile.LNKTYPE, target)

        """

    private static let limits = WorkspaceLimits(bytes: 1 << 20, entries: 1000)

    @Test("that try to write elsewhere, or too much, are refused", arguments: hostile.keys.sorted())
    func refused(_ attempt: String) throws {
        let scratch = try Scratch()
        let target = try scratch.make("in/target")
        try scratch.python(Self.prelude + (Self.hostile[attempt] ?? "") + "\nt.close()")
        #expect(throws: WorkspaceError.self) {
            try ArchiveReader(path: scratch.path + "/archive.tar", form: .any, limits: Self.limits)
                .read(into: DirectoryWriter(root: target))
        }
        #expect(try scratch.listing().filter { !$0.hasPrefix("in/target/") } == ["archive.tar", "in/"])
        #expect(!FileManager.default.fileExists(atPath: "/tmp/hyper-escaped"))
    }

    @Test("zip files that lie or climb are refused, and cut archives too")
    func badZip() throws {
        let scratch = try Scratch()
        try scratch.python(
            """
            import zipfile, stat
            with zipfile.ZipFile('climb.zip', 'w') as z: z.writestr('../escaped', 'x')
            with zipfile.ZipFile('bomb.zip', 'w', zipfile.ZIP_DEFLATED) as z: z.writestr('zeros', bytes(50_000_000))
            with zipfile.ZipFile('link.zip', 'w') as z:
                i = zipfile.ZipInfo('l'); i.create_system = 3; i.external_attr = (stat.S_IFLNK | 0o777) << 16
                z.writestr(i, '/etc')
            import tarfile
            open('data', 'wb').write(bytes(range(256)) * 4000)
            with tarfile.open('full.tar.gz', 'w:gz') as t: t.add('data')
            whole = open('full.tar.gz', 'rb').read()
            open('cut.tar.gz', 'wb').write(whole[:len(whole) // 2])
            open('text', 'w').write('no archive at all')
            """
        )
        for name in ["climb.zip", "bomb.zip", "link.zip", "cut.tar.gz", "text"] {
            let target = try scratch.make("target-\(name)")
            #expect(throws: WorkspaceError.self, "\(name)") {
                try ArchiveReader(path: "\(scratch.path)/\(name)", form: .any, limits: Self.limits)
                    .read(into: DirectoryWriter(root: target))
            }
        }
        #expect(!FileManager.default.fileExists(atPath: scratch.path + "/escaped"))
    }

    @Test("zip and tar in the usual compressions are workspaces, with the same hash as their directory")
    func goodArchives() throws {
        let scratch = try Scratch([
            "src/top/a.py": "1", "src/top/b/ü.txt": "2", "src/.hyperignore": "*.o\n", "src/x.o": "3",
        ])
        try scratch.python(
            """
            import tarfile, zipfile, os
            for ending, mode in [('tar', 'w'), ('tar.gz', 'w:gz'), ('tar.xz', 'w:xz'), ('tar.bz2', 'w:bz2')]:
                with tarfile.open('a.' + ending, mode) as t:
                    os.chdir('src'); t.add('.'); os.chdir('..')
            with zipfile.ZipFile('a.zip', 'w', zipfile.ZIP_DEFLATED) as z:
                for root, _, names in os.walk('src'):
                    for name in names:
                        path = os.path.join(root, name); z.write(path, os.path.relpath(path, 'src'))
            """
        )
        let expected = try WorkspaceSnapshot(
            of: scratch.path + "/src",
            ignoring: [],
            maximumBytes: 1 << 20,
            isPacked: false
        )
        #expect(expected.content == .snapshot(hash: expected.hash, files: 3, bytes: 6))
        for ending in ["tar", "tar.gz", "tar.xz", "tar.bz2", "zip"] {
            let snapshot = try WorkspaceSnapshot(
                of: "\(scratch.path)/a.\(ending)",
                ignoring: [],
                maximumBytes: 1 << 20,
                isPacked: false
            )
            #expect(snapshot.hash == expected.hash, "\(ending)")
        }
    }
}
