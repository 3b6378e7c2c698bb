#!/usr/bin/env python3
"""Trials report with clients from PyPI, unchanged: every report must be in the store, once and in order.

Run by scripts/full.d/metric-clients: it needs the environment of requirements-metric-clients.txt.
"""

import argparse
import json
import sys
from pathlib import Path

from sandbox import CheckFailed, Sandbox, sandbox

# More than the hundred reports that the client keeps in its file.
REPORTS = 350

HYPERTUNE = f"""
import json, os, sys, time
import hypertune
client = hypertune.HyperTune()
for step in range(1, {REPORTS} + 1):
    client.report_hyperparameter_tuning_metric("rmse", float(sys.argv[1]) / step, global_step=step)
    time.sleep(0.005)
# As published trainers choose the directory of a trial.
print(os.path.join("out", json.loads(os.environ.get("TF_CONFIG", "{{}}")).get("task", {{}}).get("trial", "")))
"""

# A client of its own for each report, without a tag and without a step; one value that is no number.
NO_TAG = """
import sys, time
import hypertune
for value in (1.5, float("nan"), float(sys.argv[1])):
    hypertune.HyperTune().report_hyperparameter_tuning_metric("", value)
    time.sleep(0.5)
"""

AZURE = """
import sys
from azureml.core import Run
run = Run.get_context()
run.tag("kind", "check")
for epoch in range(3):
    print(f"epoch {epoch} begins")
    run.log("accuracy", float(sys.argv[1]) * (epoch + 1))
    run.log_list("confusion", [1, 2])
    run.log("loss", 1 / (epoch + 1))
run.complete()
"""


def expect(what: str, actual, expected) -> None:
    if actual != expected:
        raise CheckFailed(f"{what}: {actual!r}, expected {expected!r}")


def reported(place: Sandbox, script: str, metric: str, metrics: tuple[str, ...] = ()) -> dict[str, list[tuple]]:
    """Runs one trial of a script; returns steps and values of each metric as they are stored."""
    name = metric.replace("/", "-")
    (place.directory / f"{name}.py").write_text(script, encoding="utf-8")
    definition = {
        "command": [sys.executable, f"{name}.py", "{x}"],
        "search_space": {"x": [0.25]},
        "objective": {"metric": metric, "goal": "maximize"},
        "metrics": list(metrics),
        "sampler": "grid",
        "limits": {"max_trials": 1},
    }
    (place.directory / f"{name}.yaml").write_text(json.dumps(definition), encoding="utf-8")
    place.client("run", f"{name}.yaml", "--workers", "1")
    trial = place.json("trials", "last", "--trial", "1")
    expect(f"the end of {name}", trial["state"], "done")
    found: dict[str, list[tuple]] = {}
    for observation in trial["observations"]:
        found.setdefault(observation["metric"], []).append((observation["step"], observation["value"]))
    return found


def check(programs: Path) -> None:
    with sandbox(programs) as place:
        found = reported(place, HYPERTUNE, "rmse")
        expect("reports of cloudml-hypertune", found, {"rmse": [(n, 0.25 / n) for n in range(1, REPORTS + 1)]})
        expect("the directory of TF_CONFIG", place.client("logs", "last", "1").strip(), "out/1")
        found = reported(place, NO_TAG, "training/hptuning/metric")
        expect("reports without a tag", found, {"training/hptuning/metric": [(0, 1.5), (1, None), (2, 0.25)]})
        found = reported(place, AZURE, "accuracy", ("loss",))
        expect(
            "reports of azureml-core",
            found,
            {
                "accuracy": [(n, 0.25 * (n + 1)) for n in range(3)],
                "loss": [(n, 1 / (n + 1)) for n in range(3)],
            },
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=Path, required=True, help="directory of hyperserver and hyperworker")
    try:
        check(parser.parse_args().programs)
    except CheckFailed as failure:
        print(f"metric-clients: FAILED: {failure}")
        return 1
    print("metric-clients: cloudml-hypertune and azureml-core agree with the store")
    return 0


if __name__ == "__main__":
    sys.exit(main())
