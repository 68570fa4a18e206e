"""Make the subsets of CIFAR-10 and Fashion-MNIST that ship in the package.

Run it where the whole data sets can be had: ``python tools/make_subsets.py``. It
writes ``chainrule/data/files`` and prints the hashes that belong into
``chainrule/data/cifar10.py`` and ``fashion_mnist.py``. The choice of images is
fixed by a seed; the hashes are those of the decoded arrays, so that another
version of zlib does not change them.
"""

from pathlib import Path

import numpy as np
from PIL import Image

from chainrule.data.cifar10 import CIFAR10
from chainrule.data.fashion_mnist import FASHION_MNIST
from chainrule.data.store import sha256_of

FILES = Path(__file__).resolve().parents[1] / "chainrule" / "data" / "files"
SEED = 442
PER_CLASS = {"train": 300, "test": 100}


def choose(labels, per_class, seed):
    """Choose as many images of every class, in the order of the original."""
    rng = np.random.RandomState(seed)
    chosen = [
        rng.permutation(np.flatnonzero(labels == label))[:per_class] for label in np.unique(labels)
    ]
    return np.sort(np.concatenate(chosen))


def to_pixels(images, subset):
    """Lay the images one below the other, (N * height, width[, 3])."""
    if subset.planar:
        height, width, colours = subset.shape
        images = images.reshape(-1, colours, height, width).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images.reshape(-1, *subset.shape[1:]))


def make(image_set):
    """Write one subset and print its hashes."""
    data = image_set.open("full")
    subset = image_set.subset
    tables, hashes = {}, {}
    for number, (part, per_class) in enumerate(PER_CLASS.items()):
        labels = np.array(getattr(data, f"{part}_labels"))
        index = choose(labels, per_class, [SEED, number])
        images = np.array(getattr(data, f"{part}_images"))[index]
        path = FILES / f"{subset.stem}_{part}.png"
        Image.fromarray(to_pixels(images, subset)).save(path, optimize=True)
        tables[f"{part}_labels"] = labels[index]
        tables[f"{part}_index"] = index.astype("<u2")
        hashes[f"{part}_images"] = sha256_of(images)
        print(f"{path.name}: {len(index)} images, {path.stat().st_size:,} bytes")
    np.savez_compressed(FILES / f"{subset.stem}.npz", **tables)
    hashes |= {name: sha256_of(table) for name, table in tables.items()}
    for name, digest in hashes.items():
        print(f'        "{name}": "{digest}",')


def main():
    """Make both subsets."""
    FILES.mkdir(exist_ok=True)
    for image_set in (CIFAR10, FASHION_MNIST):
        make(image_set)


if __name__ == "__main__":
    main()
