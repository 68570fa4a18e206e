"""What CIFAR-10 and Fashion-MNIST have in common: opening, splitting, gathering."""

from __future__ import annotations

import io
import itertools
import sys
import warnings
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike

from chainrule.data.download import Patience
from chainrule.data.errors import DataDamaged, DataUnavailable, SubsetWarning
from chainrule.data.origins import Context, Source, fetch, is_offline
from chainrule.data.store import DatasetSpec, Store, data_folder, say, sha256_of

_BLOCK = 512
"""Images read at a time: 1.6 MB of CIFAR-10 fits the processor's cache."""


@dataclass(frozen=True)
class ImageData:
    """A data set of images with its fixed training and test part.

    Parameters
    ----------
    name : str
        For people.
    where : str
        Where it came from.
    complete : bool
        False for the bundled subset.
    train_images, test_images : ndarray, (N, ...), uint8
        Often memory-mapped and read-only; ``np.array(...)`` makes a copy.
    train_labels, test_labels : ndarray, (N,), uint8
        Classes from 0.
    train_index, test_index : ndarray, (N,), int64
        Positions in the whole training and test set.
    """

    name: str
    where: str
    complete: bool
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    train_index: np.ndarray
    test_index: np.ndarray


@dataclass(frozen=True)
class Subset:
    """A bundled subset: real images in a PNG, one below the other, and labels.

    Parameters
    ----------
    stem : str
        Beginning of the names of its files in ``chainrule/data/files``.
    shape : tuple of int
        Height, width and, for colour, 3.
    planar : bool
        Give an image as flat colour planes, as in CIFAR-10's own files.
    sha256 : dict of str to str
        Hash of each array's raw bytes.
    """

    stem: str
    shape: tuple[int, ...]
    planar: bool
    sha256: dict[str, str]

    def part(self, part: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Read one part.

        Parameters
        ----------
        part : {"train", "test"}
            Which.

        Returns
        -------
        images : ndarray, uint8
            (N, 3072) for CIFAR-10, (N, 28, 28) for Fashion-MNIST.
        labels : ndarray, (N,), uint8
        index : ndarray, (N,), int64
            Positions in the whole training or test set.

        Raises
        ------
        DataDamaged
            If the packaged files are missing or were changed.
        """
        kept = _KEPT.get(self._key(part))
        return self._decode(part) if kept is None else kept

    def keep(self) -> None:
        """Read both parts and keep them as long as the process; nobody can write into them.

        For programs that open the subset again and again: to decode it takes 0.2 s.

        Raises
        ------
        DataDamaged
            As for `part`.
        """
        for part in ("train", "test"):
            arrays = self._decode(part)
            for array in arrays:
                array.flags.writeable = False
            _KEPT[self._key(part)] = arrays

    def _key(self, part: str) -> tuple[object, ...]:
        return self.stem, part, *sorted(self.sha256.items())

    def _decode(self, part: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        images, labels, index = self._read(part)
        if self.planar:
            images = np.ascontiguousarray(images.transpose(0, 3, 1, 2)).reshape(len(images), -1)
        for name, array in (("images", images), ("labels", labels), ("index", index)):
            if sha256_of(array) != self.sha256[f"{part}_{name}"]:
                raise DataDamaged(
                    f"the packaged {self.stem} subset was changed ({part} {name}); "
                    "install chainrule anew"
                )
        return images, labels, index.astype(np.int64)

    def _read(self, part: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        from PIL import Image

        files = resources.files("chainrule.data").joinpath("files")
        try:
            picture = files.joinpath(f"{self.stem}_{part}.png").read_bytes()
            tables = files.joinpath(f"{self.stem}.npz").read_bytes()
            with Image.open(io.BytesIO(picture)) as png:
                images = np.asarray(png).reshape(-1, *self.shape)
            with np.load(io.BytesIO(tables), allow_pickle=False) as loaded:
                return images, loaded[f"{part}_labels"], loaded[f"{part}_index"]
        except (OSError, ValueError, KeyError, SyntaxError, zipfile.BadZipFile) as error:
            raise DataDamaged(
                f"the packaged {self.stem} subset is missing or damaged ({error}); "
                "install chainrule anew"
            ) from error


#: Parts of subsets that are kept in memory.
_KEPT: dict[tuple[object, ...], tuple[np.ndarray, np.ndarray, np.ndarray]] = {}


@dataclass(frozen=True)
class ImageSet:
    """A data set of images with its sources and its bundled subset.

    Parameters
    ----------
    spec : DatasetSpec
        What the whole must be.
    sources : tuple
        Where it can come from, in order.
    subset : Subset
        What ships in the package.
    """

    spec: DatasetSpec
    sources: tuple[Source, ...]
    subset: Subset

    def open(
        self,
        source: str = "auto",
        folder: Path | str | None = None,
        local: Sequence[Path] = (),
        patience: Patience | None = None,
        tell: Callable[[str], None] = say,
        again: bool = False,
    ) -> ImageData:
        """Open the data set.

        Parameters
        ----------
        source : {"auto", "full", "cache", "subset"}
            ``auto`` takes the cache, else fetches, else takes the subset with a
            `SubsetWarning`. ``full`` does without the subset, ``cache`` fetches
            nothing, ``subset`` takes the bundled subset only.
        folder : str or Path, optional
            The data folder; see `data_folder`.
        local : sequence of Path
            Folders to look in before any other source.
        patience : Patience, optional
            When to give up on a host.
        tell : callable
            Called with a sentence for the user.
        again : bool
            Hash the cache anew and repeat a search that has just failed.

        Returns
        -------
        ImageData

        Raises
        ------
        DataUnavailable
            If it is not to be had; with ``auto`` never.
        ValueError
            For another `source`.

        Warns
        -----
        SubsetWarning
            If ``auto`` ends with the subset.
        """
        if source not in ("auto", "full", "cache", "subset"):
            raise ValueError(f"source is {source!r}; auto, full, cache or subset is expected")
        if source == "subset":
            return self.open_subset()
        root = data_folder(folder)
        if source == "cache":
            return self._open_cache(root, tell)
        context = Context(
            root, tuple(Path(path) for path in local), is_offline(), patience or Patience(), tell
        )
        try:
            where, arrays = fetch(self.spec, self.sources, context, again)
        except DataUnavailable as error:
            if source == "full":
                raise
            data = self.open_subset()
            _warn(_subset_text(self.spec, data, error))
            return data
        return self._whole(where, arrays)

    def open_subset(self) -> ImageData:
        """Open the bundled subset; see `Subset.part` for what is raised."""
        train, test = self.subset.part("train"), self.subset.part("test")
        return ImageData(
            name=self.spec.title,
            where="the subset that ships with chainrule",
            complete=False,
            train_images=train[0],
            train_labels=train[1],
            train_index=train[2],
            test_images=test[0],
            test_labels=test[1],
            test_index=test[2],
        )

    def _open_cache(self, root: Path, tell: Callable[[str], None]) -> ImageData:
        store = Store(self.spec, root)
        if not store.ready(tell):
            raise DataUnavailable(
                f"{self.spec.title} is not in {store.folder}. Fetch it with: "
                f"chainrule data {self.spec.name}"
            )
        return self._whole(str(store.folder), store.open())

    def _whole(self, where: str, arrays: dict[str, np.ndarray]) -> ImageData:
        return ImageData(
            name=self.spec.title,
            where=where,
            complete=True,
            train_index=np.arange(len(arrays["train_labels"])),
            test_index=np.arange(len(arrays["test_labels"])),
            **arrays,
        )


def _subset_text(spec, data, error):
    return (
        f"{spec.title} as a whole could not be had, so the bundled subset is used: "
        f"{len(data.train_labels):,} training and {len(data.test_labels):,} test images. "
        f"Accuracies will be lower than those in the text.\n{error}"
    )


def _warn(text):
    """Warn in the name of the first caller outside this package, where the user looks."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("chainrule.data."):
        level, frame = level + 1, frame.f_back
    warnings.warn(text, SubsetWarning, stacklevel=level)


def split(
    data: ImageData, num_train: int, num_val: int, num_test: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Choose which images to use for what.

    The validation images come from the training set's end of a shuffled order and
    the training images from its beginning, so the validation set stays the same
    when only `num_train` changes.

    Parameters
    ----------
    data : ImageData
        The data set.
    num_train, num_val, num_test : int
        How many images; training and validation images never overlap.
    seed : int
        Seed of the order. The same seed gives the same split with every version
        of NumPy.

    Returns
    -------
    train, val, test : ndarray, (n,), int64
        Rows of `data`'s training set (train, val) and test set (test).

    Raises
    ------
    ValueError
        For negative numbers, or for more images than the whole data set has.

    Warns
    -----
    SubsetWarning
        If `data` is the subset and has fewer images than were asked for. All of it
        is then divided in the proportion that was asked for.
    """
    asked = {"num_train": num_train, "num_val": num_val, "num_test": num_test}
    for name, number in asked.items():
        if number < 0:
            raise ValueError(f"{name} is {number}; it cannot be negative")
    have, have_test = len(data.train_labels), len(data.test_labels)
    if num_train + num_val > have or num_test > have_test:
        if data.complete:
            raise ValueError(
                f"{data.name} has {have:,} training and {have_test:,} test images; num_train + "
                f"num_val = {num_train + num_val:,} and num_test = {num_test:,} were asked for"
            )
        num_train, num_val, num_test = _shrink(data, num_train, num_val, num_test)
    order = np.random.RandomState([seed, 0]).permutation(have)
    test_order = np.random.RandomState([seed, 1]).permutation(have_test)
    return order[:num_train], order[have - num_val :], test_order[:num_test]


def _shrink(data, num_train, num_val, num_test):
    have, have_test = len(data.train_labels), len(data.test_labels)
    wanted = num_train + num_val
    if wanted > have:
        val = round(have * num_val / wanted)
        given = (have - val, val, min(num_test, have_test))
    else:
        given = (num_train, num_val, min(num_test, have_test))
    _warn(
        f"{num_train:,} training, {num_val:,} validation and {num_test:,} test images were asked "
        f"for, but the subset of {data.name} has only {have:,} and {have_test:,}. You get "
        f"{given[0]:,}, {given[1]:,} and {given[2]:,}."
    )
    return given


def gather(images: np.ndarray, rows: np.ndarray, dtype: DTypeLike = np.uint8) -> np.ndarray:
    """Copy chosen images, block by block, into a new array.

    Only the result and one block are in memory at a time, even if `images` is a
    file of 150 MB.

    Parameters
    ----------
    images : ndarray, (N, ...), uint8
        All images, memory-mapped or not.
    rows : ndarray, (n,), int
        Which to take, in this order.
    dtype : dtype
        uint8 gives the bytes; a floating type gives them divided by 255, in [0, 1].

    Returns
    -------
    ndarray, (n, ...), of type `dtype`
    """
    dtype = np.dtype(dtype)
    result = np.empty((len(rows), *images.shape[1:]), dtype)
    by_place = np.argsort(rows, kind="stable")
    places = rows[by_place]
    edges = np.searchsorted(places, np.arange(0, len(images) + _BLOCK, _BLOCK))
    for number, (start, stop) in enumerate(itertools.pairwise(edges)):
        if start == stop:
            continue
        first = number * _BLOCK
        block = _map_again(images)[first : first + _BLOCK]
        chosen = block[places[start:stop] - first]
        if dtype.kind == "f":
            chosen = np.divide(chosen, 255, dtype=dtype)
        result[by_place[start:stop]] = chosen
    return result


def _map_again(images):
    """Map a file anew, so that the pages of earlier blocks are given back."""
    if not isinstance(images, np.memmap) or images.filename is None:
        return images
    return np.memmap(
        images.filename, images.dtype, mode="r", offset=images.offset, shape=images.shape
    )


def load(
    image_set: ImageSet,
    num_train: int,
    num_val: int,
    num_test: int,
    seed: int,
    *,
    dtype: DTypeLike,
    source: str = "auto",
    folder: Path | str | None = None,
    index: bool = False,
) -> dict[str, np.ndarray]:
    """Load a set of images, split into training, validation and test images.

    Parameters
    ----------
    image_set : ImageSet
        The data set.
    num_train, num_val : int
        Images from the training set. No image is in both.
    num_test : int
        Images from the test set.
    seed : int
        Seed of the split; the same seed gives the same split on every machine.
    dtype : dtype
        uint8 gives the bytes; float32 gives values in [0, 1].
    source : {"auto", "full", "cache", "subset"}
        See `ImageSet.open`.
    folder : str or Path, optional
        The data folder; else ``CHAINRULE_DATA``, else the platform's cache.
    index : bool
        Add ``index_train``, ``index_val``, ``index_test``: positions in the whole
        training and test set.

    Returns
    -------
    dict
        ``X_train``, ``X_val`` and ``X_test``, and ``y_train``, ``y_val`` and ``y_test``:
        ndarray, (n,), int64.

    Raises
    ------
    ValueError
        If more images are asked for than the data set has.
    DataUnavailable
        If it is not to be had; only when `source` is ``full`` or ``cache``.

    Warns
    -----
    SubsetWarning
        If the bundled subset takes the place of the whole, and if it has fewer
        images than were asked for; the warning gives the numbers.
    """
    data = image_set.open(source=source, folder=folder)
    train, val, test = split(data, num_train, num_val, num_test, seed)
    result = {}
    for part, rows in (("train", train), ("val", val), ("test", test)):
        kind = "test" if part == "test" else "train"
        result[f"X_{part}"] = gather(getattr(data, f"{kind}_images"), rows, dtype)
        result[f"y_{part}"] = getattr(data, f"{kind}_labels")[rows].astype(np.int64)
        if index:
            result[f"index_{part}"] = getattr(data, f"{kind}_index")[rows]
    return result
