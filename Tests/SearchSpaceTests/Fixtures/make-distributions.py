"""Writes distributions.json: what SciPy and hyperopt say about each distribution, for DistributionTests.swift.

    python3 -m venv venv && venv/bin/pip install scipy==1.17.1 numpy==2.4.6 hyperopt==0.3.0 setuptools==65.5.0
    venv/bin/python make-distributions.py

Continuous distributions: 199 quantiles. Discrete ones: every value with its exact probability, rare values left out at the
ends. Both: mean, variance and fourth central moment. Where hyperopt has the distribution, its own draws are held against
the same numbers here, so the fixture is hyperopt's meaning and not only ours. Draws: the first values of our generator
(xoshiro256**, SplitMix64, FNV-1a, written down a second time below) for each kind of parameter.
"""

import json
import math
import pathlib

import numpy as np
from hyperopt import hp
from hyperopt.pyll.stochastic import sample
from scipy import special, stats

COUNT = 20_000  # draws of the Swift tests and of hyperopt's here
LEVEL = 1e-4  # of every statistical test
RARE = 1e-9  # probability of values that are left out


def log_uniform(low, high):
    return stats.loguniform(math.exp(low), math.exp(high))


def continuous(name, parameter, distribution, hyperopt=None, variance_of=None):
    levels = np.arange(1, 200) / 200
    mean, variance = distribution.stats("mv")
    fourth = distribution.expect(lambda x: (x - mean) ** 4) if variance_of is None else variance_of
    entry = dict(name=name, parameter=parameter, quantiles=[float(x) for x in distribution.ppf(levels)])
    entry.update(mean=float(mean), variance=float(variance), fourth=float(fourth))
    # Kolmogorov's limit distribution.
    entry["limit"] = float(special.kolmogi(LEVEL) / math.sqrt(COUNT))
    if hyperopt is not None:
        drawn = np.array([sample(hyperopt, rng=rng) for rng in [np.random.default_rng(1)] for _ in range(COUNT)])
        assert stats.kstest(drawn, distribution.cdf).statistic < entry["limit"], name
    return entry


def discrete(name, parameter, points, hyperopt=None):
    points = [(float(x), float(p)) for x, p in points if p > RARE]
    values, chances = np.array(points).T
    mean = float((values * chances).sum())
    entry = dict(name=name, parameter=parameter, values=list(values), probabilities=list(chances), mean=mean)
    entry["variance"] = float((chances * (values - mean) ** 2).sum())
    entry["fourth"] = float((chances * (values - mean) ** 4).sum())
    # Values that are expected fewer than 5 times are taken together.
    common = int((chances * COUNT >= 5).sum())
    bins = common + (1 if common < len(values) else 0)
    entry["limit"] = float(stats.chi2.ppf(1 - LEVEL, bins - 1))
    if hyperopt is not None:
        rng = np.random.default_rng(1)
        drawn = np.array([float(sample(hyperopt, rng=rng)) for _ in range(COUNT)])
        observed = np.array([(np.abs(drawn - x) < 1e-9).sum() for x in values])
        assert observed.sum() >= COUNT - 1, (name, sorted(set(drawn)))
        often = chances * COUNT >= 5
        expected = chances[often] * COUNT
        statistic = ((observed[often] - expected) ** 2 / expected).sum()
        assert statistic < entry["limit"] * 1.2, (name, statistic, entry["limit"])
    return entry


def rounded(distribution, q, low=-math.inf, high=math.inf):
    """The multiples of q and their probabilities: the mass between half a step below and half a step above."""
    first = math.floor(max(distribution.ppf(1e-12), low) / q) - 1
    last = math.ceil(min(distribution.ppf(1 - 1e-12), high) / q) + 1
    edges = (np.arange(first, last + 2) - 0.5) * q
    # The tail is accurate from above on its own side.
    below, above = distribution.cdf(edges), distribution.sf(edges)
    mass = np.where(edges[:-1] > distribution.median(), above[:-1] - above[1:], below[1:] - below[:-1])
    return list(zip(np.arange(first, last + 1) * q, mass))


def stepped(low, step, count, start, end):
    """Points of a logarithmic grid: log-uniform from start to end, to the nearest point."""
    distribution = stats.loguniform(start, end)
    points = low + step * np.arange(count)
    edges = np.concatenate([[start], points[:-1] + step / 2, [end]])
    return list(zip(points, np.diff(distribution.cdf(edges))))


def equal(values):
    return [(x, 1 / len(values)) for x in values]


def typed(name, **settings):
    return dict(type=name, label="x", **settings)


def distributions():
    uniform, normal, lognormal = stats.uniform, stats.norm, stats.lognorm
    options = dict(options=["a", "b", "c", "d"])
    # The fourth moment of a lognormal in closed form: numerical integration misses its tail.
    w = math.exp(0.8**2)
    fourth = (w**4 + 2 * w**3 + 3 * w**2 - 3) * lognormal(0.8, scale=math.exp(0.5)).var() ** 2
    yield continuous("uniform", typed("uniform", low=-5, high=5), uniform(-5, 10), hp.uniform("x", -5, 5))
    yield discrete(
        "quniform", typed("quniform", low=1, high=10, q=4), rounded(uniform(1, 9), 4), hp.quniform("x", 1, 10, 4)
    )
    yield discrete(
        "quniform with fractions of a step around the ends",
        typed("quniform", low=-0.499, high=3.499, q=1),
        rounded(uniform(-0.499, 3.998), 1),
        hp.quniform("x", -0.499, 3.499, 1),
    )
    yield continuous("loguniform", typed("loguniform", low=-4, high=6), log_uniform(-4, 6), hp.loguniform("x", -4, 6))
    yield discrete(
        "qloguniform",
        typed("qloguniform", low=-3, high=4, q=2),
        rounded(log_uniform(-3, 4), 2, math.exp(-3), math.exp(4)),
        hp.qloguniform("x", -3, 4, 2),
    )
    yield continuous("normal", typed("normal", mu=2, sigma=3), normal(2, 3), hp.normal("x", 2, 3))
    yield discrete(
        "qnormal",
        typed("qnormal", mu=0.3, sigma=2, q=0.5),
        rounded(normal(0.3, 2), 0.5),
        hp.qnormal("x", 0.3, 2, 0.5),
    )
    yield continuous(
        "lognormal",
        typed("lognormal", mu=0.5, sigma=0.8),
        lognormal(0.8, scale=math.exp(0.5)),
        hp.lognormal("x", 0.5, 0.8),
        variance_of=fourth,
    )
    yield discrete(
        "qlognormal",
        typed("qlognormal", mu=1, sigma=0.5, q=1),
        rounded(lognormal(0.5, scale=math.e), 1, 0),
        hp.qlognormal("x", 1, 0.5, 1),
    )
    yield discrete(
        "uniformint", typed("uniformint", low=1, high=6), rounded(uniform(1, 5), 1), hp.uniformint("x", 1, 6)
    )
    yield discrete("randint", typed("randint", low=0, high=7), equal(range(7)), hp.randint("x", 7))
    yield discrete(
        "randint with two bounds", typed("randint", low=-3, high=9), equal(range(-3, 9)), hp.randint("x", -3, 9)
    )
    yield discrete("choice", typed("choice", **options), equal(range(4)), hp.choice("x", [0, 1, 2, 3]))
    chances = [0.1, 0, 0.6, 0.3]
    yield discrete(
        "pchoice",
        typed("choice", **options, probabilities=chances),
        list(enumerate(chances)),
        hp.pchoice("x", [(p, i) for i, p in enumerate(chances)]),
    )
    yield continuous("float", typed("float", min=1, max=3, log=False), uniform(1, 2))
    yield continuous("logarithmic float", typed("float", min=1e-5, max=0.1, log=True), stats.loguniform(1e-5, 0.1))
    yield discrete(
        "float in steps", typed("float", min=-1, max=0.5, log=False, step=0.25), equal(np.arange(7) / 4 - 1)
    )
    yield discrete(
        "logarithmic float in steps",
        typed("float", min=0.5, max=3, log=True, step=0.5),
        stepped(0.5, 0.5, 6, 0.25, 3.25),
    )
    yield discrete("int", typed("int", min=-2, max=4, log=False), equal(range(-2, 5)))
    yield discrete("int in steps", typed("int", min=1, max=9, log=False, step=3), equal([1, 4, 7]))
    yield discrete("logarithmic int", typed("int", min=1, max=50, log=True), stepped(1, 1, 50, 0.5, 50.5))


MASK = (1 << 64) - 1


def generator(seed, trial, purpose):
    """Outputs of xoshiro256** for an experiment's seed, a trial and a purpose."""
    state = 0xCBF29CE484222325
    for byte in seed.to_bytes(8, "little") + trial.to_bytes(8, "little") + purpose.encode():
        state = ((state ^ byte) * 0x100000001B3) & MASK
    words = []
    for _ in range(4):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        words.append(mixed ^ (mixed >> 31))

    def rotate(value, count):
        return ((value << count) | (value >> (64 - count))) & MASK

    a, b, c, d = words
    while True:
        yield (rotate((b * 5) & MASK, 7) * 9) & MASK
        shifted = (b << 17) & MASK
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        d = rotate(d, 45)


def draws():
    """The value of x in trials 1 to 5 of seed 7 (purpose `random.x`) for each kind of parameter."""
    half_open = lambda n: (n >> 11) * 2.0**-53
    closed = lambda n: (n >> 11) / (2.0**53 - 1)
    normal = lambda n: float(special.ndtri(((n >> 12) + 0.5) * 2.0**-52))
    below = lambda n, count: (n * count) >> 64  # Lemire; no draw of these is rejected
    whole = lambda x, q: float(np.round(x / q) * q)
    chances = np.cumsum([0.1, 0, 0.6, 0.3])
    kinds = [
        (typed("uniform", low=-5, high=5), lambda n: -5 + 10 * half_open(n)),
        (typed("loguniform", low=-4, high=6), lambda n: math.exp(-4 + 10 * half_open(n))),
        (typed("float", min=1, max=3, log=False), lambda n: 1 + 2 * closed(n)),
        (
            typed("float", min=1e-5, max=0.1, log=True),
            lambda n: math.exp(math.log(1e-5) + (math.log(0.1) - math.log(1e-5)) * closed(n)),
        ),
        (typed("float", min=-1, max=0.5, log=False, step=0.25), lambda n: -1 + below(n, 7) * 0.25),
        (typed("int", min=-2, max=4, log=False), lambda n: -2 + below(n, 7)),
        (
            typed("int", min=1, max=50, log=True),
            lambda n: round(math.exp(math.log(0.5) + (math.log(50.5) - math.log(0.5)) * closed(n))),
        ),
        (typed("choice", options=["a", "b", "c"]), lambda n: below(n, 3)),
        (typed("quniform", low=0, high=1, q=0.1), lambda n: whole(half_open(n), 0.1)),
        (typed("qloguniform", low=-3, high=4, q=2), lambda n: whole(math.exp(-3 + 7 * half_open(n)), 2)),
        (typed("uniformint", low=1, high=6), lambda n: whole(1 + 5 * half_open(n), 1)),
        (typed("randint", low=-3, high=9), lambda n: -3 + below(n, 12)),
        (typed("normal", mu=2, sigma=3), lambda n: 2 + 3 * normal(n)),
        (typed("qnormal", mu=0.3, sigma=2, q=0.5), lambda n: whole(0.3 + 2 * normal(n), 0.5)),
        (typed("lognormal", mu=0.5, sigma=0.8), lambda n: math.exp(0.5 + 0.8 * normal(n))),
        (typed("qlognormal", mu=1, sigma=1, q=1), lambda n: whole(math.exp(1 + normal(n)), 1)),
        (
            typed("choice", options=["a", "b", "c", "d"], probabilities=[0.1, 0, 0.6, 0.3]),
            lambda n: int(np.searchsorted(chances, half_open(n) * chances[-1], side="right")),
        ),
    ]
    for parameter, draw in kinds:
        values = [draw(next(generator(7, trial, "random.x"))) for trial in range(1, 6)]
        yield dict(parameter=parameter, values=values)


if __name__ == "__main__":
    fixture = dict(count=COUNT, distributions=list(distributions()), draws=list(draws()))
    path = pathlib.Path(__file__).with_name("distributions.json")
    lists = [f" {json.dumps(entry)}" for entry in fixture["distributions"]]
    pins = [f" {json.dumps(entry)}" for entry in fixture["draws"]]
    text = f'{{"count": {COUNT}, "distributions": [\n' + ",\n".join(lists) + '\n], "draws": [\n' + ",\n".join(pins) + "\n]}\n"
    path.write_text(text)
