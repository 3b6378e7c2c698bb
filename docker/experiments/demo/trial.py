"""Gradient descent with momentum on Rosenbrock's function, slow enough to watch; Python's own library is all it needs."""

import argparse
import math
import time

REPORTS = 8
STEPS_BETWEEN = 50
SECONDS_BETWEEN = 0.5

parser = argparse.ArgumentParser()
parser.add_argument("--learning_rate", type=float, required=True)
parser.add_argument("--momentum", type=float, required=True)
options = parser.parse_args()


def loss(x, y):
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


x, y, velocity_x, velocity_y = -1.0, 1.5, 0.0, 0.0
for report in range(1, REPORTS + 1):
    for _ in range(STEPS_BETWEEN):
        slope_x = -2 * (1 - x) - 400 * x * (y - x * x)
        slope_y = 200 * (y - x * x)
        velocity_x = options.momentum * velocity_x - options.learning_rate * slope_x
        velocity_y = options.momentum * velocity_y - options.learning_rate * slope_y
        # A step that is too large runs away; it stays a number, only a bad one.
        x = max(-10.0, min(10.0, x + velocity_x))
        y = max(-10.0, min(10.0, y + velocity_y))
    print(f"loss={math.log10(1e-12 + loss(x, y)):.6f}, step={report}", flush=True)
    time.sleep(SECONDS_BETWEEN)
