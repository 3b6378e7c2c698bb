#!/usr/bin/env python3
"""Opens an experiment of hyper with hyperopt: prints the best trial and saves hyperopt's plots.

usage: read.py ID [URL] [--plots DIRECTORY]

ID is the experiment's id (`hyperserver list`). URL is hyperopt's own, such as mongo://127.0.0.1:27017/hyper/jobs or
mongo://USER:PASSWORD@HOST:PORT/hyper/jobs?authSource=admin; without one, it is put together from the endpoint file of
the embedded store, which must be up (`hyperserver start`).
"""

import argparse
import json
import os
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import hyperopt.plotting
import matplotlib.pyplot as plt
from hyperopt import hp, space_eval
from hyperopt.mongoexp import MongoTrials

# The space of experiment.yaml in hyperopt's words: same labels, same order of options.
SPACE = {
    "rate": hp.loguniform("learning_rate", -7, 0),
    "branch": hp.choice("branch", [{"kind": "flat"}, {"kind": "bent", "bend": hp.uniform("bend", 0, 1)}]),
}


def embedded_store() -> str:
    """hyperopt's URL of the embedded store."""
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "hyper"
    data = Path(os.environ.get("HYPER_DATA_DIR") or data)
    store = json.loads((data / "endpoint.json").read_text(encoding="utf-8"))
    return "mongo://{user}:{password}@{host}:{port}/hyper/jobs?authSource=admin".format(**store)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("id", metavar="ID")
    parser.add_argument("url", metavar="URL", nargs="?")
    parser.add_argument("--plots", metavar="DIRECTORY", type=Path, default=Path("plots"))
    options = parser.parse_args()

    trials = MongoTrials(options.url or embedded_store(), exp_key=options.id)
    done = [loss for loss in trials.losses() if loss is not None]
    print(f"{len(trials)} trials, {len(done)} with a result")
    if not done:
        return
    print("best trial:", trials.best_trial["tid"], "value:", trials.best_trial["result"]["value"])
    print("argmin:    ", trials.argmin)
    print("space_eval:", space_eval(SPACE, trials.argmin))

    options.plots.mkdir(parents=True, exist_ok=True)
    for name in ["main_plot_history", "main_plot_histogram", "main_plot_vars"]:
        plt.figure(figsize=(12, 8))
        getattr(hyperopt.plotting, name)(trials, do_show=False)
        plt.savefig(options.plots / f"{name}.png")
        plt.close()
    print("plots in", options.plots)


if __name__ == "__main__":
    main()
