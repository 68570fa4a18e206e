"""Write the stored samples of the forward pass, chainrule/backprop/samples/*.csv.

The outputs come from closed forms at fifty digits, not from any code that the
course teaches or ships, so that a mistake there cannot hide in the samples.

Run it from the repository root: python tools/make_samples.py
"""

import csv
from pathlib import Path

import mpmath
import numpy as np

SEED = 442
COUNT = 100
FOLDER = Path(__file__).resolve().parents[1] / "chainrule" / "backprop" / "samples"


def f1(x1, w1, x2, w2, b, y):
    """Squared error of a linear function of two inputs."""
    return (w1 * x1 + w2 * x2 + b - y) ** 2


def f2(x):
    """Hyperbolic tangent."""
    return mpmath.tanh(x)


def f3_y1(s1, s2):
    """Softmax cross-entropy of two scores for class 1."""
    return mpmath.log1p(mpmath.exp(s2 - s1))


def f3_y2(s1, s2):
    """Softmax cross-entropy of two scores for class 2."""
    return mpmath.log1p(mpmath.exp(s1 - s2))


SAMPLES = {
    "f1": (f1, ["x1", "w1", "x2", "w2", "b", "y"], "L"),
    "f2": (f2, ["x"], "y"),
    "f3_y1": (f3_y1, ["s1", "s2"], "L"),
    "f3_y2": (f3_y2, ["s1", "s2"], "L"),
}


def main() -> None:
    """Write all sample files."""
    mpmath.mp.dps = 50
    FOLDER.mkdir(parents=True, exist_ok=True)
    for stream, (name, (function, inputs, output)) in enumerate(SAMPLES.items()):
        generator = np.random.default_rng([SEED, stream])
        with (FOLDER / f"{name}.csv").open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([*inputs, output])
            for point in generator.uniform(size=(COUNT, len(inputs))).tolist():
                value = function(*(mpmath.mpf(x) for x in point))
                writer.writerow([*map(repr, point), repr(float(value))])


if __name__ == "__main__":
    main()
