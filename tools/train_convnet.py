"""Train the reference networks of the assignment ``convnet``, and keep what is handed in.

    python tools/train_convnet.py mlp cnn cifar

The functions come out of the instructors' notebooks; nothing else of these runs. The
files go to ``tests/answers/convnet/files``, where the tests find them. Needs the whole
data sets. Prints wall time, processor time and test accuracy.
"""

import argparse
import json
import os
import time
from pathlib import Path

import torch

from chainrule.convnet.history import save_history
from chainrule.convnet.images import (
    cifar_test_images,
    hash_order,
    load_cifar,
    load_fashion,
    load_fashion_test,
)
from chainrule.convnet.loaders import make_loader
from chainrule.convnet.mistakes import scores_of
from chainrule.convnet.predictions import write_predictions
from chainrule.convnet.single_test import run_test_once
from chainrule.convnet.weights import save_weights
from chainrule.data import CIFAR10
from chainrule.handin.student_code import load_definitions

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "source" / "convnet"
FILES = ROOT / "tests" / "answers" / "convnet" / "files"


def main() -> None:
    """Train what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("networks", nargs="+", choices=("mlp", "cnn", "cifar"))
    chosen = parser.parse_args().networks
    FILES.mkdir(parents=True, exist_ok=True)
    fashion = load_definitions(SOURCE / "fashion_mnist.ipynb")
    for name in chosen:
        if name == "cifar":
            cifar(fashion)
        else:
            fashion_network(fashion, name, {"mlp": 8, "cnn": 4}[name])


def fashion_network(notebook, name: str, epochs: int) -> None:
    """Train one of the two networks for Fashion-MNIST."""
    data = load_fashion(source="cache")
    training = make_loader(data["X_train"], data["y_train"], 128, shuffle=True)
    validation = make_loader(data["X_val"], data["y_val"], 500)
    torch.manual_seed(442)
    model = getattr(notebook, f"make_{name}")()
    start = _now()
    curves = notebook.train(model, training, validation, epochs)
    _say(name, start)
    save_history(FILES / f"{name}_history.json", *curves[:3])
    model.half().float()  # so that half the bytes keep the very same network
    save_weights(model, FILES / f"{name}.pt")
    shrink(FILES / f"{name}.pt")
    if name == "cnn":
        record = FILES / "fashion_test.json"
        record.unlink(missing_ok=True)
        print(f"cnn: test accuracy {run_test_once(model, *load_fashion_test(), record):.4f}")


def cifar(fashion) -> None:
    """Train the network for CIFAR-10, and predict the test images."""
    notebook = load_definitions(SOURCE / "cifar10.ipynb")
    notebook.__dict__.update(mine=fashion, torch=torch)
    data = load_cifar(source="cache")
    validation = make_loader(data["X_val"], data["y_val"], 500)
    torch.manual_seed(442)
    network = notebook.make_network().to(memory_format=torch.channels_last)
    start = _now()
    curves = notebook.fit(network, data["X_train"], data["y_train"], validation)
    _say("cifar", start)
    save_history(FILES / "cifar10_history.json", *curves)
    classes = scores_of(network, cifar_test_images("cache")).argmax(axis=1)
    write_predictions(classes, FILES / "predictions.csv")
    whole = CIFAR10.open("cache")
    print(f"cifar: test accuracy {(classes == whole.test_labels[hash_order(whole)]).mean():.4f}")


def shrink(file: Path) -> None:
    """Keep the weights of a file in half precision; a model takes them as they are."""
    state = torch.load(file, weights_only=True)
    half = {k: v.half() if v.is_floating_point() else v for k, v in state.items()}
    torch.save(half, file)


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _say(name: str, start: tuple[float, float]) -> None:
    wall, processor = (now - then for now, then in zip(_now(), start, strict=True))
    print(
        json.dumps(
            {
                "network": name,
                "seconds": round(wall, 1),
                "processor_seconds": round(processor, 1),
                "threads": torch.get_num_threads(),
                "load": [round(x, 1) for x in os.getloadavg()],
            }
        )
    )


if __name__ == "__main__":
    main()
