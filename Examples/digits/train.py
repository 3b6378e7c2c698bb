#!/usr/bin/env python3
"""One trial: fits a classifier to scikit-learn's handwritten digits and prints its accuracy.

Nothing in here knows about hyper. Parameters arrive as ordinary options, the result leaves as the line
`accuracy=0.9712`. Parameters that are inactive in a trial are not passed, hence a default for every option.

The data ships with scikit-learn (1797 images of 8 x 8 pixels), so no trial downloads anything. The same options
always give the same accuracy.
"""

import argparse
import os
import sys
import warnings

# One trial is one core's work: parallelism comes from running several trials. Must be set before numpy is imported.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

try:
    from sklearn.datasets import load_digits
    from sklearn.decomposition import PCA
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, StandardScaler
    from sklearn.svm import SVC
except ImportError as error:
    sys.exit(
        f"train.py: {error} (Python: {sys.executable}). Install what requirements.txt lists into a virtual environment, "
        "and start the experiment with that environment's bin directory first on PATH."
    )

FOLDS = 3
SPLIT_SEED = 20
MODEL_SEED = 1
# Passes over the data by the perceptron: it is close to its best by then, and a trial stays under three seconds.
MAX_EPOCHS = 30


def parsed_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Cross-validated accuracy of one classifier on handwritten digits.")
    parser.add_argument("--preprocessing", choices=["minmax", "standard", "pca"], default="minmax")
    parser.add_argument("--components", type=int, default=32, help="principal components kept (pca)")
    parser.add_argument("--model.type", dest="model", choices=["svm", "mlp"], default="svm")
    parser.add_argument("--model.C", dest="C", type=float, default=1.0, help="cost of a misclassified image (svm)")
    parser.add_argument("--model.gamma", dest="gamma", type=float, default=0.05, help="kernel width (svm)")
    parser.add_argument("--model.hidden", dest="hidden", type=int, default=64, help="hidden units (mlp)")
    parser.add_argument("--model.lr", dest="lr", type=float, default=0.003, help="learning rate (mlp)")
    return parser.parse_args()


def make_classifier(options: argparse.Namespace):
    if options.preprocessing == "pca":
        steps = [MinMaxScaler(), PCA(n_components=options.components, svd_solver="full")]
    elif options.preprocessing == "standard":
        steps = [StandardScaler()]
    else:
        steps = [MinMaxScaler()]

    if options.model == "svm":
        model = SVC(C=options.C, gamma=options.gamma)
    else:
        model = MLPClassifier(
            hidden_layer_sizes=(options.hidden,),
            learning_rate_init=options.lr,
            max_iter=MAX_EPOCHS,
            random_state=MODEL_SEED,
        )
    return make_pipeline(*steps, model)


def main() -> None:
    options = parsed_options()
    # Ending after MAX_EPOCHS is the plan here, not a mishap.
    warnings.filterwarnings("ignore", category=ConvergenceWarning)
    images, digits = load_digits(return_X_y=True)
    folds = StratifiedKFold(n_splits=FOLDS, shuffle=True, random_state=SPLIT_SEED)
    accuracies = cross_val_score(make_classifier(options), images, digits, cv=folds)
    print("accuracy of each fold: " + ", ".join(f"{accuracy:.4f}" for accuracy in accuracies))
    print(f"accuracy={accuracies.mean():.4f}", flush=True)


if __name__ == "__main__":
    main()
