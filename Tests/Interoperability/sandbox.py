"""A place for one check: a directory, programs in process groups of their own, and the end of everything started.

Every wait has a time-out, which is a bound for a hung program and no measurement. Only processes of the sandbox are
ended, by their ids.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

EVENT_LIMIT_SECONDS = 90.0
EXPERIMENT_LIMIT_SECONDS = 240.0
DEATH_LIMIT_SECONDS = 30.0
# Between two looks at the database, which cannot wake us on a standalone server.
LOOK_SECONDS = 0.05
# Every process of a sandbox has this variable, or the directory in its arguments (mongod inherits hardly any).
MARKER = "HYPER_TEST_SANDBOX"


class CheckFailed(Exception):
    """Something was not as it should be, or did not happen in time."""


def wait_until(what: str, condition: Callable[[], object], limit: float = EVENT_LIMIT_SECONDS) -> None:
    """Waits for a condition that nobody can signal."""
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            raise CheckFailed(f"not within {limit:.0f} s: {what}")
        time.sleep(LOOK_SECONDS)


class Program:
    """A program in a process group of its own; its two outputs are read as they come."""

    def __init__(self, command: list[str], environment: dict[str, str], directory: Path):
        self.command = command
        self.lines: list[str] = []
        self._changed = threading.Condition()
        self.process = subprocess.Popen(
            command,
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()

    @property
    def story(self) -> str:
        """The command and the end of what it printed, for messages."""
        name = " ".join(Path(word).name for word in self.command[:6])
        return f"[{name}] process {self.process.pid}, status {self.process.poll()}\n" + "\n".join(self.lines[-40:])

    def wait_for_line(self, text: str, limit: float = EVENT_LIMIT_SECONDS) -> str:
        """The first line that contains the text."""

        def found() -> str | None:
            return next((line for line in self.lines if text in line), None)

        with self._changed:
            if not self._changed.wait_for(found, timeout=limit):
                raise CheckFailed(f"no line with {text!r} within {limit:.0f} s from {self.story}")
            return found()

    def wait(self, limit: float = EVENT_LIMIT_SECONDS) -> int:
        """Its exit status."""
        try:
            return self.process.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            raise CheckFailed(f"no end within {limit:.0f} s of {self.story}") from None

    def finish(self, limit: float = EVENT_LIMIT_SECONDS) -> tuple[int, str]:
        """Its exit status and all that it printed; nobody else may hold its outputs open."""
        status = self.wait(limit)
        self._reader.join(limit)
        return status, "\n".join(self.lines)

    def signal(self, number: int) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)

    def stop(self) -> None:
        """SIGTERM, and it must leave with status 0."""
        self.signal(signal.SIGTERM)
        if self.wait() != 0:
            raise CheckFailed(f"did not leave in order: {self.story}")


class Gate:
    """Holds trials: each tells that it has begun through one FIFO and goes on when it can read a byte from another.

    Both are held open at both ends, so that nobody ever waits for the other side to open it.
    """

    def __init__(self, directory: Path):
        self.directory = directory
        directory.mkdir()
        os.mkfifo(directory / "started", 0o600)
        os.mkfifo(directory / "go", 0o600)
        self._started = os.open(directory / "started", os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
        self._go = os.open(directory / "go", os.O_RDWR | os.O_CLOEXEC)
        self._text = ""

    def next(self, limit: float = EVENT_LIMIT_SECONDS) -> tuple[int, int, int]:
        """Trial, attempt and process id of the next trial that begins."""
        deadline = time.monotonic() + limit
        while "\n" not in self._text:
            ready, _, _ = select.select([self._started], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise CheckFailed(f"no trial has begun within {limit:.0f} s")
            self._text += os.read(self._started, 4096).decode()
        line, self._text = self._text.split("\n", 1)
        trial, attempt, pid = line.split()
        return int(trial), int(attempt), int(pid)

    def release(self, count: int = 1) -> None:
        """Lets as many held or future trials go on."""
        os.write(self._go, b"\n" * count)

    def open(self) -> None:
        """Lets every trial go on from now."""
        self.release(4096)

    def close(self) -> None:
        os.close(self._started)
        os.close(self._go)


class Sandbox:
    """Directory, store and programs of one check."""

    def __init__(self, programs: Path):
        self.directory = Path(tempfile.mkdtemp(prefix="hyper-interoperability-"))
        self._programs = programs
        self._started: list[Program] = []
        self._gates: list[Gate] = []
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("HYPER_") or name == "HYPER_MONGOD"
        }
        self.environment |= {
            "HYPER_DATA_DIR": str(self.data_directory),
            "HYPER_WORKDIR": str(self.directory / "work"),
            MARKER: str(self.directory),
        }

    @property
    def data_directory(self) -> Path:
        return self.directory / "data"

    def start(self, command: list[str]) -> Program:
        program = Program(command, self.environment, self.directory)
        self._started.append(program)
        return program

    def service(self) -> Program:
        """`hyperserver start`, once it leads."""
        server = self.start([str(self._programs / "hyperserver"), "start"])
        server.wait_for_line("leads the experiments of")
        return server

    def worker(self, slots: int) -> Program:
        return self.start([str(self._programs / "hyperworker"), "--count", str(slots)])

    def client(self, *arguments: str, expected: int = 0) -> str:
        """Standard output of a `hyperserver` command."""
        command = [str(self._programs / "hyperserver"), *arguments]
        try:
            done = subprocess.run(
                command,
                cwd=self.directory,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=EVENT_LIMIT_SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise CheckFailed(f"no end within {EVENT_LIMIT_SECONDS:.0f} s of hyperserver {arguments[0]}") from None
        if done.returncode != expected:
            raise CheckFailed(
                f"hyperserver {' '.join(arguments)}: exit status {done.returncode}, expected {expected}\n"
                f"{done.stdout}{done.stderr}"
            )
        return done.stdout

    def json(self, *arguments: str) -> dict:
        return json.loads(self.client(*arguments, "--json"))

    def create(self, name: str, definition: dict) -> str:
        """Stores an experiment given in the shape of its file (JSON is YAML) and returns its id."""
        path = self.directory / f"{name}.yaml"
        path.write_text(json.dumps({"name": name, **definition}, indent=1, ensure_ascii=False), encoding="utf-8")
        return self.client("create", str(path)).strip()

    def gate(self, name: str) -> Gate:
        gate = Gate(self.directory / name)
        self._gates.append(gate)
        return gate

    def standalone_mongod(self) -> str:
        """Starts a MongoDB server without replica set and authentication, uses it as the store, returns host:port."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        (self.directory / "mongo").mkdir()
        server = self.start(
            [str(find_mongod()), "--dbpath", str(self.directory / "mongo"), "--bind_ip", "127.0.0.1"]
            + ["--port", str(port), "--nounixsocket", "--wiredTigerCacheSizeGB", "0.25"]
        )
        server.wait_for_line("Waiting for connections")
        self.environment["HYPER_MONGO_URI"] = f"mongodb://127.0.0.1:{port}/"
        return f"127.0.0.1:{port}"

    def endpoint(self) -> dict:
        """Address, user and password of the embedded store."""
        return json.loads((self.data_directory / "endpoint.json").read_text(encoding="utf-8"))

    # The end

    def _processes(self) -> Iterator[int]:
        variable = f"{MARKER}={self.directory}".encode()
        prefix = f"{self.directory}/".encode()
        for name in os.listdir("/proc"):
            if not name.isdigit() or int(name) == os.getpid():
                continue
            entries: list[bytes] = []
            # A process may end while we look.
            with contextlib.suppress(OSError):
                entries += Path(f"/proc/{name}/environ").read_bytes().split(b"\0")
                entries += Path(f"/proc/{name}/cmdline").read_bytes().split(b"\0")
            if any(entry == variable or entry.startswith(prefix) for entry in entries):
                yield int(name)

    def end(self, pid: int) -> None:
        """SIGKILL for a process of the sandbox that may be gone already."""
        if pid in self._processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        """Ends everything that was started and removes the directory."""
        for program in self._started:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if program.process.poll() is None:
                    os.killpg(program.process.pid, signal.SIGKILL)
        deadline = time.monotonic() + DEATH_LIMIT_SECONDS
        # Again until nothing is left: what is killed may just have started something.
        while left := list(self._processes()):
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            for program in self._started:
                program.process.poll()
            if time.monotonic() > deadline:
                raise CheckFailed(f"processes outlived SIGKILL: {left}")
            time.sleep(LOOK_SECONDS)
        for gate in self._gates:
            gate.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def story(self) -> str:
        return "\n".join(program.story for program in self._started)


def find_mongod() -> Path:
    """Where hyperserver would find it."""
    home = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    placed = Path(home) / "hyper" / "bin" / "mongod"
    found = os.environ.get("HYPER_MONGOD") or shutil.which("mongod") or (str(placed) if placed.exists() else None)
    if found is None:
        raise CheckFailed("no mongod; run scripts/setup")
    return Path(found)


@contextlib.contextmanager
def sandbox(programs: Path) -> Iterator[Sandbox]:
    """A sandbox that ends with the block; when that fails, it first prints what its programs said."""
    place = Sandbox(programs)
    try:
        yield place
    except BaseException:
        print(place.story, flush=True)
        raise
    finally:
        place.close()
