"""Trained weights in files: written small, read without trusting them.

A file that somebody handed in may be damaged or made to do harm. Only tensors are
read, its sizes are checked before memory is taken, and every problem has a sentence
that says what to do.
"""

from __future__ import annotations

import hashlib
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch

from chainrule.whole_file import replacing

#: A network with six million parameters still fits.
LARGEST_FILE = 25_000_000
MOST_TENSORS = 1000


class WeightsError(ValueError):
    """A file with weights cannot be used; the message says why and what to do."""


def save_weights(model: torch.nn.Module, file: str | Path) -> Path:
    """Save the weights of a model, and nothing else of it.

    Parameters
    ----------
    model : torch.nn.Module
    file : str or Path
        For example ``"cnn.pt"``. An older file is replaced.

    Raises
    ------
    WeightsError
        If a weight holds NaN or infinity, or the file would be too large.
    """
    state = {name: value.detach().cpu().clone() for name, value in model.state_dict().items()}
    for name, value in state.items():
        if value.is_floating_point() and not bool(torch.isfinite(value).all()):
            raise WeightsError(
                f"{name} holds NaN or infinity: the training has diverged. Nothing was saved."
            )
    size = sum(value.numel() * value.element_size() for value in state.values())
    if size > LARGEST_FILE:
        raise WeightsError(
            f"The weights take {size / 1e6:.0f} MB; {LARGEST_FILE / 1e6:.0f} MB can be handed in. "
            "Use fewer or narrower layers."
        )
    with replacing(file) as stream:
        torch.save(state, stream)
    return Path(file)


def read_weights(file: str | Path) -> dict[str, torch.Tensor]:
    """Read the weights that `save_weights` or ``torch.save(model.state_dict(), file)`` wrote.

    Returns
    -------
    dict of str to tensor
        On the CPU.

    Raises
    ------
    WeightsError
        If the file is missing, too large, damaged, holds anything but tensors, or a
        weight is not finite.
    """
    path = Path(file)
    name = path.name
    if not path.is_file():
        raise WeightsError(
            f"There is no file {name} beside the notebook. Train, save the weights, and hand the "
            "file in with the notebook."
        )
    _check_sizes(path)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise WeightsError(
            f"{name} holds more than weights, and that is not read. Save "
            "`save_weights(model, file)`, not the model itself."
        ) from None
    except (RuntimeError, EOFError, OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{name} is damaged ({_short(error)}). Save it again.") from None
    if not isinstance(state, Mapping) or not state:
        raise WeightsError(f"{name} holds no weights by name. Save it with save_weights.")
    return {key: _checked(name, key, value) for key, value in state.items()}


def fingerprint(state: Mapping[str, torch.Tensor]) -> str:
    """Return a short hash of weights in half precision, independent of their order."""
    hashes = sorted(
        hashlib.sha256(
            f"{name} {tuple(value.shape)}".encode()
            + value.detach().cpu().to(torch.float16).contiguous().numpy().tobytes()
        ).hexdigest()
        for name, value in state.items()
        if value.is_floating_point()
    )
    return hashlib.sha256("".join(hashes).encode()).hexdigest()[:16]


def _check_sizes(path: Path) -> None:
    size = path.stat().st_size
    if size > LARGEST_FILE + 1_000_000:
        raise WeightsError(
            f"{path.name} has {size / 1e6:.0f} MB; at most {LARGEST_FILE / 1e6:.0f} MB are read. "
            "Use fewer or narrower layers, and save nothing but the weights."
        )
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise WeightsError(
            f"{path.name} is damaged or holds no weights ({_short(error)}). Save it again with "
            "save_weights."
        ) from None
    unpacked = sum(member.file_size for member in members)
    if unpacked > LARGEST_FILE + 1_000_000 or len(members) > 2 * MOST_TENSORS:
        raise WeightsError(
            f"{path.name} unpacks to {unpacked / 1e6:.0f} MB in {len(members)} parts, which is too "
            "much to be read."
        )


def _checked(file: str, key, value) -> torch.Tensor:
    if not isinstance(key, str) or not isinstance(value, torch.Tensor):
        raise WeightsError(
            f"{file}: {str(key)[:60]!r} is of type {type(value).__name__}, not a tensor. Save "
            "`save_weights(model, file)`: the weights alone, without an optimizer or a history."
        )
    # A small file can describe a huge tensor by repeating one number.
    if value.is_sparse or value.numel() * value.element_size() > LARGEST_FILE:
        raise WeightsError(f"{file}: {key} is too large or no plain tensor.")
    if value.is_floating_point() and not bool(torch.isfinite(value).all()):
        raise WeightsError(f"{file}: {key} holds NaN or infinity: the training has diverged.")
    return value


def _short(error: Exception) -> str:
    return str(error).strip().split("\n")[0][:120] or type(error).__name__
