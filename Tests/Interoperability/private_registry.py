"""A registry of images on loopback that wants a password: Debian's docker-registry."""

import shutil
import socket
import subprocess
from pathlib import Path

from sandbox import CheckFailed, wait_until

USER = "lab"
PASSWORD = "passw0rd-of-this-check"
COMMAND_LIMIT_SECONDS = 60.0


class PrivateRegistry:
    """Runs from `with` to its end."""

    @staticmethod
    def missing() -> list[str]:
        """Programs that it takes and that are not here."""
        return [name for name in ["docker-registry", "htpasswd"] if not shutil.which(name)]

    def __init__(self, directory: Path):
        self.directory = directory
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"
        self.configuration = directory / "registries.conf"

    def __enter__(self):
        self.directory.mkdir()
        line = subprocess.run(
            ["htpasswd", "-Bbn", USER, PASSWORD], check=True, capture_output=True, timeout=COMMAND_LIMIT_SECONDS
        ).stdout
        (self.directory / "htpasswd").write_bytes(line)
        # Without TLS, which podman must be told.
        self.configuration.write_text(
            f'[[registry]]\nlocation = "{self.address}"\ninsecure = true\n', encoding="utf-8"
        )
        settings = self.directory / "config.yml"
        settings.write_text(
            "version: 0.1\nlog: {level: error}\n"
            f'storage: {{filesystem: {{rootdirectory: "{self.directory}/data"}}}}\nhttp: {{addr: "{self.address}"}}\n'
            f'auth: {{htpasswd: {{realm: check, path: "{self.directory}/htpasswd"}}}}\n',
            encoding="utf-8",
        )
        log = (self.directory / "log").open("wb")
        self.process = subprocess.Popen(
            ["docker-registry", "serve", str(settings)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        log.close()
        wait_until("the registry listens", self.is_listening)
        return self

    def is_listening(self) -> bool:
        if self.process.poll() is not None:
            raise CheckFailed(f"the registry ended: {(self.directory / 'log').read_text(encoding='utf-8')}")
        host, port = self.address.split(":")
        with socket.socket() as probe:
            return probe.connect_ex((host, int(port))) == 0

    def __exit__(self, *_) -> None:
        self.process.terminate()
        self.process.wait(COMMAND_LIMIT_SECONDS)
