"""Writes normal.json: SciPy's normal distribution, for NormalDistributionTests.swift.

    python3 -m venv venv && venv/bin/pip install scipy==1.17.1 numpy==2.4.6
    venv/bin/python make-normal.py
"""

import json
import pathlib

import numpy as np
from scipy.stats import norm

points = [-200, -50, -38.5, -37, -31, -30, -29.9, -20, -8, -5, -3, -1.5, -0.5, -1e-8, 0, 1e-8, 0.3, 1, 2, 5, 8, 12]
levels = [2.0**-53, 1e-15, 1e-9, 1e-6, 0.001, 0.02425, 0.0749, 0.0751, 0.25, 0.5, 0.7, 0.9249, 0.9251, 0.999, 1 - 1e-9]
levels += [1 - 2.0**-53]
intervals = [(-3, -2), (-0.5, 0.25), (-1e-9, 1e-9), (2, 2.001), (7, 9), (20, 21), (-38, -36)]


def mass(low, high):
    return norm.sf(low) - norm.sf(high) if low > 0 else norm.cdf(high) - norm.cdf(low)


fixture = dict(
    cumulative=[[x, norm.cdf(x)] for x in points if x > -37.5],
    logCumulative=[[x, norm.logcdf(x)] for x in points],
    logDensity=[[x, norm.logpdf(x)] for x in points],
    quantile=[[p, norm.ppf(p)] for p in levels],
    probability=[[low, high, mass(low, high)] for low, high in intervals],
)
lines = [f'"{key}": {json.dumps(np.array(rows, dtype=float).tolist())}' for key, rows in fixture.items()]
pathlib.Path(__file__).with_name("normal.json").write_text("{" + ",\n ".join(lines) + "}\n")
