"""Arrays in ``.npz`` files, written whole and read without trusting them.

A file that somebody handed in may be damaged or made to do harm. Nothing is
unpickled, sizes are checked before memory is taken, and every problem has a
sentence that says what to do.
"""

import io
import math
import tokenize
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from chainrule.whole_file import replacing

#: A two-layer network on CIFAR-10 with 1,900 hidden units still fits, in float32.
LARGEST_FILE = 25_000_000
MOST_ARRAYS = 40
_LARGEST_HEADER = 10_000


class ResultError(ValueError):
    """A file with results cannot be used; the message says why and what to do."""


def write_arrays(file: str | Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write an ``.npz`` file; it is complete or not there at all."""
    with replacing(file) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, value in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, np.asarray(value), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), content.getvalue())


def read_arrays(file: str | Path) -> dict[str, np.ndarray]:
    """Read all arrays of an ``.npz`` file, without unpickling anything.

    Raises
    ------
    ResultError
        If the file is missing, too large, damaged, or holds anything but arrays of
        numbers and text.
    """
    path = Path(file)
    if not path.is_file():
        raise ResultError(f"There is no file {path.name} beside the notebook.")
    if path.stat().st_size > LARGEST_FILE + 1_000_000:
        raise ResultError(
            f"{path.name} has {path.stat().st_size / 1e6:.0f} MB; at most "
            f"{LARGEST_FILE / 1e6:.0f} MB are read. Use fewer hidden units."
        )
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_sizes(path.name, members)
            return {m.filename.removesuffix(".npy"): _read_member(archive, m) for m in members}
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, NotImplementedError,
            RuntimeError) as error:  # fmt: skip
        raise ResultError(
            f"{path.name} is damaged or is no .npz file ({error}). Save it again with save_results."
        ) from None


def _check_sizes(name: str, members: list[zipfile.ZipInfo]) -> None:
    total = sum(member.file_size for member in members)
    if len(members) > MOST_ARRAYS or total > LARGEST_FILE + 1_000_000:
        raise ResultError(
            f"{name} unpacks to {len(members)} arrays and {total / 1e6:.0f} MB; at most "
            f"{MOST_ARRAYS} arrays and {LARGEST_FILE / 1e6:.0f} MB are read."
        )


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    """Read one array; its header is compared with its size before memory is taken."""
    with archive.open(member) as stream:
        content = stream.read(member.file_size)
    stream = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            header = np.lib.format.read_array_header_1_0(stream, _LARGEST_HEADER)
        else:
            header = np.lib.format.read_array_header_2_0(stream, _LARGEST_HEADER)
        shape, fortran, dtype = header
        if dtype.hasobject:
            raise ResultError(
                f"{member.filename} holds Python objects, which are never unpickled. "
                "Save plain arrays, with save_results."
            )
        if any(n < 0 for n in shape) or math.prod(shape) * dtype.itemsize != len(content) - (
            stream.tell()
        ):
            raise ValueError("its header does not fit its size")
        data = np.frombuffer(content, dtype, offset=stream.tell())
    except ResultError:
        raise
    # NumPy reads a header by Python's own tokens, which from 3.12 on fail in a way of their own.
    except (ValueError, tokenize.TokenError) as error:
        raise ResultError(
            f"{member.filename} is no NumPy array ({error}). Save it again with save_results."
        ) from None
    return data.reshape(shape, order="F" if fortran else "C").copy()
