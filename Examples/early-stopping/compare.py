#!/usr/bin/env python3
"""Runs experiment.yaml under every policy with the same seeds, and prints what each one cost and found as a table.

    compare.py [--hyperserver PATH] [--seeds 5] [--workers 2]

The trials of a seed have the same values under every policy. Everything is kept in a data directory of its own, which is
removed at the end (--keep shows where it is).
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
POLICIES = {
    "none": "none",
    "median stopping": "median_stopping:delay_evaluation=3",
    "truncation": "truncation_selection:truncation_percentage=40,evaluation_interval=2",
    "bandit": "bandit:slack_factor=0.1,delay_evaluation=3",
    "ASHA": "asha:reduction_factor=3,min_resource=2,max_resource=27",
}
RUN_LIMIT_SECONDS = 1800


def parsed_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hyperserver", default="hyperserver", help="the program (default: from PATH)")
    parser.add_argument("--seeds", type=int, default=5, help="runs of each policy (default: 5)")
    parser.add_argument("--workers", type=int, default=2, help="trials at once (default: 2)")
    parser.add_argument("--keep", action="store_true", help="keep the data directory")
    return parser.parse_args()


def run(options: argparse.Namespace, data: pathlib.Path, seed: int, policy: str) -> dict:
    """One experiment from beginning to end: epochs spent, trials stopped, best accuracy, seconds."""
    text = (HERE / "experiment.yaml").read_text().replace("seed: 1}", f"seed: {seed}}}")
    file = data / f"seed-{seed}.yaml"
    file.write_text(f"{text}working_directory: {HERE}\n")
    # The trials' python3 is the one that runs this.
    environment = os.environ | {"PATH": f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"}
    store = ["--data-dir", str(data / "store")]

    def call(*arguments: str) -> str:
        command = [options.hyperserver, *arguments, *store]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=RUN_LIMIT_SECONDS)
        if done.returncode != 0:
            sys.exit(f"compare.py: {' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    call("run", str(file), "--policy", policy, "--workers", str(options.workers))
    trials = json.loads(call("trials", "last", "--curves", "--json"))["trials"]
    return {
        "epochs": sum(trial["curve"]["reports"] for trial in trials if trial["curve"]),
        "stopped": sum(trial["cause"] == "stopped_early" for trial in trials),
        "best": max(trial["value"] for trial in trials if trial["value"] is not None),
    }


def main() -> None:
    options = parsed_options()
    options.hyperserver = shutil.which(options.hyperserver) or sys.exit(f"compare.py: no {options.hyperserver} on PATH")
    options.hyperserver = os.path.abspath(options.hyperserver)
    data = pathlib.Path(tempfile.mkdtemp(prefix="early-stopping-"))
    results: dict[str, list[dict]] = {name: [] for name in POLICIES}
    try:
        for seed in range(1, options.seeds + 1):
            for name, policy in POLICIES.items():
                results[name].append(run(options, data, seed, policy))
                print(f"seed {seed}, {name}: {results[name][-1]}", file=sys.stderr, flush=True)
    finally:
        if options.keep:
            print(f"kept: {data}", file=sys.stderr)
        else:
            shutil.rmtree(data, ignore_errors=True)

    whole = statistics.mean(row["epochs"] for row in results["none"])
    bests = [row["best"] for row in results["none"]]
    print("| Policy | Epochs | Share | Stopped | Best accuracy, mean | Largest loss |")
    print("|---|---|---|---|---|---|")
    for name, rows in results.items():
        epochs = statistics.mean(row["epochs"] for row in rows)
        stopped = statistics.mean(row["stopped"] for row in rows)
        best = statistics.mean(row["best"] for row in rows)
        loss = max(reference - row["best"] for reference, row in zip(bests, rows))
        print(f"| {name} | {epochs:.0f} | {epochs / whole:.0%} | {stopped:.0f} | {best:.4f} | {loss:.4f} |")


if __name__ == "__main__":
    main()
