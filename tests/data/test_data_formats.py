"""Readers of the files in which the data sets come."""

import gzip
import pickle
import struct

import numpy as np
import pytest
from data_helpers import tar_of, write_batches, write_npm

from chainrule.data import formats
from chainrule.data.errors import DataDamaged


def same(left, right):
    assert left.keys() == right.keys()
    for name in left:
        np.testing.assert_array_equal(left[name], right[name])
        assert left[name].dtype == np.uint8


def test_folder_and_archive(small, tmp_path):
    folder = write_batches(small, tmp_path / "cifar-10-batches-py")
    same(formats.read_cifar10_folder(folder), small)
    archive = tar_of(folder, tmp_path / "a.tar.gz", "cifar-10-batches-py")
    same(formats.read_cifar10_archive(archive), small)


def test_npm(small, tmp_path):
    same(formats.read_cifar10_npm(write_npm(small, tmp_path / "a.tgz")), small)


def test_python2_module_names(small):
    """The official batches name numpy.core.multiarray, as Python 2's NumPy did."""
    raw = pickle.dumps({b"data": small["test_images"]}, protocol=2)
    old = raw.replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
    import io

    loaded = formats._ArrayUnpickler(io.BytesIO(old), encoding="bytes").load()
    np.testing.assert_array_equal(loaded[b"data"], small["test_images"])


class Evil:
    def __reduce__(self):
        return eval, ("__import__('pathlib').Path('harm').touch()",)


def test_pickle_that_runs_code_is_refused(small, tmp_path):
    folder = write_batches(small, tmp_path / "batches")
    (folder / "data_batch_3").write_bytes(pickle.dumps({b"data": Evil(), b"labels": []}))
    with pytest.raises(DataDamaged, match=r"builtins\.eval"):
        formats.read_cifar10_folder(folder)
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize("cut", [0, 10, 1000, -20_000])
@pytest.mark.parametrize("kind", ["archive", "npm"])
def test_cut_off(small, tmp_path, cut, kind):
    path = tmp_path / "whole"
    if kind == "archive":
        tar_of(write_batches(small, tmp_path / "batches"), path, "x")
    else:
        write_npm(small, path)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DataDamaged, match=r"is damaged or is something else"):
        getattr(formats, {"archive": "read_cifar10_archive", "npm": "read_cifar10_npm"}[kind])(path)


def test_any_flipped_byte_is_noticed_or_harmless(small, tmp_path):
    """A damaged file must end in DataDamaged or in arrays, never in another error."""
    whole = write_npm(small, tmp_path / "whole.tgz").read_bytes()
    plain = gzip.decompress(whole)
    rng = np.random.RandomState(2)
    damaged = tmp_path / "damaged.tgz"
    for place in rng.randint(len(plain), size=60):
        changed = bytearray(plain)
        changed[place] ^= 1 + rng.randint(255)
        damaged.write_bytes(gzip.compress(bytes(changed), 1))
        try:
            formats.read_cifar10_npm(damaged)
        except DataDamaged:
            pass


def test_missing_batch(small, tmp_path):
    folder = write_batches(small, tmp_path / "batches")
    (folder / "data_batch_4").unlink()
    with pytest.raises(DataDamaged, match=r"data_batch_4 is missing"):
        formats.read_cifar10_folder(folder)


def idx(array):
    head = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.tobytes()


@pytest.fixture
def fashion(tmp_path):
    rng = np.random.RandomState(3)
    arrays = {
        "train_images": rng.randint(256, size=(6, 28, 28)).astype(np.uint8),
        "train_labels": rng.randint(10, size=6).astype(np.uint8),
        "test_images": rng.randint(256, size=(4, 28, 28)).astype(np.uint8),
        "test_labels": rng.randint(10, size=4).astype(np.uint8),
    }
    for name, file in formats.FASHION_FILES.items():
        (tmp_path / f"{file}.gz").write_bytes(gzip.compress(idx(arrays[name])))
    return arrays, tmp_path


def test_fashion_gzipped_and_plain(fashion):
    arrays, folder = fashion
    same(formats.read_fashion_mnist_folder(folder), arrays)
    for path in folder.glob("*.gz"):
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    same(formats.read_fashion_mnist_folder(folder), arrays)


@pytest.mark.parametrize(
    "raw",
    [b"", b"no gzip", gzip.compress(b"no idx at all", mtime=0)],
    ids=["empty", "plain", "gzipped"],
)
def test_fashion_damaged(fashion, raw):
    _, folder = fashion
    (folder / "t10k-images-idx3-ubyte.gz").write_bytes(raw)
    with pytest.raises(DataDamaged):
        formats.read_fashion_mnist_folder(folder)


def test_fashion_missing_file(fashion):
    _, folder = fashion
    (folder / "train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataDamaged, match=r"missing"):
        formats.read_fashion_mnist_folder(folder)
