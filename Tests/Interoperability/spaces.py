"""The search spaces of the checks, each in the words of an experiment file and in hyperopt's, with the same labels."""

import ast

from hyperopt import hp

# Keys that differ from labels, options with parameters of their own, null, truth values, a list, labels made from paths
# (two parameters are called `size`), and a label that no identifier could be.
NESTED = {
    "rate": "hp.loguniform('learning_log_rate', -7, 0)",
    "layers": {"type": "int", "min": 1, "max": 6, "label": "number of layers"},
    "use_bias": [True, False],
    "shape": {"type": "choice", "label": "shape (h×w)", "options": [[3, 3], [5, 5], None]},
    "model": {
        "type": "choice",
        "label": "model_kind",
        "options": [
            "none",
            {
                "type": "svm",
                "size": "hp.uniform('svm_size', 0, 1)",
                "kernel": {
                    "type": "choice",
                    "label": "svm_kernel",
                    "options": ["linear", {"type": "poly", "degree": {"type": "int", "min": 2, "max": 5}}],
                },
            },
            {"type": "mlp", "hidden": {"size": {"type": "int", "min": 16, "max": 128}}},
        ],
    },
    "data": {"size": "uniform(10, 20)", "seed": 7},
}


def nested() -> dict:
    """``NESTED`` for hyperopt."""
    return {
        "rate": hp.loguniform("learning_log_rate", -7, 0),
        "layers": hp.randint("number of layers", 1, 7),
        "use_bias": hp.choice("use_bias", [True, False]),
        "shape": hp.choice("shape (h×w)", [[3, 3], [5, 5], None]),
        "model": hp.choice(
            "model_kind",
            [
                "none",
                {
                    "type": "svm",
                    "size": hp.uniform("svm_size", 0, 1),
                    "kernel": hp.choice(
                        "svm_kernel", ["linear", {"type": "poly", "degree": hp.randint("degree", 2, 6)}]
                    ),
                },
                {"type": "mlp", "hidden": {"size": hp.randint("model.2.hidden.size", 16, 129)}},
            ],
        ),
        "data": {"size": hp.uniform("data.size", 10, 20), "seed": 7},
    }


# hyperopt's own thirteen distributions, as its users write them.
DISTRIBUTIONS = {
    "a": "hp.choice('a_choice', ['x', {'inner': hp.quniform('a_inner', -0.499, 3.499, 1)}])",
    "b": "hp.pchoice('b_pchoice', [(0.2, 'rare'), (0.5, None), (0.3, {'deep': hp.normal('b_deep', 0, 2)})])",
    "c": "hp.randint('c_randint', 5)",
    "d": "hp.randint('d_randint_from', -3, 4)",
    "e": "hp.uniform('e_uniform', -1, 1)",
    "f": "hp.quniform('f_quniform', 1, 10, 4)",
    "g": "hp.uniformint('g_uniformint', 1, 6)",
    "h": "hp.loguniform('h_loguniform', -5, 0)",
    "i": "hp.qloguniform('i_qloguniform', -2, 4, 2)",
    "j": "hp.normal('j_normal', 3, 0.5)",
    "k": "hp.qnormal('k_qnormal', 10, 4, 3)",
    "l": "hp.lognormal('l_lognormal', 0, 1)",
    "m": "hp.qlognormal('m_qlognormal', 2, 1, 5)",
}


def from_text(text: str):
    """A space from the text that a user of hyperopt would have in a program."""
    return eval(text, {"__builtins__": {}}, {"hp": hp})  # Only ever our own text.


def expressions(text: str) -> dict[str, str]:
    """The values of the outermost mapping of a space's text, as they are written there."""
    outermost = ast.parse(text, mode="eval").body
    return {
        key.value: ast.get_source_segment(text, value)
        for key, value in zip(outermost.keys, outermost.values, strict=True)
    }


def distributions() -> dict:
    """``DISTRIBUTIONS`` for hyperopt."""
    return {key: from_text(text) for key, text in DISTRIBUTIONS.items()}
