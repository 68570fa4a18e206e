"""Fashion-MNIST: 70,000 grey images of 28 by 28 pixels in ten classes of clothing.

Source: H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset
for Benchmarking Machine Learning Algorithms", 2017, arXiv:1708.07747,
https://github.com/zalandoresearch/fashion-mnist (MIT licence).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule.data.download import RemoteFile
from chainrule.data.formats import read_fashion_mnist_folder
from chainrule.data.images import ImageSet, Subset, load
from chainrule.data.origins import Context, FolderSource, HttpSource
from chainrule.data.store import ArraySpec, DatasetSpec

CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
MEAN = 0.2859
"""Mean of the training pixels, in [0, 1]."""
STD = 0.3530
"""Their standard deviation."""

_FILES = (
    RemoteFile("train-images-idx3-ubyte.gz", 26_421_880, "md5:8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
    RemoteFile("train-labels-idx1-ubyte.gz", 29_515, "md5:25c81989df183df01b3e8a0aad5dffbe"),
    RemoteFile("t10k-images-idx3-ubyte.gz", 4_422_102, "md5:bef4ecab320f06d8554ea6380940ec79"),
    RemoteFile("t10k-labels-idx1-ubyte.gz", 5_148, "md5:bb300cfdad3c16e7a12a480ee83cd310"),
)

SPEC = DatasetSpec(
    name="fashion-mnist",
    title="Fashion-MNIST",
    arrays=(
        ArraySpec(
            "train_images",
            (60000, 28, 28),
            "2e487a6c89124f78f2d7521542223cafe96f7123c3ca13d447772ac6ecbb3012",
        ),
        ArraySpec(
            "train_labels",
            (60000,),
            "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7",
        ),
        ArraySpec(
            "test_images",
            (10000, 28, 28),
            "c867c93ff95360594e8ec3287995350b824dd110b11595c0e13d5423f621867a",
        ),
        ArraySpec(
            "test_labels",
            (10000,),
            "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9",
        ),
    ),
    by_hand=(
        "Get the four *-ubyte.gz files (31 MB) from\n"
        "  https://github.com/zalandoresearch/fashion-mnist/tree/master/data/fashion,\n"
        "  or, on Debian and Ubuntu, install the package dataset-fashion-mnist (nothing to move)."
    ),
)

_READ_HERE = (("train-images-idx3-ubyte.gz", lambda path: read_fashion_mnist_folder(path.parent)),)


def _local(context: Context) -> tuple[Path, ...]:
    return (*context.local, context.root, Path("data"), Path())


def _system(_context: Context) -> tuple[Path, ...]:
    return (Path("/usr/share/datasets"), Path("~/.keras/datasets").expanduser())


SOURCES = (
    FolderSource(
        "local folder", _local, (*_READ_HERE, ("FashionMNIST/raw", read_fashion_mnist_folder))
    ),
    FolderSource(
        "the system's data sets", _system, (("fashion-mnist", read_fashion_mnist_folder),)
    ),
    HttpSource(
        "the official host",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        _FILES,
        read_fashion_mnist_folder,
    ),
    HttpSource(
        "a mirror",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        _FILES,
        read_fashion_mnist_folder,
    ),
    HttpSource(
        "the authors' repository",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        _FILES,
        read_fashion_mnist_folder,
    ),
)

SUBSET = Subset(
    "fashion_mnist",
    (28, 28),
    planar=False,
    sha256={
        "train_images": "06ce4e96d644a820ae2a1e22bdb790b5190c1ec7ca342540e3e403fe30bd2b18",
        "test_images": "6c3ab9b27701f4abb2131ecd35a242366aad368fd9814e1902b7b00575828033",
        "train_labels": "20f00731ca39164fce8665500a291b640f7413715ee9eeea7da38a86053665c2",
        "train_index": "1200bf38b6f4f7f709bf494e4317126a20613094d14a8c4534056b3c93480fb0",
        "test_labels": "5166620661b807b3ae62741d7a118bb3fdb3a248d289c052df8808cfa784679f",
        "test_index": "f65dedbc52636c5e5db88838f94be95fe5f4926634fd08f460dae1175c689fa2",
    },
)

FASHION_MNIST = ImageSet(SPEC, SOURCES, SUBSET)


def load_fashion_mnist(
    num_train: int = 50000,
    num_val: int = 10000,
    num_test: int = 10000,
    seed: int = 442,
    *,
    dtype: DTypeLike = np.uint8,
    **options: Any,
) -> dict[str, np.ndarray]:
    """Load Fashion-MNIST, split into training, validation and test images.

    Parameters
    ----------
    num_train, num_val, num_test, seed : int
        How many images, and the seed of the split; num_train + num_val is at most 60,000
        and num_test at most 10,000. See `chainrule.data.images.load`, also for what is
        raised and when you are warned.
    dtype : dtype
        uint8 gives the bytes, float32 values in [0, 1].
    **options
        ``source``, ``folder`` and ``index`` of `chainrule.data.images.load`.

    Returns
    -------
    dict
        ``X_train``, ``X_val``, ``X_test``: ndarray, (n, 28, 28), uint8.
        ``y_train``, ``y_val``, ``y_test``: ndarray, (n,), int64, indices into `CLASSES`.
    """
    return load(FASHION_MNIST, num_train, num_val, num_test, seed, dtype=dtype, **options)
