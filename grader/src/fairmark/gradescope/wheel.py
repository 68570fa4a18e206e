"""A package as a wheel, packed from where it is installed.

No repository and no build program is needed, so that an instructor who has
installed the package with pip can make an autograder.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

from fairmark.model import GradingError

#: What Python and editors leave in a folder of modules.
_NOISE = ("__pycache__", ".ipynb_checkpoints")
#: Files that no packing makes smaller.
_PRESSED = (".whl", ".npz", ".jpg", ".png")
_TAG = "py3-none-any"
#: The oldest time that a zip can hold: the same contents give the same bytes.
_TIME = (1980, 1, 1, 0, 0, 0)


def pack_wheel(package: str) -> tuple[str, bytes]:
    """Pack an installed package.

    Parameters
    ----------
    package : str
        Its name, as it is imported.

    Returns
    -------
    name : str
        Of the file, as pip wants it.
    data : bytes
        The wheel.

    Raises
    ------
    GradingError
        When the package is not installed, so that its metadata are missing.
    """
    try:
        found = distribution(_distribution_of(package))
    except PackageNotFoundError:
        raise GradingError(
            f"The package {package} is not installed here, so it cannot be packed. "
            "Install it with pip."
        ) from None
    stem = f"{package}-{found.version}"
    files = dict(_package_files(package))
    for name in ("METADATA", "entry_points.txt"):
        text = found.read_text(name)
        if text:
            files[f"{stem}.dist-info/{name}"] = text.encode()
    files[f"{stem}.dist-info/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: fairmark\nRoot-Is-Purelib: true\nTag: {_TAG}\n"
    ).encode()
    record = f"{stem}.dist-info/RECORD"
    files[record] = _record(files, record)
    return f"{stem}-{_TAG}.whl", zip_of(files)


def _distribution_of(package: str) -> str:
    return next(iter(packages_distributions().get(package, [])), package)


def _package_files(package: str) -> Iterator[tuple[str, bytes]]:
    root = Path(str(import_module(package).__file__)).resolve().parent
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root.parent)
        hidden = any(part in _NOISE or part.startswith(".") for part in relative.parts)
        if path.is_file() and not hidden:
            yield relative.as_posix(), path.read_bytes()


def _record(files: dict[str, bytes], own: str) -> bytes:
    lines = []
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(data)}")
    return "\n".join([*lines, f"{own},,", ""]).encode()


def zip_of(files: dict[str, bytes], executable: tuple[str, ...] = ()) -> bytes:
    """Make a zip that depends on nothing but names and contents.

    Parameters
    ----------
    files : dict
        Name to content.
    executable : tuple of str, optional
        Names of programs.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            info = zipfile.ZipInfo(name, _TIME)
            pressed = name.endswith(_PRESSED)
            info.compress_type = zipfile.ZIP_STORED if pressed else zipfile.ZIP_DEFLATED
            info.create_system = 3  # Unix: the mode below is one of its own
            info.external_attr = (0o100755 if name in executable else 0o100644) << 16
            archive.writestr(info, data)
    return buffer.getvalue()
