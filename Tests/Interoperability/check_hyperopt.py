#!/usr/bin/env python3
"""hyperopt from PyPI reads experiments of hyper, finished and running, and must agree with hyperserver about all of it.

Run by scripts/full.d/hyperopt, once with each pymongo: it needs the environment of one of the requirements files here.
"""

import argparse
import json
import math
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import agreement
import hyperopt
import pymongo
import spaces
from agreement import expect
from hyperopt.base import JOB_STATE_DONE, JOB_STATE_ERROR, JOB_STATE_NEW, JOB_STATE_RUNNING
from hyperopt.mongoexp import MongoTrials
from sandbox import EXPERIMENT_LIMIT_SECONDS, CheckFailed, Sandbox, sandbox, wait_until
from trial import outcome

HERE = Path(__file__).resolve().parent
# For everything: a bound for a hung check.
WHOLE_LIMIT_SECONDS = 900
# Short, so that what a killed worker held comes back soon.
LEASE_SECONDS = 4
SLOTS = 2
# New and running at once: a limit of the experiment, so that one can tell when the server has nothing more to add.
OPEN_TRIALS = 6
STOCK_WORKER_PATIENCE_SECONDS = 3


@dataclass
class Opened:
    """An experiment as hyperopt has it open, with what must be known to judge it."""

    place: Sandbox
    url: str
    id: str
    space: object
    trials: MongoTrials
    labels: set[str]
    maximise: bool = True

    def check(self) -> dict[str, int]:
        """Compares with what hyperserver says now; nothing may change meanwhile. Returns trials by state."""
        shown = self.place.json("trials", self.id)["trials"]
        count: dict[str, int] = {}
        for trial in shown:
            count[trial["state"]] = count.get(trial["state"], 0) + 1
        best = self.place.json("best", self.id) if "done" in count else None
        agreement.check(self.trials, shown, best, self.space, self.labels, self.maximise)
        return count

    def refresh(self) -> dict[str, int]:
        """`refresh()` must bring what opening anew does, and no version may have gone back. Returns trials by state."""
        before = {doc["_id"]: doc["version"] for doc in self.trials.trials}
        self.trials.refresh()
        for doc in self.trials.trials:
            if doc["version"] < before.get(doc["_id"], 0):
                raise CheckFailed(f"the version of trial {doc['tid']} went back to {doc['version']}")
        fresh = MongoTrials(self.url, exp_key=self.id)
        shown = [settled(doc) for doc in self.trials.trials]
        expect("refresh() and opening anew", shown, [settled(doc) for doc in fresh.trials])
        return self.check()

    def check_outcomes(self) -> dict[str, int]:
        """Of an experiment that ran to its end: each trial ended as its script decides. Returns trials by state."""
        for trial in self.place.json("trials", self.id)["trials"]:
            score = outcome(trial["params"])
            is_success = score is not None and math.isfinite(score)
            expect(f"trial {trial['trial']}: state", trial["state"], "done" if is_success else "error")
            expect(f"trial {trial['trial']}: value", trial["value"], score if is_success else None)
        return self.check()

    def wait_for(self, count: int, *states: int) -> None:
        """Waits until so many trials are in one of hyperopt's states."""
        query = {"exp_key": self.id, "state": {"$in": list(states)}}
        jobs = self.trials.handle.jobs
        wait_until(f"{count} trials of {self.id} in states {states}", lambda: jobs.count_documents(query) == count)


def settled(doc: dict) -> dict:
    """A document without what a mere renewal changes."""
    return {name: value for name, value in doc.items() if name not in ("refresh_time", "lease_until")}


def open_experiment(place: Sandbox, url: str, id: str, space) -> Opened:
    return Opened(place, url, id, space, MongoTrials(url, exp_key=id), agreement.labels_of(space))


def definition(space: dict, limits: dict, seed: int, environment: dict[str, str] | None = None, **more) -> dict:
    return {
        "command": [sys.executable, str(HERE / "trial.py")],
        "search_space": space,
        "objective": {"metric": "score", "goal": "maximize"},
        "sampler": {"type": "random", "seed": seed},
        "limits": limits,
        "env": environment or {},
        **more,
    }


def wait_for_end(place: Sandbox, id: str) -> dict:
    """The status of a finished experiment."""
    ended: dict = {}

    def has_ended() -> bool:
        ended.update(place.json("status", id))
        return ended["state"] in ("completed", "failed", "cancelled")

    wait_until(f"the end of {id}", has_ended, EXPERIMENT_LIMIT_SECONDS)
    return ended


def check_finished(place: Sandbox, url: str, pictures: Path) -> None:
    """A finished experiment: nested space, maximised metric, failed trials, a tie for the best."""
    server, worker = place.service(), place.worker(SLOTS)
    id = place.create("finished", definition(spaces.NESTED, {"max_trials": 40}, seed=3))
    expect("state", wait_for_end(place, id)["state"], "completed")
    experiment = open_experiment(place, url, id, spaces.nested())
    count = experiment.check_outcomes()
    if count.get("error", 0) < 2:
        raise CheckFailed(f"too few trials failed for this to check anything: {count}")
    losses = [loss for loss in experiment.trials.losses() if loss is not None]
    if losses.count(min(losses)) < 2:
        raise CheckFailed("there is no tie for the best trial")
    agreement.check_plots(experiment.trials, pictures)

    # A failed trial that gets another attempt comes back into hyperopt's sight; at its end it leaves it again.
    failed = next(trial["trial"] for trial in place.json("trials", id)["trials"] if trial["state"] == "error")
    worker.stop()
    place.client("retry", id, str(failed))
    experiment.wait_for(1, JOB_STATE_NEW)
    expect("new trials after a retry", experiment.refresh().get("new"), 1)
    worker = place.worker(SLOTS)
    expect("state", wait_for_end(place, id)["state"], "completed")
    expect("trials by state after the retry", experiment.refresh(), count)

    # Opening created hyperopt's own collections and indexes: our programs must start all the same.
    worker.stop()
    server.stop()
    place.service().stop()
    print(f"   {count}, best {min(losses)}")


def check_running(place: Sandbox, url: str, pictures: Path) -> None:
    """A running experiment: trials new, running and done; refresh; a killed worker; a cancel."""
    gate = place.gate("running")
    server, worker = place.service(), place.worker(SLOTS)
    environment = {"GATE": str(gate.directory)}
    limits = {"max_trials": 30, "max_concurrent_trials": OPEN_TRIALS}
    id = place.create("running", definition(spaces.NESTED, limits, seed=5, environment=environment))
    begun = [gate.next() for _ in range(SLOTS)]
    experiment = open_experiment(place, url, id, spaces.nested())

    def advance(count: int) -> dict[str, int]:
        """Lets trials go on one by one, waits until what they left is stored, and refreshes."""
        for _ in range(count):
            gate.release()
            begun.append(gate.next())
        # All that was let go has ended and is replaced: nothing changes any more.
        experiment.wait_for(len(begun) - SLOTS, JOB_STATE_DONE, JOB_STATE_ERROR)
        experiment.wait_for(OPEN_TRIALS, JOB_STATE_NEW, JOB_STATE_RUNNING)
        return experiment.refresh()

    expect("the beginning", advance(0), {"new": OPEN_TRIALS - SLOTS, "running": SLOTS})
    first = advance(4)
    second = advance(6)
    if not first["done"] < second["done"]:
        raise CheckFailed(f"nothing was done between {first} and {second}")
    agreement.check_plots(experiment.trials, pictures)

    # A killed worker: its trials go back to the queue, and their versions go on.
    worker.signal(signal.SIGKILL)
    worker.wait()
    for _, _, pid in begun:
        place.end(pid)
    experiment.wait_for(0, JOB_STATE_RUNNING)
    experiment.wait_for(OPEN_TRIALS, JOB_STATE_NEW)
    third = experiment.refresh()

    worker = place.worker(SLOTS)
    again = [gate.next() for _ in range(SLOTS)]
    if not any(attempt > 1 for _, attempt, _ in again):
        raise CheckFailed(f"no trial of the killed worker came back: {again}")
    experiment.refresh()
    place.client("cancel", id)
    expect("state", wait_for_end(place, id)["state"], "cancelled")
    last = experiment.refresh()
    expect("cancelled trials", last.get("cancelled", 0), OPEN_TRIALS)
    worker.stop()
    server.stop()
    print(f"   {first}, {second}, worker killed {third}, cancelled {last}")


def check_stock_worker(place: Sandbox, url: str, pictures: Path) -> None:
    """hyperopt-mongo-worker, pointed at our store, takes nothing; pointed at a job of its own kind, it does."""
    gate = place.gate("stock")
    server, worker = place.service(), place.worker(SLOTS)
    environment = {"GATE": str(gate.directory)}
    limits = {"max_trials": 12, "max_concurrent_trials": OPEN_TRIALS}
    id = place.create("stock", definition(spaces.NESTED, limits, seed=9, environment=environment))
    for _ in range(SLOTS):
        gate.next()
    experiment = open_experiment(place, url, id, spaces.nested())
    experiment.wait_for(OPEN_TRIALS - SLOTS, JOB_STATE_NEW)
    jobs = experiment.trials.handle.jobs
    before = [settled(doc) for doc in jobs.find({"exp_key": id}).sort("tid")]

    def stock_worker(*arguments: str) -> str:
        program = place.start(
            [sys.executable, str(Path(sys.executable).parent / "hyperopt-mongo-worker"), *arguments]
            + [f"--reserve-timeout={STOCK_WORKER_PATIENCE_SECONDS}", "--poll-interval=1", "--no-subprocesses"]
        )
        status, text = program.finish()
        expect("exit status of hyperopt-mongo-worker", status, 1)
        return text

    for arguments in ([f"--mongo={url}", f"--exp-key={id}"], [f"--mongo={url}"]):
        text = stock_worker(*arguments)
        if "ReserveTimeout" not in text or "job exception" in text:
            raise CheckFailed(f"the stock worker found something: {text}")
        expect("documents", [settled(doc) for doc in jobs.find({"exp_key": id}).sort("tid")], before)

    # The same worker does take such a document when nobody owns it, so it did look.
    control = jobs.database.client["control"]
    document = jobs.find_one({"exp_key": id, "state": JOB_STATE_NEW})
    control["jobs"].insert_one({**document, "owner": None})
    if "Unrecognized cmd protocol" not in stock_worker(f"--mongo={url.replace('/hyper/', '/control/')}"):
        raise CheckFailed("the stock worker did not look")
    expect("state of the bait", control["jobs"].find_one()["state"], JOB_STATE_ERROR)
    jobs.database.client.drop_database("control")

    gate.open()
    expect("state", wait_for_end(place, id)["state"], "completed")
    experiment.refresh()
    worker.stop()
    server.stop()


def check_distributions(place: Sandbox, url: str, pictures: Path) -> None:
    """All thirteen distributions of hyperopt, in its own text, sampled as hyperopt does it."""
    server, worker = place.service(), place.worker(SLOTS)
    sampler = {"type": "tpe-hyperopt", "seed": 13}
    file = definition(spaces.DISTRIBUTIONS, {"max_trials": 60}, seed=13, sampler=sampler)
    id = place.create("distributions", file)
    expect("state", wait_for_end(place, id)["state"], "completed")
    experiment = open_experiment(place, url, id, spaces.distributions())
    print(f"   {experiment.check_outcomes()}")
    agreement.check_plots(experiment.trials, pictures)
    worker.stop()
    server.stop()


def check_gradient(place: Sandbox, url: str, pictures: Path) -> None:
    """The kind of space that the Keras sample of Gradient has: read from its text, and as expressions in a file."""
    path = HERE / "gradient-keras-space.txt"
    text = path.read_text(encoding="utf-8")
    space = spaces.from_text(text)
    server, worker = place.service(), place.worker(SLOTS)
    environment = {"SPACE_KEYS": json.dumps(list(space))}
    limits = {"max_trials": 40}

    written = definition(spaces.expressions(text), limits, seed=17, environment=environment)
    ids = [place.create("written", written)]
    del written["search_space"]
    # What `convert` prints is the part `search_space:` of a file.
    part = place.client("convert", str(path))
    rest = "\n".join(f"{key}: {json.dumps(value)}" for key, value in {"name": "converted", **written}.items())
    converted = place.directory / "converted.yaml"
    converted.write_text(f"{rest}\n{part}", encoding="utf-8")
    ids.append(place.client("create", str(converted)).strip())

    parameters = []
    for id in ids:
        expect("state", wait_for_end(place, id)["state"], "completed")
        experiment = open_experiment(place, url, id, space)
        print(f"   {experiment.check_outcomes()}")
        agreement.check_plots(experiment.trials, pictures)
        parameters.append([trial["params"] for trial in place.json("trials", id)["trials"]])
    expect("trials of the converted file", parameters[1], parameters[0])
    worker.stop()
    server.stop()


CHECKS: dict[str, Callable[[Sandbox, str, Path], None]] = {
    "finished": check_finished,
    "running": check_running,
    "stock-worker": check_stock_worker,
    "distributions": check_distributions,
    "gradient": check_gradient,
}


def embedded(place: Sandbox) -> str:
    """hyperopt's URL of the embedded store, which is up while the returned server is."""
    endpoint = place.endpoint()
    user, password = endpoint["user"], endpoint["password"]
    return f"mongo://{user}:{password}@{endpoint['host']}:{endpoint['port']}/hyper/jobs?authSource=admin"


def run(options: argparse.Namespace, name: str) -> None:
    start = time.monotonic()
    with sandbox(options.programs) as place:
        place.environment["HYPER_LEASE_SECONDS"] = str(LEASE_SECONDS)
        if options.store == "standalone":
            url = f"mongo://{place.standalone_mongod()}/hyper/jobs"
        else:
            # Makes the store and its endpoint file; the port stays the same over restarts if it is free.
            place.service().stop()
            url = embedded(place)
        print(f"-- {name}: {options.store} store, pymongo {pymongo.version}", flush=True)
        CHECKS[name](place, url, options.pictures / f"{options.store}-{name}")
    print(f"   fine ({time.monotonic() - start:.0f} s)", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=Path, required=True, help="directory of hyperserver and hyperworker")
    parser.add_argument("--store", choices=["embedded", "standalone"], required=True)
    parser.add_argument("--pictures", type=Path, required=True, help="where the plots go")
    parser.add_argument("--only", action="append", choices=list(CHECKS), help="repeatable; default: all")
    options = parser.parse_args()
    options.programs = options.programs.resolve()

    def stop(number: int, _) -> None:
        raise CheckFailed("the whole took too long" if number == signal.SIGALRM else f"signal {number}")

    signal.signal(signal.SIGALRM, stop)
    signal.signal(signal.SIGTERM, stop)
    signal.alarm(WHOLE_LIMIT_SECONDS)
    print(f"hyperopt {hyperopt.__version__}, pymongo {pymongo.version}, Python {sys.version.split()[0]}")
    # A stock worker needs pymongo 3: it ends with an AttributeError on any newer one.
    is_series_3 = pymongo.version_tuple[0] == 3
    for name in options.only or [name for name in CHECKS if is_series_3 or name != "stock-worker"]:
        try:
            run(options, name)
        except CheckFailed as failure:
            sys.exit(f"check_hyperopt: {name} failed: {failure}")


if __name__ == "__main__":
    main()
