"""The loaders: the bundled subsets, the splits, the whole data sets where they are."""

import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from chainrule.data import (
    CIFAR10,
    FASHION_MNIST,
    DataDamaged,
    DataUnavailable,
    ImageData,
    SubsetWarning,
    load_cifar10,
    load_fashion_mnist,
)
from chainrule.data import cifar10 as cifar10_module
from chainrule.data import fashion_mnist as fashion_module
from chainrule.data.images import gather, split
from chainrule.data.origins import Context, fetch
from chainrule.data.store import Store, sha256_of

SETS = [CIFAR10, FASHION_MNIST]
PARTS = ("train", "val", "test")


@pytest.fixture
def no_sources():
    """Take the sources away for one test, whatever this machine has."""
    kept = [image_set.sources for image_set in SETS]
    for image_set in SETS:
        object.__setattr__(image_set, "sources", ())
    yield
    for image_set, sources in zip(SETS, kept, strict=True):
        object.__setattr__(image_set, "sources", sources)


# --- the bundled subsets -------------------------------------------------------


@pytest.mark.parametrize("image_set", SETS, ids=["cifar10", "fashion"])
def test_subset_is_balanced_and_knows_its_originals(image_set):
    data = image_set.open("subset")
    assert not data.complete
    for part, per_class, whole in (("train", 300, image_set.spec.arrays[0]), ("test", 100, None)):
        images, labels = getattr(data, f"{part}_images"), getattr(data, f"{part}_labels")
        index = getattr(data, f"{part}_index")
        assert images.dtype == labels.dtype == np.uint8
        np.testing.assert_array_equal(np.bincount(labels), [per_class] * 10)
        assert len(images) == len(index) == len(np.unique(index)) == 10 * per_class
        limit = whole.shape[0] if whole else 10000
        assert index.min() >= 0 and index.max() < limit
    assert data.train_images.shape[1:] == image_set.spec.arrays[0].shape[1:]


@pytest.mark.parametrize("image_set", SETS, ids=["cifar10", "fashion"])
def test_subset_against_the_originals(image_set, full_root):
    whole = image_set.open("cache", folder=full_root(image_set))
    small = image_set.open("subset")
    for part in ("train", "test"):
        index = getattr(small, f"{part}_index")
        for what in ("images", "labels"):
            name = f"{part}_{what}"
            np.testing.assert_array_equal(getattr(small, name), getattr(whole, name)[index])


@pytest.mark.parametrize("image_set", SETS, ids=["cifar10", "fashion"])
def test_changed_package_file_is_noticed(image_set, monkeypatch):
    from chainrule.data.images import Subset

    subset = image_set.subset
    other = Subset(subset.stem, subset.shape, subset.planar, {**subset.sha256, "test_labels": "0"})
    with pytest.raises(DataDamaged, match=r"test labels.*install chainrule anew"):
        other.part("test")
    with pytest.raises(DataDamaged, match=r"missing or damaged"):
        Subset("no_such_set", subset.shape, subset.planar, {}).part("test")


@pytest.mark.parametrize("image_set", SETS, ids=["cifar10", "fashion"])
def test_a_subset_that_is_kept_is_the_same_and_cannot_be_changed(image_set, monkeypatch):
    from chainrule.data import images

    monkeypatch.setattr(images, "_KEPT", {})
    before = image_set.open("subset")
    image_set.subset.keep()
    after, again = image_set.open("subset"), image_set.open("subset")
    for name, array in vars(before).items():
        if isinstance(array, np.ndarray):
            kept = getattr(after, name)
            assert kept is getattr(again, name) and np.array_equal(kept, array)
            with pytest.raises(ValueError, match="read-only"):
                kept[0] = 0
    test_changed_package_file_is_noticed(image_set, monkeypatch)


def test_package_is_small():
    folder = Path(cifar10_module.__file__).parent / "files"
    assert sum(path.stat().st_size for path in folder.iterdir()) < 14e6


# --- falling back ---------------------------------------------------------------


def test_fallback_is_said_with_numbers_and_reasons(no_sources, own_folder):
    with pytest.warns(SubsetWarning) as caught:
        data = load_cifar10()
    texts = [str(warning.message) for warning in caught]
    assert any("3,000 training and 1,000 test images" in text for text in texts)
    assert any("could not be had. Tried" in text and str(own_folder) in text for text in texts)
    assert any("You get 2,000, 1,000 and 1,000." in text for text in texts)
    assert [len(data[f"y_{part}"]) for part in PARTS] == [2000, 1000, 1000]
    assert all(Path(warning.filename).name == Path(__file__).name for warning in caught)


def test_fallback_gives_what_was_asked_where_it_can(no_sources):
    with pytest.warns(SubsetWarning) as caught:
        data = load_cifar10(500, 100, 200)
    assert len(caught) == 1
    assert [len(data[f"y_{part}"]) for part in PARTS] == [500, 100, 200]


def test_fashion_fallback(no_sources):
    with pytest.warns(SubsetWarning):
        data = load_fashion_mnist()
    assert [data[f"X_{part}"].shape for part in PARTS] == [
        (2500, 28, 28),
        (500, 28, 28),
        (1000, 28, 28),
    ]


def test_full_does_without_the_subset(no_sources):
    with pytest.raises(DataUnavailable):
        load_cifar10(source="full")


def test_cache_only(own_folder):
    with pytest.raises(DataUnavailable, match=r"chainrule data cifar10"):
        load_cifar10(source="cache")


def test_subset_on_purpose_warns_only_when_too_small():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_cifar10(2000, 500, 1000, source="subset")
    with pytest.warns(SubsetWarning, match=r"You get 100, 100 and 1,000"):
        load_cifar10(100, 100, 5000, source="subset")


def test_unknown_source():
    with pytest.raises(ValueError, match="auto, full, cache or subset"):
        load_cifar10(source="internet")


# --- splits ------------------------------------------------------------------------


def small_load(**changes):
    options = {"num_train": 600, "num_val": 200, "num_test": 300, "index": True, **changes}
    return load_cifar10(source="subset", **options)


def test_form():
    data = load_cifar10(600, 200, 300, source="subset")
    assert list(data) == ["X_train", "y_train", "X_val", "y_val", "X_test", "y_test"]
    for part, count in zip(PARTS, (600, 200, 300), strict=True):
        images, labels = data[f"X_{part}"], data[f"y_{part}"]
        assert images.shape == (count, 3072) and images.dtype == np.float32
        assert 0 <= images.min() < 0.05 and 0.95 < images.max() <= 1
        assert labels.shape == (count,) and labels.dtype == np.int64
        assert images.flags.writeable and images.flags.c_contiguous


def test_split_is_disjoint_and_the_same_every_time():
    one, two = small_load(), small_load()
    assert not set(one["index_train"]) & set(one["index_val"])
    for name in one:
        np.testing.assert_array_equal(one[name], two[name])


def test_seed_changes_the_split():
    assert (small_load()["index_train"] != small_load(seed=1)["index_train"]).any()


def test_validation_and_test_set_do_not_depend_on_num_train():
    one, two = small_load(), small_load(num_train=50)
    for name in ("index_val", "index_test"):
        np.testing.assert_array_equal(one[name], two[name])
    np.testing.assert_array_equal(one["index_train"][:50], two["index_train"])


def test_index_points_to_the_images():
    data, subset = small_load(dtype=np.uint8), CIFAR10.open("subset")
    for part, kind in (("train", "train"), ("val", "train"), ("test", "test")):
        row = np.searchsorted(getattr(subset, f"{kind}_index"), data[f"index_{part}"])
        np.testing.assert_array_equal(getattr(subset, f"{kind}_images")[row], data[f"X_{part}"])
        np.testing.assert_array_equal(getattr(subset, f"{kind}_labels")[row], data[f"y_{part}"])


def test_planes_are_red_green_blue():
    """The mean colour of many photographs of ships and planes is bluish."""
    data = small_load(num_train=3000, num_val=0)
    sea = data["X_train"][np.isin(data["y_train"], (0, 8))].reshape(-1, 3, 1024).mean(axis=(0, 2))
    assert sea[2] > sea[1] > sea[0]


def whole(count=100, count_test=40):
    index = np.arange(count)
    images = np.zeros((count, 4), np.uint8)
    labels = np.zeros(count, np.uint8)
    return ImageData(
        "Made set", "here", True, images, labels, images[:count_test], labels[:count_test],
        index, index[:count_test],
    )  # fmt: skip


@pytest.mark.parametrize("counts", [(90, 11, 0), (0, 0, 41), (101, 0, 0)])
def test_more_than_there_is_is_an_error(counts):
    with pytest.raises(ValueError, match=r"100 training and 40 test images"):
        split(whole(), *counts, 442)


@pytest.mark.parametrize("counts", [(-1, 0, 0), (0, -1, 0), (0, 0, -1)])
def test_negative_is_an_error(counts):
    with pytest.raises(ValueError, match="cannot be negative"):
        split(whole(), *counts, 442)


def test_all_and_none():
    train, val, test = split(whole(), 100, 0, 40, 442)
    assert sorted(train) == list(range(100)) and len(val) == 0 and sorted(test) == list(range(40))
    train, val, test = split(whole(), 0, 0, 0, 442)
    assert len(train) == len(val) == len(test) == 0


def test_split_is_frozen():
    """Handed-in work refers to this split: a change of it would be a new course."""
    train, val, test = split(whole(), 5, 5, 5, 442)
    assert (train.tolist(), val.tolist(), test.tolist()) == FROZEN


FROZEN = ([95, 8, 81, 79, 94], [83, 14, 13, 27, 12], [14, 3, 37, 12, 23])


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
@pytest.mark.parametrize("mapped", [False, True])
def test_gather(tmp_path, dtype, mapped):
    images = np.random.RandomState(0).randint(256, size=(1500, 2, 3)).astype(np.uint8)
    if mapped:
        np.save(tmp_path / "images.npy", images)
        source = np.load(tmp_path / "images.npy", mmap_mode="r")
    else:
        source = images
    for rows in (np.arange(1500), np.array([1499, 0, 7, 7, 512, 511]), np.array([], dtype=int)):
        result = gather(source, rows, dtype)
        expected = images[rows] if dtype == np.uint8 else images[rows].astype(dtype) / dtype(255)
        np.testing.assert_array_equal(result, expected)
        assert result.dtype == dtype


# --- the whole data sets ----------------------------------------------------------


def test_whole_cifar10(full_root):
    root = full_root(CIFAR10)
    data = load_cifar10(45000, 5000, 10000, source="cache", folder=root, dtype=np.uint8, index=True)
    assert sorted([*data["index_train"], *data["index_val"]]) == list(range(50000))
    images = np.concatenate([data["X_train"], data["X_val"]]).reshape(-1, 3, 1024)
    np.testing.assert_allclose(images.mean(axis=(0, 2)) / 255, cifar10_module.MEAN, atol=1e-6)
    np.testing.assert_allclose(images.std(axis=(0, 2)) / 255, cifar10_module.STD, atol=1e-5)
    with pytest.raises(ValueError, match="50,000 training"):
        load_cifar10(45001, 5000, 10000, source="cache", folder=root)


def test_whole_fashion_mnist(full_root):
    root = full_root(FASHION_MNIST)
    data = load_fashion_mnist(source="cache", folder=root)
    assert [data[f"X_{part}"].shape for part in PARTS] == [
        (50000, 28, 28),
        (10000, 28, 28),
        (10000, 28, 28),
    ]
    pixels = data["X_train"].astype(np.float64) / 255
    assert abs(pixels.mean() - fashion_module.MEAN) < 1e-3
    assert abs(pixels.std() - fashion_module.STD) < 1e-3


def test_content_hashes_of_the_whole(full_root):
    for image_set in SETS:
        store = Store(image_set.spec, full_root(image_set))
        arrays = store.open()
        for array in image_set.spec.arrays:
            assert sha256_of(arrays[array.name]) == array.sha256


def test_systems_fashion_mnist(own_folder, said):
    if not Path("/usr/share/datasets/fashion-mnist").is_dir():
        pytest.skip("the system has no Fashion-MNIST; apt install dataset-fashion-mnist")
    context = Context(own_folder, offline=True, tell=said)
    fetch(FASHION_MNIST.spec, FASHION_MNIST.sources, context)
    assert "from /usr/share/datasets/fashion-mnist" in said.text


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read in /proc")
def test_all_of_cifar10_takes_no_more_than_250_mb(full_root):
    code = f"""
import numpy as np
from chainrule.data import CIFAR10, load_cifar10
data = load_cifar10(45000, 5000, 10000, source="cache", folder={str(full_root(CIFAR10))!r},
                    dtype=np.uint8)
assert sum(len(data[name]) for name in ("y_train", "y_val", "y_test")) == 60000
print([line for line in open("/proc/self/status") if line.startswith("VmHWM")][0].split()[1])
"""
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert int(run.stdout) * 1024 < 250e6


def test_import_needs_numpy_only():
    code = """
import sys
import chainrule.data
heavy = {"PIL", "pooch", "requests", "rich", "sklearn", "torch", "matplotlib", "filelock"}
print(sorted(heavy & set(sys.modules)))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
