"""Write the places of the bundled CIFAR-10 test images in the order of predictions.csv.

Needs the whole of CIFAR-10 in the cache. The file lets a grading machine without it
judge predictions by the test images that ship with the course.

    python tools/make_cifar_places.py
"""

from pathlib import Path

import numpy as np

from chainrule.convnet.images import hash_order
from chainrule.data import CIFAR10

TARGET = Path(__file__).resolve().parents[1] / "chainrule/convnet/samples/cifar10_test_places.npy"


def main() -> None:
    """Compute the places and write them."""
    order = hash_order(CIFAR10.open("cache"))
    place = np.empty(len(order), np.uint16)
    place[order] = np.arange(len(order))
    np.save(TARGET, place[CIFAR10.open("subset").test_index])


if __name__ == "__main__":
    main()
