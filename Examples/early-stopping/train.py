#!/usr/bin/env python3
"""One trial: trains a perceptron on scikit-learn's handwritten digits, epoch by epoch, and prints its accuracy after each.

Nothing in here knows about hyper. Parameters arrive as ordinary options; each epoch leaves a line `accuracy=0.9327 step=4`.
The network is trained on three folds of the data side by side, and the accuracy is the mean over the three parts that were
kept out. The data ships with scikit-learn (1797 images of 8 x 8 pixels). The same options always give the same curve.
"""

import argparse
import os
import sys

# One trial is one core's work: parallelism comes from running several trials. Must be set before numpy is imported.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

try:
    import numpy
    from sklearn.datasets import load_digits
    from sklearn.model_selection import StratifiedKFold
    from sklearn.neural_network import MLPClassifier
except ImportError as error:
    sys.exit(
        f"train.py: {error} (Python: {sys.executable}). Install what requirements.txt lists into a virtual environment, "
        "and start the experiment with that environment's bin directory first on PATH."
    )

EPOCHS = 27
FOLDS = 3
SPLIT_SEED = 20
MODEL_SEED = 1


def parsed_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Learning curve of a perceptron on handwritten digits.")
    parser.add_argument("--hidden", type=int, default=64, help="hidden units")
    parser.add_argument("--lr", type=float, default=0.1, help="learning rate")
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--batch", type=int, default=32, help="images in a batch")
    parser.add_argument("--alpha", type=float, default=1e-4, help="weight of the squared weights")
    return parser.parse_args()


def make_model(options: argparse.Namespace) -> MLPClassifier:
    return MLPClassifier(
        hidden_layer_sizes=(options.hidden,),
        solver="sgd",
        learning_rate_init=options.lr,
        momentum=options.momentum,
        batch_size=options.batch,
        alpha=options.alpha,
        random_state=MODEL_SEED,
    )


def main() -> None:
    options = parsed_options()
    # A learning rate that is far too large overflows; the accuracy shows it.
    numpy.seterr(all="ignore")
    images, digits = load_digits(return_X_y=True)
    images = images / 16
    classes = numpy.unique(digits)
    splits = StratifiedKFold(n_splits=FOLDS, shuffle=True, random_state=SPLIT_SEED).split(images, digits)
    folds = [(train, test, make_model(options)) for train, test in splits]
    order = numpy.random.default_rng(MODEL_SEED)
    for epoch in range(1, EPOCHS + 1):
        accuracies = []
        for train, test, model in folds:
            train = order.permutation(train)
            model.partial_fit(images[train], digits[train], classes=classes)
            accuracies.append(model.score(images[test], digits[test]))
        print(f"accuracy={sum(accuracies) / FOLDS:.4f} step={epoch}", flush=True)


if __name__ == "__main__":
    main()
