#!/usr/bin/env python3
"""Trials in containers, with a real engine: what they see, what stops them, and what is left of them.

Run by scripts/full.d/containers, which makes the image `localhost/hyper-check:1` (busybox) and finds out whether containers
can run here at all.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from private_registry import PASSWORD, USER, PrivateRegistry
from sandbox import CheckFailed, Program, Sandbox, sandbox, wait_until

IMAGE = "localhost/hyper-check:1"
ENGINE_LIMIT_SECONDS = 60.0
# A worker that is killed leaves no container behind for longer than this.
REMOVAL_LIMIT_SECONDS = 5.0
MEMORY = 32 << 20
SECRET = "s3cret-of-this-check"


class Engine:
    """The command line of podman or docker."""

    def __init__(self, name: str):
        self.name = name

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [self.name, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=ENGINE_LIMIT_SECONDS,
        )
        if done.returncode != 0:
            raise CheckFailed(f"{self.name} {' '.join(arguments)}: status {done.returncode}\n{done.stderr}")
        return done.stdout

    def containers(self, experiment: str) -> list[str]:
        """Names of all containers of an experiment, running or not."""
        label = f"label=hyper.experiment={experiment}"
        return self.run("ps", "--all", "--filter", label, "--format", "{{.Names}}").split()


class Lab:
    """One store with its server, and the engine."""

    def __init__(self, place: Sandbox, engine: Engine):
        self.place = place
        self.engine = engine
        self.count = 0
        place.environment["HYPER_RUNTIME"] = engine.name
        place.environment["HYPER_LEASE_SECONDS"] = "5"
        place.service()

    def create(self, script: str, *, environment: dict | None = None, trials: int = 1, **more) -> str:
        """An experiment whose trials run a text of `sh`."""
        self.count += 1
        definition = {
            "command": ["sh", "-c", script],
            "arguments": "none",
            "search_space": {"x": {"type": "float", "min": 0, "max": 1}},
            "objective": {"metric": "loss", "goal": "minimize"},
            "sampler": {"type": "random", "seed": 1},
            "limits": {"max_trials": trials, "trial_timeout": "60s"},
            "grace": 2,
            "fail_fast": False,
            "environment": {"image": IMAGE, "network": "none", **(environment or {})},
        }
        return self.place.create(f"check-{self.count}", definition | more)

    def trials(self, experiment: str) -> list[dict]:
        return self.place.json("trials", experiment)["trials"]

    def ended(self, experiment: str) -> list[dict]:
        """Its trials, when none of them will run any more."""
        final = {"done", "error", "cancelled"}

        def are_over() -> bool:
            state = self.place.json("status", experiment)["state"]
            return state in {"completed", "failed", "cancelled"}

        wait_until(f"the end of {experiment}", are_over)
        trials = self.trials(experiment)
        check(all(trial["state"] in final for trial in trials), f"{trials}")
        check(not self.engine.containers(experiment), f"containers of {experiment} are left")
        return trials

    def logs(self, experiment: str, trial: int = 1) -> str:
        return self.place.client("logs", experiment, str(trial))

    def run(self, script: str, **more) -> tuple[dict, str]:
        """The first trial of an experiment that has ended, and what it printed."""
        experiment = self.create(script, **more)
        return self.ended(experiment)[0], self.logs(experiment)

    def wait_for_output(self, experiment: str, text: str) -> None:
        wait_until(f"{text!r} from {experiment}", lambda: text in self.logs(experiment))


def check(condition: bool, what: str) -> None:
    if not condition:
        raise CheckFailed(what)


def last_attempt(trial: dict) -> dict:
    return trial["attempts"][-1]


# The checks


def channels(lab: Lab) -> None:
    """Every way to report works as it does for a process."""
    ways = {
        "metrics file": 'echo \'{"loss": 0.25, "step": 1}\' >>"$HYPER_METRICS_FILE"',
        "output line": "echo loss=0.25",
        "JSON line": 'echo \'{"loss": 0.25}\'',
        "hypertune file": 'echo \'{"timestamp": 1.5, "trial": "1", "loss": "0.25", "global_step": "1"}\' '
        '>>"$CLOUD_ML_HP_METRIC_FILE"',
        "Azure's lines": "echo 'Attempted to log scalar metric loss:'; echo 0.25",
    }
    experiments = {way: lab.create(script) for way, script in ways.items()}
    for way, experiment in experiments.items():
        trial = lab.ended(experiment)[0]
        check(trial["state"] == "done" and trial["value"] == 0.25, f"{way}: {trial}")
    image = lab.engine.run("image", "inspect", "--format", "{{.Id}}", IMAGE).strip().removeprefix("sha256:")
    check(last_attempt(trial)["image"] == f"sha256:{image}", f"its image: {trial}")


def outcomes(lab: Lab) -> None:
    """Failures are told apart, each with words that help."""
    failed, _ = lab.run("echo oh no >&2; exit 3")
    check(failed["cause"] == "failed" and last_attempt(failed)["exit_status"] == 3, f"{failed}")
    starved, _ = lab.run("x=a; while true; do x=$x$x; done", environment={"memory": "32MiB"})
    check(starved["cause"] == "out_of_memory", f"{starved}")
    check("32 MiB" in last_attempt(starved)["message"], f"{starved}")
    late, _ = lab.run('trap "" TERM; while true; do sleep 1; done', limits={"max_trials": 1, "trial_timeout": "2s"})
    check(late["cause"] == "timed_out", f"{late}")
    silent, _ = lab.run("true")
    check(silent["cause"] == "no_metric", f"{silent}")
    lost, _ = lab.run("true", environment={"image": "localhost/hyper-check:none", "pull": "never"})
    check(lost["cause"] == "failed" and "pull: never" in last_attempt(lost)["message"], f"{lost}")
    unknown, _ = lab.run("true", environment={"network": "hyper-check-no-such-network"})
    check("hyper-check-no-such-network" in last_attempt(unknown)["message"], f"{unknown}")
    missing, _ = lab.run("true", environment={"entrypoint": ["/no/such/program"]})
    check(missing["cause"] == "failed", f"{missing}")


def surroundings(lab: Lab) -> None:
    """What a container sees is what its definition says, and no more."""
    data = lab.place.directory / "data-set"
    data.mkdir()
    (data / "x.txt").write_text("rows\n", encoding="utf-8")
    script = """
        echo user=$(id -u); cat /data/x.txt; touch /data/y 2>/dev/null && echo wrote; echo net=$(ls /sys/class/net | tr '\\n' ,)
        echo shm=$(df -k /dev/shm | awk 'END { print $2 }'); pwd; echo A=$A B=$B; echo home=${HOME:-}
        cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null
        cat /sys/fs/cgroup/cpu.max 2>/dev/null || cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us
        mkdir "$HYPER_OUTPUT_DIR/model" && echo kept >"$HYPER_OUTPUT_DIR/model/weights"; echo $HYPER_TRIAL_ID
        grep NoNewPrivs /proc/self/status; ls /the-host-is-not-here 2>&1; echo loss=1
    """
    environment = {
        "user": "1000:1000",
        "mounts": [f"{data}:/data:ro"],
        "memory": MEMORY,
        "cpus": 0.5,
        "shm_size": "1MiB",
        "working_directory": "/tmp",
        "env": {"B": "container"},
    }
    trial, output = lab.run(script, environment=environment, env={"A": "file", "B": "file"})
    check(trial["state"] == "done", f"{trial}\n{output}")
    lines = output.splitlines()
    for line in ["user=1000", "rows", "net=lo,", "shm=1024", "/tmp", "A=file B=container", str(MEMORY), "1"]:
        check(line in lines, f"{line!r} is missing in:\n{output}")
    check("wrote" not in lines, "a mount that is read-only was written")
    check(any(line.split() == ["NoNewPrivs:", "1"] for line in lines), f"new rights can be had:\n{output}")
    check(any(line.startswith("50000") for line in lines), f"no limit of processors in:\n{output}")
    experiment = lab.create("echo loss=2", environment={"entrypoint": ["env", "GREETING=hello"]})
    check(lab.ended(experiment)[0]["state"] == "done", "an entry point of two words")


def secrets(lab: Lab) -> None:
    """A secret reaches the trial and no argument of any process."""
    experiment = lab.create(
        'echo "length ${#TOKEN}"; echo loss=1; echo up; sleep 1000', secret_env=["TOKEN"], limits={"max_trials": 1}
    )
    lab.wait_for_output(experiment, "up")
    check(f"length {len(SECRET)}" in lab.logs(experiment), "the trial has no secret")
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                line = Path(f"/proc/{name}/cmdline").read_bytes()
            except OSError:
                continue
            check(SECRET.encode() not in line, f"process {name} has the secret in an argument")
    lab.place.client("cancel", experiment)
    check(lab.ended(experiment)[0]["state"] == "cancelled", "cancelling")
    check(SECRET not in lab.place.client("trials", experiment, "--json"), "the secret is in the store")


def early_stop(lab: Lab) -> None:
    """A policy stops a container as it does a process."""
    experiment = lab.create(
        'echo "loss=$HYPER_TRIAL_ID step=1"; [ "$HYPER_TRIAL_ID" = 1 ] || sleep 1000',
        trials=2,
        early_termination={"type": "bandit", "slack_factor": 0.1},
        limits={"max_trials": 2, "max_concurrent_trials": 1},
    )
    trials = lab.ended(experiment)
    check([trial["cause"] for trial in trials] == ["succeeded", "stopped_early"], f"{trials}")


def killed_worker(lab: Lab, worker: Program) -> Program:
    """After `kill -9` of the worker nothing of the container is left, and another worker does the trial."""
    experiment = lab.create('echo up; [ "$HYPER_ATTEMPT" = 2 ] || sleep 1000; echo loss=1', retries={"lost": 3})
    lab.wait_for_output(experiment, "up")
    check(len(lab.engine.containers(experiment)) == 1, "one container")
    worker.signal(signal.SIGKILL)
    wait_until("the container is gone", lambda: not lab.engine.containers(experiment), REMOVAL_LIMIT_SECONDS)
    another = start_worker(lab)
    trial = lab.ended(experiment)[0]
    check(trial["state"] == "done" and len(trial["attempts"]) == 2, f"{trial}")
    return another


def leftovers(lab: Lab, worker: Program) -> Program:
    """What a worker and its guard leave when both die is removed by the next worker."""
    experiment = lab.create('echo up; [ "$HYPER_ATTEMPT" = 2 ] || sleep 1000; echo loss=1', retries={"lost": 3})
    lab.wait_for_output(experiment, "up")
    guard = child_of(worker, "hyperguard")
    # The guard must not see the end of its worker.
    os.kill(guard, signal.SIGSTOP)
    worker.signal(signal.SIGKILL)
    worker.wait()
    os.kill(guard, signal.SIGKILL)
    left = lab.engine.containers(experiment)
    check(len(left) == 1, f"one container is left: {left}")
    another = start_worker(lab)
    another.wait_for_line(f"container {left[0]} was left by a worker that has ended")
    trial = lab.ended(experiment)[0]
    check(trial["state"] == "done", f"{trial}")
    return another


def child_of(worker: Program, name: str) -> int:
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                words = Path(f"/proc/{entry}/stat").read_text(encoding="utf-8").rpartition(")")
            except OSError:
                continue
            if words[0].endswith(f"({name}") and int(words[2].split()[1]) == worker.process.pid:
                return int(entry)
    raise CheckFailed(f"no process {name} of {worker.story}")


def same_file(lab: Lab) -> None:
    """One file, run in containers and as plain processes: the same trials with the same results."""
    path = lab.place.directory / "same.json"
    path.write_text(
        json.dumps(
            {
                "name": "same",
                "command": ["sh", "-c", 'echo "loss={x}"; test -n "$HYPER_TRIAL_ID"'],
                "arguments": "none",
                "search_space": {"x": {"type": "float", "min": 0, "max": 1}},
                "objective": {"metric": "loss", "goal": "minimize"},
                "sampler": {"type": "random", "seed": 3},
                "limits": {"max_trials": 4},
                "environment": {"image": IMAGE, "network": "none"},
            }
        ),
        encoding="utf-8",
    )
    results = []
    for runtime in [lab.engine.name, "process"]:
        lab.place.client("run", str(path), "--workers", "2", "--runtime", runtime)
        trials = lab.trials("last")
        check(
            all((last_attempt(trial)["image"] is None) == (runtime == "process") for trial in trials),
            f"--runtime {runtime}: {trials}",
        )
        results.append([(trial["params"], trial["value"], trial["state"]) for trial in trials])
    check(results[0] == results[1] and len(results[0]) == 4, f"{results}")


def built(lab: Lab) -> None:
    """An image is built from a Dockerfile of the workspace, once for two trials."""
    source = lab.place.directory / "workspace"
    source.mkdir()
    (source / "Dockerfile").write_text(f"FROM {IMAGE}\nRUN echo 0.125 >/value\n", encoding="utf-8")
    (source / "train.sh").write_text('echo "loss=$(cat /value)"; echo >mine\n', encoding="utf-8")
    environment = {"dockerfile": "Dockerfile", "working_directory": "/src", "network": "none"}
    lab.count += 1
    experiment = lab.place.create(
        f"check-{lab.count}",
        {
            "command": ["sh", "train.sh"],
            "arguments": "none",
            "search_space": {"x": {"type": "float", "min": 0, "max": 1}},
            "objective": {"metric": "loss", "goal": "minimize"},
            "limits": {"max_trials": 2},
            "workspace": str(source),
            "environment": environment,
        },
    )
    trials = lab.ended(experiment)
    check([trial["value"] for trial in trials] == [0.125, 0.125], f"{trials}")
    check(len({last_attempt(trial)["image"] for trial in trials}) == 1, "built twice")
    lab.engine.run("image", "rm", "--force", last_attempt(trials[0])["image"].removeprefix("sha256:"))


def private_image(lab: Lab, registry: PrivateRegistry) -> None:
    """An image of a private registry is had with the worker's secret, and not with a wrong one; the password is nowhere."""
    image = f"{registry.address}/lab/check:1"
    environment = {"image": image, "pull": "always", "registry_auth": "REGISTRY"}
    lab.engine.run("push", "--quiet", "--creds", f"{USER}:{PASSWORD}", IMAGE, f"docker://{image}")
    trial, printed = lab.run("echo loss=1; env", environment=environment)
    check(trial["state"] == "done" and PASSWORD not in printed, f"{trial} {printed}")
    trial, _ = lab.run("echo loss=1", environment=environment | {"registry_auth": "WRONG"})
    check(trial["cause"] == "failed", f"{trial}")
    message = last_attempt(trial)["message"]
    check("cannot be pulled" in message and "registry_auth" in message, message)
    kept = [path for path in lab.place.directory.rglob("*") if path.is_file() and path.name != "secrets"]
    for path in kept:
        check(PASSWORD.encode() not in path.read_bytes(), f"the password is in {path}")
    lab.engine.run("image", "rm", "--force", image)


def start_worker(lab: Lab) -> Program:
    worker = lab.place.worker(2)
    worker.wait_for_line("ready:")
    return worker


def everything(lab: Lab) -> None:
    secrets_file = lab.place.directory / "secrets"
    secrets_file.write_text(
        f"TOKEN={SECRET}\nREGISTRY={USER}:{PASSWORD}\nWRONG={USER}:wrong\n", encoding="utf-8"
    )
    secrets_file.chmod(0o600)
    lab.place.environment["HYPER_SECRETS"] = str(secrets_file)
    missing = PrivateRegistry.missing()
    if missing:
        print(f"==> not run: private_image, for want of {' and '.join(missing)}", flush=True)
    else:
        with PrivateRegistry(lab.place.directory / "registry") as registry:
            # For podman here and under the worker.
            settings = {"CONTAINERS_REGISTRIES_CONF": str(registry.configuration)}
            os.environ.update(settings)
            lab.place.environment.update(settings)
            worker = start_worker(lab)
            done(lab, private_image)
            private_image(lab, registry)
            worker.stop()
    worker = start_worker(lab)
    for one in [channels, outcomes, surroundings, secrets, early_stop, built]:
        done(lab, one)
        one(lab)
    for one in [killed_worker, leftovers]:
        done(lab, one)
        worker = one(lab, worker)
    worker.stop()
    done(lab, same_file)
    same_file(lab)


def basics(lab: Lab) -> None:
    """What differs between engines: making, stopping and killing a container, and the words of failures."""
    worker = start_worker(lab)
    for one in [channels, outcomes, early_stop]:
        done(lab, one)
        one(lab)
    done(lab, killed_worker)
    killed_worker(lab, worker).stop()


def done(lab: Lab, one) -> None:
    print(f"==> {lab.engine.name}: {one.__name__}: {one.__doc__}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=Path, required=True)
    parser.add_argument("--engine", choices=["podman", "docker"], required=True)
    parser.add_argument("--basics", action="store_true", help="only what differs between engines")
    options = parser.parse_args()
    try:
        with sandbox(options.programs) as place:
            lab = Lab(place, Engine(options.engine))
            (basics if options.basics else everything)(lab)
    except CheckFailed as failure:
        print(f"check_containers: error: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
