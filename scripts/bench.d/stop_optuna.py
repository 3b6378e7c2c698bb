"""Optuna's pruners on the curves that `hyperbench early-stop --curves FILE` wrote, in the same virtual time.

usage: stop_optuna.py FILE

Prints the table of hyperbench, with a line for no pruner that must be the same as there.
"""

import json
import statistics
import sys

import optuna

SLOTS_KEY, EXPERIMENTS_KEY = "slots", "experiments"


def pruners(epochs):
    """What is compared, by name; None prunes nothing."""
    return {
        "none": None,
        "MedianPruner()": optuna.pruners.MedianPruner(),
        f"MedianPruner(n_warmup_steps={epochs // 5})": optuna.pruners.MedianPruner(n_warmup_steps=epochs // 5),
        "SuccessiveHalvingPruner()": optuna.pruners.SuccessiveHalvingPruner(),
        "SuccessiveHalvingPruner(1, 3)": optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=3),
        f"HyperbandPruner(1, {epochs})": optuna.pruners.HyperbandPruner(min_resource=1, max_resource=epochs),
    }


def run(curves, name, pruner, slots):
    """One experiment, as StoppingRun.swift does it: trials in order on so many slots."""
    # Hyperband deals trials to its brackets by a hash of the study's name.
    study = optuna.create_study(
        study_name=name,
        direction="maximize",
        sampler=optuna.samplers.RandomSampler(seed=0),
        pruner=pruner or optuna.pruners.NopPruner(),
    )
    reports, levels, durations = curves["reports"], curves["levels"], curves["durations"]
    target, count = curves["target"], len(reports)
    result = {"epochs": 0, "best": 0.0, "to_target": None, "stops": 0}
    time, running, following = [0.0] * slots, [None] * slots, 0

    def fill(slot):
        nonlocal following
        running[slot] = None
        if following < count:
            running[slot] = (following, study.ask(), 0)
            time[slot] += durations[following]
            following += 1

    for slot in range(slots):
        fill(slot)
    while any(running):
        slot = min((slot for slot in range(slots) if running[slot]), key=lambda slot: time[slot])
        number, trial, epoch = running[slot]
        result["epochs"] += 1
        result["best"] = max(result["best"], levels[number][epoch])
        if result["to_target"] is None and result["best"] >= target:
            result["to_target"] = result["epochs"]
        is_over = epoch + 1 == len(reports[number])
        is_stopped = False
        if pruner is not None:
            trial.report(reports[number][epoch], epoch + 1)
            is_stopped = trial.should_prune()
        if is_stopped and not is_over:
            result["stops"] += 1
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
            fill(slot)
        elif is_over:
            study.tell(trial, reports[number][epoch])
            fill(slot)
        else:
            running[slot] = (number, trial, epoch + 1)
            time[slot] += durations[number]
    return result


def line(name, experiments, results, without):
    """The cells of a line: the same columns as in EarlyStoppingTable.swift."""
    spent = statistics.fmean(result["epochs"] for result in results)
    behind = statistics.fmean(e["best"] - result["best"] for e, result in zip(experiments, results))
    reached = [result["to_target"] for result in results if result["to_target"] is not None]
    middle = sorted(result["to_target"] or sys.maxsize for result in results)[len(results) // 2]
    return [
        name,
        f"{spent:.0f}",
        f"{100 * spent / without:.0f}%",
        f"{behind:.4f}",
        f"{len(reached)}/{len(results)}",
        "-" if middle == sys.maxsize else str(middle),
        f"{statistics.fmean(result['stops'] for result in results):.0f}",
    ]


def show(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        print("  ".join(cells))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with open(sys.argv[1], encoding="utf-8") as file:
        document = json.load(file)
    print(f"optuna {optuna.__version__} on the same curves")
    families = {}
    for experiment in document[EXPERIMENTS_KEY]:
        experiment["best"] = max(level[-1] for level in experiment["levels"])
        families.setdefault(experiment["family"], []).append(experiment)
    for family, experiments in families.items():
        epochs = len(experiments[0]["reports"][0])
        rows = [[family, "epochs", "share", "behind", "reached", "epochs to it", "stopped"]]
        without = None
        for name, pruner in pruners(epochs).items():
            results = [
                run(curves, f"{family} {number}", pruner, document[SLOTS_KEY])
                for number, curves in enumerate(experiments)
            ]
            without = without or statistics.fmean(result["epochs"] for result in results)
            rows.append(line(name, experiments, results, without))
        print()
        show(rows)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
