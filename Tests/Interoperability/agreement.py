"""Compares what hyperopt reads from the database with what `hyperserver trials --json` and `best --json` say."""

import math
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import hyperopt.plotting
import matplotlib.pyplot as plt
from hyperopt import space_eval
from hyperopt.base import JOB_STATE_CANCEL, JOB_STATE_DONE, JOB_STATE_NEW, JOB_STATE_RUNNING, Domain
from hyperopt.exceptions import AllTrialsFailed
from hyperopt.mongoexp import MongoTrials
from sandbox import CheckFailed

# hyperopt never shows trials in state error.
STATES = {
    "new": JOB_STATE_NEW,
    "running": JOB_STATE_RUNNING,
    "done": JOB_STATE_DONE,
    "cancelled": JOB_STATE_CANCEL,
}


def expect(what: str, actual, expected) -> None:
    if actual != expected:
        raise CheckFailed(f"{what}: hyperopt says {actual!r}, hyperserver {expected!r}")


def plain(value):
    """A value of `space_eval` as JSON has it, with types kept apart that Python takes for equal."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return (type(value).__name__, value)
    # JSON has one kind of number.
    return float(value)


def labels_of(space) -> set[str]:
    """Every label of a space, active or not."""
    return set(Domain(lambda _: 0, space).params)


def active(misc: dict) -> dict:
    """Label to raw value of the labels that are active in a trial, as `argmin` has them."""
    return {label: values[0] for label, values in misc["vals"].items() if values}


def check_documents(trials: MongoTrials, shown: list[dict], labels: set[str], space) -> None:
    """Each trial that hyperopt sees, field by field."""
    visible = [trial for trial in shown if trial["state"] != "error"]
    expect("len", len(trials), len(visible))
    expect("tids", trials.tids, [trial["trial"] for trial in visible])
    expect("states", [doc["state"] for doc in trials.trials], [STATES[trial["state"]] for trial in visible])
    expect("statuses()", trials.statuses(), ["ok" if trial["state"] == "done" else "new" for trial in visible])
    expect("specs", trials.specs, [None] * len(visible))
    for doc, trial in zip(trials.trials, visible, strict=True):
        name = f"trial {trial['trial']}"
        misc = doc["misc"]
        expect(f"{name}: misc.tid", misc["tid"], trial["trial"])
        expect(f"{name}: labels of vals", set(misc["vals"]), labels)
        expect(f"{name}: labels of idxs", set(misc["idxs"]), labels)
        for label, values in misc["vals"].items():
            expect(f"{name}: idxs of {label}", list(misc["idxs"][label]), [trial["trial"]] * len(values))
        expect(f"{name}: space_eval", plain(space_eval(space, active(misc))), plain(trial["params"]))
        if trial["state"] == "done":
            expect(f"{name}: result.value", doc["result"]["value"], trial["value"])


def check_columns(trials: MongoTrials, shown: list[dict], labels: set[str], is_maximised: bool) -> None:
    """What hyperopt puts together from all trials."""
    visible = [trial for trial in shown if trial["state"] != "error"]
    sign = -1 if is_maximised else 1
    losses = [sign * trial["value"] if trial["state"] == "done" else None for trial in visible]
    expect("losses()", trials.losses(), losses)
    expect("results", [result.get("loss") for result in trials.results], losses)
    idxs, vals = trials.idxs, trials.vals
    expect("labels of idxs", set(idxs), labels)
    expect("labels of vals", set(vals), labels)
    for label in labels:
        pairs = [
            (doc["tid"], doc["misc"]["vals"][label][0]) for doc in trials.trials if doc["misc"]["vals"][label]
        ]
        expect(f"idxs and vals of {label}", list(zip(idxs[label], vals[label], strict=True)), pairs)
    if not all(loss is None or math.isfinite(loss) for loss in losses):
        raise CheckFailed(f"a loss that is no finite number: {losses}")


def check_best(trials: MongoTrials, best: dict | None, space, is_maximised: bool) -> None:
    """The best trial; with none, hyperopt must say so in its own way."""
    if best is None:
        try:
            trials.best_trial
        except AllTrialsFailed:
            return
        raise CheckFailed("hyperopt has a best trial, hyperserver none")
    loss = -best["value"] if is_maximised else best["value"]
    expect("best_trial", trials.best_trial["tid"], best["trial"])
    expect("best_trial's loss", trials.best_trial["result"]["loss"], loss)
    expect("average_best_error()", float(trials.average_best_error()), loss)
    expect("space_eval of argmin", plain(space_eval(space, trials.argmin)), plain(best["params"]))


def check_plots(trials: MongoTrials, directory: Path) -> None:
    """hyperopt's three plots of an experiment with at least one result."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in ["main_plot_history", "main_plot_histogram", "main_plot_vars"]:
        plt.figure(figsize=(16, 12))
        getattr(hyperopt.plotting, name)(trials, do_show=False)
        path = directory / f"{name}.png"
        plt.savefig(path)
        plt.close()
        if not path.read_bytes().startswith(b"\x89PNG"):
            raise CheckFailed(f"{path} is no picture")


def check(trials: MongoTrials, shown: list[dict], best: dict | None, space, labels: set[str], maximise: bool) -> None:
    """Everything but the plots."""
    check_documents(trials, shown, labels, space)
    check_columns(trials, shown, labels, maximise)
    check_best(trials, best, space, maximise)
