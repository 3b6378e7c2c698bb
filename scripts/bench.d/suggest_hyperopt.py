"""What one suggestion of hyperopt takes, beside those of `scripts/bench suggestions`: the same space, the same trials.

usage: suggest_hyperopt.py SUGGESTIONS
"""

import math
import sys
import time

import numpy
from hyperopt import JOB_STATE_DONE, STATUS_OK, Trials, hp, rand, tpe
from hyperopt.base import Domain

HISTORIES = [100, 1000, 10000]
SPACE = {
    "p0": hp.uniform("p0", 0, 1),
    "p1": hp.uniform("p1", -5, 5),
    "p2": hp.loguniform("p2", math.log(1e-5), math.log(1e-1)),
    "p3": hp.loguniform("p3", math.log(1e-3), math.log(1)),
    "p4": hp.quniform("p4", 1, 100, 1),
    "p5": hp.qloguniform("p5", math.log(8), math.log(512), 1),
    "p6": hp.choice("p6", ["a", "b", "c"]),
    "p7": hp.choice("p7", ["a", "b", "c"]),
}


def history(domain, count):
    trials = Trials()
    docs = rand.suggest(trials.new_trial_ids(count), domain, trials, seed=2)
    for doc in docs:
        doc["state"] = JOB_STATE_DONE
        doc["result"] = {"status": STATUS_OK, "loss": doc["tid"] * 7919 % 10007 / 10007}
    trials.insert_trial_docs(docs)
    trials.refresh()
    return trials


def main():
    suggestions = int(sys.argv[1])
    domain = Domain(lambda point: 0.0, SPACE)
    for count in HISTORIES:
        trials = history(domain, count)
        times = []
        for index in range(suggestions):
            start = time.perf_counter()
            tpe.suggest([count + index], domain, trials, seed=index)
            times.append((time.perf_counter() - start) * 1000)
        p50, p99 = numpy.percentile(times, [50, 99], method="inverted_cdf")
        print(f"hyperopt's tpe.suggest, {count} completed: p50 {p50:.3f} ms, p99 {p99:.3f} ms")


main()
