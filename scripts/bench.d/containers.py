"""Times trials in containers and in workspaces beside what the engine and tar need for the same, in one run.

usage: containers.py PROGRAMS SCRATCH TRIALS
"""

import datetime
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import time

IMAGE = "localhost/hyper-bench:1"
REPEATS = 3
FILES = 2000
FILE_BYTES = 25_000
COMMAND_LIMIT_SECONDS = 900
RUNC_CONFIGURATION = """[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=20000:20000"]
"""

programs, scratch, trials = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
environment = dict(os.environ, HYPER_WORKDIR=str(scratch / "trials"), PATH=f"{programs}:{os.environ['PATH']}")


def call(*words, check=True, **options):
    return subprocess.run(
        words, env=environment, check=check, timeout=COMMAND_LIMIT_SECONDS, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, **options
    )


def make_image():
    """Busybox as an image, and podman's settings if its own do not work; `None` when it cannot be, with the reason said."""
    podman, busybox = shutil.which("podman"), shutil.which("busybox")
    if not podman or not busybox:
        return "podman or busybox-static is missing (scripts/setup --containers)"
    root = scratch / "root"
    (root / "bin").mkdir(parents=True)
    for name in ("dev", "proc", "sys", "etc", "tmp"):
        (root / name).mkdir()
    shutil.copy(busybox, root / "bin/busybox")
    for name in ("sh", "echo"):
        (root / "bin" / name).symlink_to("busybox")
    call("tar", "-C", str(root), "-cf", str(scratch / "root.tar"), ".")
    call("podman", "import", str(scratch / "root.tar"), IMAGE)
    test = ("podman", "run", "--rm", IMAGE, "echo")
    if call(*test, check=False).returncode != 0 and "CONTAINERS_CONF" not in os.environ:
        (scratch / "containers.conf").write_text(RUNC_CONFIGURATION)
        environment["CONTAINERS_CONF"] = str(scratch / "containers.conf")
    tried = call(*test, check=False)
    return None if tried.returncode == 0 else f"podman runs no container: {tried.stderr.strip()}"


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def experiment(name, workers, keys, runtime):
    """Trials a second of a whole experiment, from the first claim to the last end."""
    directory = scratch / name
    directory.mkdir(exist_ok=True)
    file = directory / "experiment.yaml"
    file.write_text(
        "command: [echo, 'loss={x}']\nsearch_space: {x: {type: float, min: 0, max: 1}}\nsampler: random\n"
        f"objective: {{metric: loss, goal: minimize}}\nlimits: {{max_trials: {trials}}}\n{keys}"
    )
    data = str(scratch / "data")
    call("hyperserver", "run", str(file), "--workers", str(workers), "--runtime", runtime, "--data-dir", data)
    listed = json.loads(call("hyperserver", "trials", "last", "--json", "--data-dir", data).stdout)["trials"]
    attempts = [attempt for trial in listed for attempt in trial["attempts"]]
    assert len(listed) == trials and all(attempt["cause"] == "succeeded" for attempt in attempts), listed
    begin = min(moment(attempt["claimed_at"]) for attempt in attempts)
    return trials / (max(moment(attempt["ended_at"]) for attempt in attempts) - begin)


def loop(parallel, line):
    """Runs a second of a shell line by xargs."""
    begin = time.monotonic()
    numbers = "\n".join(map(str, range(trials)))
    call("xargs", "-P", str(parallel), "-n", "1", "sh", "-c", line, input=numbers)
    return trials / (time.monotonic() - begin)


def source_tree():
    """Files that do not compress, in twenty directories, and a tar archive of them."""
    generator = random.Random(1)
    tree = scratch / "tree"
    for number in range(FILES):
        path = tree / str(number % 20) / f"{number}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(generator.randbytes(FILE_BYTES))
    call("tar", "-C", str(tree), "-cf", str(scratch / "tree.tar"), ".")
    return tree


reason = make_image()
if reason:
    print(f"containers are not measured: {reason}")
    sys.exit(0)
tree = source_tree()
unpack = f"mkdir {scratch}/copy-$0 && tar -C {scratch}/copy-$0 -xf {scratch}/tree.tar && rm -r {scratch}/copy-$0"
container, workspace = f"environment: {{image: '{IMAGE}', pull: never}}\n", f"workspace: {tree}\n"
lines = {}
for parallel in (1, 2):
    lines[f"podman run --rm, {parallel} at once"] = (lambda n=parallel: loop(n, f"podman run --rm {IMAGE} echo"), None)
    lines[f"trials in containers, {parallel} slot(s)"] = (
        lambda n=parallel: experiment(f"box{n}", n, container, "podman"), f"podman run --rm, {parallel} at once"
    )
lines["trials as processes, 1 slot"] = (lambda: experiment("plain", 1, container, "process"), None)
lines["mkdir, tar -x, rm -r of the workspace"] = (lambda: loop(1, unpack), None)
lines["trials in the workspace, 1 slot"] = (
    lambda: experiment("work", 1, workspace, "process"), "mkdir, tar -x, rm -r of the workspace"
)
samples = {name: [] for name in lines}
try:
    print(f"load average {os.getloadavg()[0]:.1f}; {trials} trials, {REPEATS} repeats; workspace: {FILES} files of "
          f"{FILE_BYTES} random bytes", flush=True)
    for _ in range(REPEATS):
        for name, (measure, _) in lines.items():
            samples[name].append(measure())
finally:
    call("podman", "image", "rm", "--force", IMAGE, check=False)
print(f"{'':40} {'min':>8} {'median':>8} {'max':>8}  a second    ratio")
for name, (_, base) in lines.items():
    found = samples[name]
    ratio = statistics.median(a / b for a, b in zip(found, samples[base])) if base else None
    shown = f"{ratio:.2f} of `{base}`" if base else ""
    print(f"{name:40} {min(found):8.2f} {statistics.median(found):8.2f} {max(found):8.2f}              {shown}")
