"""The course's data sets: CIFAR-10, Fashion-MNIST, Iris, affine correspondences.

The content of every data set is checked by sha256, whatever its source. The
environment variable ``CHAINRULE_DATA`` sets the folder where the large ones are
kept, and ``CHAINRULE_OFFLINE=1`` forbids downloads. ``chainrule data`` fetches and
verifies them all.
"""

from chainrule.data.cifar10 import CIFAR10, load_cifar10
from chainrule.data.correspondences import (
    load_correspondences,
    make_correspondences,
    read_correspondences,
    save_correspondences,
)
from chainrule.data.errors import DataDamaged, DataError, DataUnavailable, SubsetWarning
from chainrule.data.fashion_mnist import FASHION_MNIST, load_fashion_mnist
from chainrule.data.images import ImageData
from chainrule.data.iris import load_iris, read_iris
from chainrule.data.sampler import DataSampler
from chainrule.data.store import data_folder

__all__ = [
    "CIFAR10",
    "FASHION_MNIST",
    "DataDamaged",
    "DataError",
    "DataSampler",
    "DataUnavailable",
    "ImageData",
    "SubsetWarning",
    "data_folder",
    "load_cifar10",
    "load_correspondences",
    "load_fashion_mnist",
    "load_iris",
    "make_correspondences",
    "read_correspondences",
    "read_iris",
    "save_correspondences",
]
