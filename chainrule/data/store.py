"""The cache: verified arrays on disk, as ``.npy`` files that are memory-mapped."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tokenize
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chainrule.data.errors import DataDamaged
from chainrule.whole_file import replacing

_CHUNK = 1 << 22
_STATE = "verified.json"


def say(text: str) -> None:
    """Tell the user what happens; goes to standard error, so that output stays clean."""
    print(text, file=sys.stderr, flush=True)


def data_folder(folder: Path | str | None = None) -> Path:
    """Give the folder that holds the data sets.

    Parameters
    ----------
    folder : str or Path, optional
        A choice that goes before all others.

    Returns
    -------
    Path
        `folder`, or else the environment variable ``CHAINRULE_DATA``, or else the
        platform's cache folder (``~/.cache/chainrule`` on Linux). It need not exist.
    """
    chosen = folder or os.environ.get("CHAINRULE_DATA")
    if not chosen:
        import pooch

        chosen = pooch.os_cache("chainrule")
    return Path(chosen).expanduser().absolute()


@dataclass(frozen=True)
class ArraySpec:
    """What one array of a data set must be.

    Parameters
    ----------
    name : str
        For example ``"train_images"``.
    shape : tuple of int
        Its shape; the type is always uint8.
    sha256 : str
        Hash of the raw bytes in C order, without any header.
    """

    name: str
    shape: tuple
    sha256: str


@dataclass(frozen=True)
class DatasetSpec:
    """What a data set consists of, whatever source it comes from.

    Parameters
    ----------
    name : str
        Short name, also that of its folder in the cache.
    title : str
        Name for people.
    arrays : tuple of ArraySpec
        Its arrays.
    by_hand : str
        Which file to fetch by hand, and from where.
    """

    name: str
    title: str
    arrays: tuple
    by_hand: str


def sha256_of(array: np.ndarray) -> str:
    """Hash the raw bytes of an array in C order, a few MB at a time."""
    digest = hashlib.sha256()
    rows = max(1, _CHUNK // max(1, array[:1].nbytes))
    for start in range(0, len(array), rows):
        digest.update(np.ascontiguousarray(array[start : start + rows]).data)
    return digest.hexdigest()


def check_array(array: np.ndarray, spec: ArraySpec) -> None:
    """Compare an array's type, shape and content with what it must be.

    Raises
    ------
    DataDamaged
        If one differs; the message says which.
    """
    if array.dtype != np.uint8 or array.shape != spec.shape:
        raise DataDamaged(
            f"{spec.name} is {array.dtype} of shape {array.shape}; uint8 of shape "
            f"{spec.shape} is expected"
        )
    found = sha256_of(array)
    if found != spec.sha256:
        raise DataDamaged(
            f"{spec.name} has the wrong content (sha256 {found[:12]}…, expected "
            f"{spec.sha256[:12]}…)"
        )


def check_arrays(arrays: Mapping[str, np.ndarray], spec: DatasetSpec) -> None:
    """Check all arrays of a data set.

    Raises
    ------
    DataDamaged
        If one is missing or differs.
    """
    for wanted in spec.arrays:
        if wanted.name not in arrays:
            raise DataDamaged(f"{wanted.name} is missing")
        check_array(arrays[wanted.name], wanted)


class Store:
    """One data set's place in the cache.

    A file is hashed once. Its size and time of change are then recorded, and it is
    hashed again only if one of them differs.

    Parameters
    ----------
    spec : DatasetSpec
        The data set.
    root : Path
        The data folder.
    """

    def __init__(self, spec: DatasetSpec, root: Path | str) -> None:
        self.spec = spec
        self.folder = Path(root) / spec.name

    def path(self, name: str) -> Path:
        """Return the path of one array's file."""
        return self.folder / f"{name}.npy"

    def ready(self, tell: Callable[[str], None] = say, rehash: bool = False) -> bool:
        """Say whether every array is there and verified; remove damaged files.

        Parameters
        ----------
        tell : callable
            Called with a sentence when something is damaged.
        rehash : bool
            Hash every file, whatever was recorded.

        Raises
        ------
        DataDamaged
            If a damaged file cannot be removed.
        """
        if not all(self.path(array.name).is_file() for array in self.spec.arrays):
            return False
        recorded = {} if rehash else self._recorded()
        state, news, good = {}, False, True
        for array in self.spec.arrays:
            now = self._fingerprint(array)
            state[array.name] = now
            if recorded.get(array.name) == now:
                continue
            news = True
            good = self._verify_file(array, tell) and good
        if good and news:
            self._record(state, tell)
        return good

    def open(self) -> dict[str, np.ndarray]:
        """Memory-map every array, read-only.

        Returns
        -------
        dict of str to ndarray
        """
        return {
            array.name: np.load(self.path(array.name), mmap_mode="r", allow_pickle=False)
            for array in self.spec.arrays
        }

    def write(self, arrays: Mapping[str, np.ndarray], tell: Callable[[str], None] = say) -> None:
        """Put checked arrays into the cache; a crash leaves no half-written file.

        Parameters
        ----------
        arrays : dict of str to ndarray
            The arrays; they were checked.
        tell : callable
            Called with a sentence for the user.

        Raises
        ------
        OSError
            If the folder cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        for array in self.spec.arrays:
            with replacing(self.path(array.name)) as stream:
                np.save(stream, np.ascontiguousarray(arrays[array.name]), allow_pickle=False)
        self._record({array.name: self._fingerprint(array) for array in self.spec.arrays}, tell)

    def nbytes(self) -> int:
        """Return the size on disk, in bytes."""
        paths = [self.path(array.name) for array in self.spec.arrays]
        return sum(path.stat().st_size for path in paths if path.is_file())

    def _verify_file(self, array, tell):
        path = self.path(array.name)
        try:
            check_array(np.load(path, mmap_mode="r", allow_pickle=False), array)
        except (DataDamaged, ValueError, EOFError, tokenize.TokenError) as error:
            tell(f"{path} is damaged: {error}. It is removed and fetched again.")
            self._remove(path)
            return False
        return True

    def _remove(self, path):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise DataDamaged(
                f"{path} is damaged and cannot be removed ({error}). Remove it, or set "
                "CHAINRULE_DATA to a folder of your own."
            ) from error

    def _fingerprint(self, array):
        stat = self.path(array.name).stat()
        return {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "sha256": array.sha256}

    def _recorded(self):
        try:
            recorded = json.loads((self.folder / _STATE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):  # unreadable: hashing again does no harm
            return {}
        return recorded if isinstance(recorded, dict) else {}

    def _record(self, state, tell):
        try:
            with replacing(self.folder / _STATE) as stream:
                stream.write(json.dumps(state, indent=1).encode())
        except OSError as error:
            tell(
                f"{self.folder} cannot be written ({error}), so {self.spec.title} is hashed "
                "again at every start."
            )
