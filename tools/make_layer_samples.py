"""Write chainrule/neuralnet/samples/layers.json: layer inputs with outputs computed by PyTorch.

Run: .venv/bin/python tools/make_layer_samples.py
"""

import json
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

TARGET = Path(__file__).resolve().parents[1] / "chainrule" / "neuralnet" / "samples" / "layers.json"
SEED = 442
DECIMALS = 2


def step_sample(draw) -> dict:
    """Return a practice model, a minibatch, and the loss of the data (without penalty)."""
    values = {"W1": draw(2, 4), "b1": draw(4), "W2": draw(2, 4), "b2": draw(4)}
    X, y = draw(5, 4), torch.tensor([0, 3, 1, 1, 2])
    scores = torch.zeros_like(X)
    for number in (1, 2):
        x, (first, second) = X / number, values[f"W{number}"]
        scores = scores + first * x + second * x**2 + values[f"b{number}"]
    return {**values, "X": X, "y": y, "loss": functional.cross_entropy(scores, y)}


def main() -> None:
    """Draw the inputs, let PyTorch compute the outputs, and write both."""
    rng = np.random.default_rng(SEED)

    def draw(*shape: int) -> torch.Tensor:
        # Two decimals: the file stays small, and float64 reads them back the same.
        return torch.tensor(np.round(rng.normal(size=shape), DECIMALS))

    x, w, b = draw(3, 4), draw(4, 5), draw(5)
    samples = {"fc": {"x": x, "w": w, "b": b, "out": functional.linear(x, w.T, b)}}
    x = draw(4, 5)
    samples["relu"] = {"x": x, "out": functional.relu(x)}
    x, y = draw(4, 5), torch.tensor([3, 0, 4, 1])
    samples["softmax"] = {"x": x, "y": y, "loss": functional.cross_entropy(x, y)}
    w = draw(3, 4)
    samples["l2"] = {"w": w, "reg": 0.7, "loss": 0.35 * torch.linalg.matrix_norm(w) ** 2}
    X, W1, b1, W2, b2 = draw(3, 4), draw(4, 6), draw(6), draw(6, 5), draw(5)
    hidden = functional.relu(functional.linear(X, W1.T, b1))
    scores = functional.linear(hidden, W2.T, b2)
    samples["net"] = {"X": X, "W1": W1, "b1": b1, "W2": W2, "b2": b2, "scores": scores}
    samples["step"] = step_sample(draw)
    plain = {
        task: {k: v.tolist() if isinstance(v, torch.Tensor) else v for k, v in values.items()}
        for task, values in samples.items()
    }
    TARGET.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
