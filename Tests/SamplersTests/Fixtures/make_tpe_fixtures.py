"""Makes tpe-densities.json and tpe-suggestions.json beside this file, with hyperopt itself.

    python3 -m venv venv
    venv/bin/pip install hyperopt==0.3.0 numpy==2.4.6 scipy==1.17.1 setuptools==65.5.0
    venv/bin/python make_tpe_fixtures.py

Nothing of the estimator is written down here: observations go through hyperopt's own nodes, in the way in which
hyperopt.tpe.build_posterior puts them together, and what these give is stored.

One thing is pinned. hyperopt orders with numpy.argsort, whose default is not stable, so what it does with equal losses
and equal observations depends on the processor. Here equal ones keep their order (that of the trials' numbers).
"""

import functools
import json
import math
import os

import numpy as np

np.argsort = functools.partial(np.argsort, kind="stable")

from hyperopt import Domain, Trials, hp, pyll, rand, tpe  # noqa: E402
from hyperopt.base import JOB_STATE_DONE, JOB_STATE_ERROR, JOB_STATE_RUNNING, STATUS_OK  # noqa: E402
from hyperopt.pyll import scope  # noqa: E402

FOLDER = os.path.dirname(os.path.abspath(__file__))
GAMMA = tpe._default_gamma
PRIOR_WEIGHT = tpe._default_prior_weight

# type, arguments of the distribution, points at which densities are compared
DISTRIBUTIONS = [
    ("uniform", dict(low=-5.0, high=10.0), [-5.0, -4.2, 0.0, 1.25, 2.5, 7.75, 9.999]),
    ("quniform", dict(low=1.0, high=10.0, q=4.0), [0.0, 4.0, 8.0]),
    ("quniform", dict(low=-0.499, high=3.499, q=1.0), [0.0, 1.0, 2.0, 3.0]),
    ("uniformint", dict(low=1.0, high=9.0), [1.0, 2.0, 5.0, 8.0, 9.0]),
    ("loguniform", dict(low=-9.0, high=-2.0), [1.3e-4, 5e-4, 0.004, 0.03, 0.135]),
    ("qloguniform", dict(low=-1.5, high=4.0, q=2.0), [0.0, 2.0, 4.0, 20.0, 54.0]),
    ("normal", dict(mu=1.5, sigma=2.0), [-4.0, 0.0, 1.5, 3.25, 8.0]),
    ("qnormal", dict(mu=-3.0, sigma=4.0, q=0.5), [-12.0, -4.5, -3.0, 0.0, 6.5]),
    ("lognormal", dict(mu=0.5, sigma=1.25), [0.03, 0.4, 1.7, 6.0, 40.0]),
    ("qlognormal", dict(mu=1.0, sigma=0.75, q=1.0), [0.0, 1.0, 3.0, 9.0, 14.0]),
    ("randint", dict(low=0, high=5), [0, 1, 2, 3, 4]),
    ("randint", dict(low=-3, high=4), [-3, -1, 0, 2, 3]),
    ("choice", dict(options=3), [0, 1, 2]),
    ("pchoice", dict(p=[0.1, 0.2, 0.3, 0.4]), [0, 1, 2, 3]),
]
COUNTS = [0, 1, 2, 5, 30, 60]


def prior(kind, arguments):
    """The node that hyperopt makes for a parameter: its distribution, and the name of its estimator."""
    if kind == "choice":
        expression = hp.choice("x", list(range(arguments["options"])))
    elif kind == "pchoice":
        expression = hp.pchoice("x", [(p, index) for index, p in enumerate(arguments["p"])])
    elif kind == "randint":
        expression = hp.randint("x", arguments["low"], arguments["high"])
    else:
        expression = getattr(hp, kind)("x", **arguments)
    nodes = [node for node in pyll.dfs(expression) if node.name == "hyperopt_param"]
    assert len(nodes) == 1
    return nodes[0].arg["obj"]


def posterior(node, observations):
    """hyperopt.tpe.build_posterior for one node and one side."""
    estimator = tpe.adaptive_parzen_samplers[node.name]
    named = dict(node.named_args)
    positional = list(node.pos_args)
    if node.name == "categorical":
        # Vectorised, the probabilities come once for each draw.
        named = {}
        p = np.asarray([float(item.obj) for item in node.arg["p"].pos_args])
        positional = [pyll.as_apply(np.tile(p, (tpe._default_n_EI_candidates, 1)))]
    return estimator(
        np.asarray(observations), PRIOR_WEIGHT, *positional, size=(tpe._default_n_EI_candidates,), **named
    )


def log_density(node, points):
    """The log-likelihood as build_posterior asks for it."""
    named = {name: argument for name, argument in node.named_args if name not in ("rng", "size")}
    density = getattr(scope, node.name + "_lpdf")
    return pyll.rec_eval(density(np.asarray(points), *node.pos_args, **named))


def components(node):
    """Weights, means and deviations, or the probabilities of the options."""
    values = [np.asarray(pyll.rec_eval(argument), dtype=float).tolist() for argument in node.pos_args[:3]]
    if node.name in ("GMM1", "LGMM1"):
        return dict(weights=values[0], means=values[1], deviations=values[2])
    return dict(probabilities=values[0])


def density_case(kind, arguments, points, count, rng):
    """`count` trials in which the label is active, a few in which it is not, in no order of their numbers."""
    node = prior(kind, arguments)
    total = count + (0 if count == 0 else 3)
    numbers = rng.permutation(np.arange(1, 2 * total + 1))[:total].tolist()
    inactive = set(rng.permutation(total)[count:].tolist())
    trials = []
    for index, number in enumerate(numbers):
        value = None
        if index not in inactive:
            drawn = pyll.stochastic.sample(node, rng=rng)
            value = np.asarray(drawn).reshape(-1)[0].item()
            repeated = [trial["value"] for trial in trials if trial["value"] is not None]
            if repeated and rng.uniform() < 0.2:
                value = repeated[-1]
        # One decimal: equal losses do occur. A trial in eight has none yet.
        loss = None if rng.uniform() < 0.125 else round(float(rng.normal(scale=2)), 1)
        trials.append(dict(number=number, value=value, loss=loss))

    ordered = sorted(trials, key=lambda trial: trial["number"])
    losses = [math.inf if trial["loss"] is None else trial["loss"] for trial in ordered]
    active = [trial for trial in ordered if trial["value"] is not None]
    below, above = tpe.ap_split_trials(
        [trial["number"] for trial in active],
        [trial["value"] for trial in active],
        [trial["number"] for trial in ordered],
        losses,
        GAMMA,
    )
    low = posterior(node, below)
    high = posterior(node, above)
    offset = arguments["low"] if kind == "randint" else 0
    shifted = [point - offset for point in points]
    below_llik = log_density(low, shifted)
    above_llik = log_density(high, shifted)
    return dict(
        type=kind,
        arguments=arguments,
        count=count,
        trials=trials,
        below=below.tolist(),
        above=above.tolist(),
        belowComponents=components(low),
        aboveComponents=components(high),
        points=points,
        belowLogDensity=below_llik.tolist(),
        aboveLogDensity=above_llik.tolist(),
        score=(below_llik - above_llik).tolist(),
    )


SPACE = hp.choice(
    "model",
    [
        {
            "kind": "linear",
            "c": hp.loguniform("c", -6, 4),
            "iterations": hp.qloguniform("iterations", 2, 7, 10),
        },
        {
            "kind": "tree",
            "depth": hp.uniformint("depth", 1, 12),
            "leaf": hp.pchoice(
                "leaf", [(0.5, None), (0.3, {"size": hp.lognormal("size", 1, 1)}), (0.2, {"share": hp.uniform("share", 0, 1)})]
            ),
            "seed": hp.randint("seed", 3, 9),
        },
        {
            "kind": "net",
            "width": hp.quniform("width", 10, 200, 7),
            "shift": hp.normal("shift", 0, 3),
            "rounded": hp.qnormal("rounded", 5, 3, 0.25),
            "decay": hp.qlognormal("decay", 2, 1, 0.4),
        },
    ],
)


def suggestion_case(completed, running, failed, seed):
    """A real call of tpe.suggest, with what it scored for every active label."""
    domain = Domain(lambda _: 0.0, SPACE, pass_expr_memo_ctrl=False)
    rng = np.random.default_rng(seed)
    trials = Trials()
    total = completed + running + failed
    numbers = rng.permutation(np.arange(1, total + 1)).tolist()
    documents = []
    for index, number in enumerate(numbers):
        document = rand.suggest([number], domain, trials, seed * 1000 + number)[0]
        if index < completed:
            document["state"] = JOB_STATE_DONE
            document["result"] = dict(status=STATUS_OK, loss=round(float(rng.normal(scale=3)), 1))
        elif index < completed + running:
            document["state"] = JOB_STATE_RUNNING
        else:
            document["state"] = JOB_STATE_ERROR
        documents.append(document)
    trials.insert_trial_docs(documents)
    trials.refresh()

    recorded = []
    original = scope._impls["broadcast_best"]

    def recording(samples, below_llik, above_llik):
        best = original(samples, below_llik, above_llik)
        if len(samples):
            recorded.append((np.asarray(samples).tolist(), below_llik.tolist(), above_llik.tolist(), best[0]))
        return best

    scope._impls["broadcast_best"] = recording
    try:
        (suggested,) = tpe.suggest([total + 1], domain, trials, seed)
    finally:
        scope._impls["broadcast_best"] = original

    labels = {}
    for label, values in suggested["misc"]["vals"].items():
        if not values:
            continue
        offset = 3 if label == "seed" else 0
        matches = [record for record in recorded if record[3] + offset == values[0]]
        if len(matches) != 1:
            return None  # Two labels with one value: another seed tells them apart.
        samples, below_llik, above_llik, best = matches[0]
        labels[label] = dict(
            candidates=[sample + offset for sample in samples],
            belowLogDensity=below_llik,
            aboveLogDensity=above_llik,
            best=best + offset,
        )
    assert len(recorded) == len(labels)
    states = {JOB_STATE_DONE: "completed", JOB_STATE_RUNNING: "pending", JOB_STATE_ERROR: "failed"}
    return dict(
        trials=[
            dict(
                number=document["tid"],
                state=states[document["state"]],
                loss=document["result"].get("loss"),
                values={label: values[0] for label, values in document["misc"]["vals"].items() if values},
            )
            for document in documents
        ],
        labels=labels,
    )


def plain(value):
    """numpy's numbers as Python's."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def write(name, value):
    with open(os.path.join(FOLDER, name), "w") as file:
        json.dump(plain(value), file, allow_nan=False, separators=(",", ":"))
        file.write("\n")


def main():
    rng = np.random.default_rng(20)
    densities = [
        density_case(kind, arguments, points, count, rng)
        for kind, arguments, points in DISTRIBUTIONS
        for count in COUNTS
    ]
    write("tpe-densities.json", densities)

    suggestions = []
    branches = {}
    seed = 0
    while len(suggestions) < 9:
        seed += 1
        case = suggestion_case(*[(40, 4, 3), (18, 2, 0), (150, 8, 5)][len(suggestions) % 3], seed)
        if case is None or branches.get(case["labels"]["model"]["best"], 0) == 3:
            continue
        branch = case["labels"]["model"]["best"]
        branches[branch] = branches.get(branch, 0) + 1
        suggestions.append(case)
    write("tpe-suggestions.json", suggestions)


if __name__ == "__main__":
    main()
