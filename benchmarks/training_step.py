"""Time the reference's training step against the same step in PyTorch, on the CPU.

Run: .venv/bin/python benchmarks/training_step.py

Both do one step of the two-layer network of the assignment neuralnet: scores, softmax
loss, L2 penalty on both weight matrices, gradients, and one step of plain SGD, in
float32, with the same weights, minibatch and number of threads. PyTorch uses autograd,
`cross_entropy` and ``torch.optim.SGD``. The two take turns within one run, so whatever
else the machine does disturbs both alike; the ratio of their medians is what counts.

The largest ratio that is accepted is 1.3. The exit code is 1 above that.
"""

import argparse
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LARGEST_RATIO = 1.3
SIZES = ((256, 256), (128, 64), (256, 512), (128, 16))
REG, RATE = 1e-3, 0.01


def main() -> int:
    """Print a table; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--turns", type=int, default=60, help="steps of each kind and size")
    options = parser.parse_args()
    # OpenBLAS reads this when NumPy is imported, so the imports come later.
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = str(options.threads)
    os.environ["MKL_NUM_THREADS"] = str(options.threads)
    import torch

    torch.set_num_threads(options.threads)
    print(f"{options.threads} threads, float32, medians of {options.turns} steps in turns")
    print("batch  hidden  reference  PyTorch  ratio  (ratio of the fastest quarter)")
    worst = 0.0
    for batch, hidden in SIZES:
        ours, theirs = times(batch, hidden, options.turns)
        ratio = median(ours) / median(theirs)
        quick = median(sorted(ours)[: len(ours) // 4]) / median(sorted(theirs)[: len(theirs) // 4])
        worst = max(worst, ratio)
        print(
            f"{batch:5d}  {hidden:6d}  {1e3 * median(ours):6.2f} ms  {1e3 * median(theirs):4.2f} ms"
            f"  {ratio:5.2f}  ({quick:.2f})"
        )
    print(f"largest ratio {worst:.2f}; at most {LARGEST_RATIO} is accepted")
    return int(worst > LARGEST_RATIO)


def times(batch: int, hidden: int, turns: int) -> tuple[list[float], list[float]]:
    """Return the seconds of each step of the reference and of PyTorch."""
    import numpy as np
    import torch
    from torch.nn import functional

    from chainrule.handin.student_code import load_definitions
    from chainrule.neuralnet import SGD

    layers = load_definitions(ROOT / "source" / "neuralnet" / "layers.ipynb")
    cifar = load_definitions(ROOT / "source" / "neuralnet" / "cifar.ipynb")
    cifar.layers = layers
    rng = np.random.default_rng(442)
    X = rng.normal(size=(batch, 3072)).astype(np.float32)
    y = rng.integers(0, 10, size=batch)
    model = layers.TwoLayerNet(hidden_dim=hidden, weight_scale=1e-2, dtype=np.float32, seed=1)
    optimizer = SGD(model.parameters(), RATE)

    def reference() -> float:
        loss, grads = cifar.training_step(model, X, y, REG)
        optimizer.step(grads)
        return float(loss)

    first, second = torch.nn.Linear(3072, hidden), torch.nn.Linear(hidden, 10)
    with torch.no_grad():
        for layer, number in ((first, 1), (second, 2)):
            layer.weight.copy_(torch.from_numpy(model.parameters()[f"W{number}"].T.copy()))
            layer.bias.zero_()
    network = torch.nn.Sequential(first, torch.nn.ReLU(), second)
    descent = torch.optim.SGD(network.parameters(), lr=RATE)
    images, labels = torch.from_numpy(X), torch.from_numpy(y)

    def pytorch() -> float:
        descent.zero_grad()
        loss = functional.cross_entropy(network(images), labels)
        for layer in (first, second):
            loss = loss + REG / 2 * (layer.weight**2).sum()
        loss.backward()
        descent.step()
        return float(loss.detach())

    for _ in range(5):
        one, other = reference(), pytorch()
        if abs(one - other) > 1e-3 * abs(other):
            raise SystemExit(f"the two steps differ: loss {one} and {other}")
    ours, theirs = [], []
    for _ in range(turns):
        for step, seconds in ((reference, ours), (pytorch, theirs)):
            begun = time.perf_counter()
            step()
            seconds.append(time.perf_counter() - begun)
    return ours, theirs


def median(values: list[float]) -> float:
    """Return the median."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


if __name__ == "__main__":
    sys.exit(main())
