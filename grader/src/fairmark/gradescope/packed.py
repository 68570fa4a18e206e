"""The instructors' version of an assignment as plain files, and back.

It holds what grading needs and no more: the cells that nbgrader knows, with their
hidden tests. Solutions are cleared, and marking schemes too, for no person marks
inside an autograder.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from fairmark.judged import Judged
from fairmark.limits import Limits
from fairmark.model import GradingError, Template, TemplateCell, TemplateNotebook

_VERSION = 2
_TEMPLATE, _FILES = "assignment.json", "files"
#: Who may see a test, and when; Gradescope's own words.
VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")


@dataclass(frozen=True)
class Settings:
    """How the autograder works.

    Attributes
    ----------
    visibility : str
        When students see the tests, one of `VISIBILITIES`.
    cell_seconds, notebook_seconds : float
        Time for one cell, and for one notebook.
    ignore : tuple of str
        nbgrader's patterns of files that do not count.
    max_kilobytes : int
        nbgrader's largest size of a file.
    """

    visibility: str = "visible"
    cell_seconds: float = Limits.cell_seconds
    notebook_seconds: float = Limits.notebook_seconds
    ignore: tuple[str, ...] = ()
    max_kilobytes: int = 100_000


def pack_assignment(template: Template, settings: Settings) -> dict[str, bytes]:
    """Write the instructors' version as files.

    Parameters
    ----------
    template : Template
        The instructors' version.
    settings : Settings
        How the autograder works.

    Returns
    -------
    dict
        Path to content.
    """
    notebooks = [
        {
            "name": notebook.name,
            "kernelspec": dict(notebook.kernelspec),
            "usual": list(notebook.usual),
            "cells": [asdict(_without_scheme(cell)) for cell in notebook.cells],
        }
        for notebook in template.notebooks
    ]
    content = {
        "version": _VERSION,
        "assignment": template.assignment,
        "settings": asdict(settings),
        "notebooks": notebooks,
    }
    files = {_TEMPLATE: json.dumps(content, indent=1, ensure_ascii=False).encode()}
    files.update({f"{_FILES}/{name}": data for name, data in template.files.items()})
    return files


def _without_scheme(cell: TemplateCell) -> TemplateCell:
    plain = replace(cell, meta=dict(cell.meta))
    return replace(plain, source=cell.released) if cell.by_hand else plain


def unpack_assignment(folder: Path) -> tuple[Template, Settings]:
    """Read what `pack_assignment` wrote.

    Parameters
    ----------
    folder : Path
        Where the files lie.

    Raises
    ------
    GradingError
        When they are missing, damaged, or of another version.
    """
    try:
        content = json.loads((folder / _TEMPLATE).read_text(encoding="utf-8"))
        if content["version"] != _VERSION:
            raise GradingError(
                f"The autograder's files are of version {content['version']}, and the package "
                f"reads version {_VERSION}. Make the archive again."
            )
        notebooks = tuple(
            TemplateNotebook(
                notebook["name"],
                notebook["kernelspec"],
                tuple(_cell(cell) for cell in notebook["cells"]),
                tuple(notebook["usual"]),
            )
            for notebook in content["notebooks"]
        )
        settings = Settings(
            **{**content["settings"], "ignore": tuple(content["settings"]["ignore"])}
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GradingError(f"The autograder's files cannot be read: {error}.") from error
    return Template(content["assignment"], notebooks, _files(folder / _FILES)), settings


def _cell(kept: dict[str, Any]) -> TemplateCell:
    return TemplateCell(**{**kept, "judged": Judged(kept["judged"])})


def _files(folder: Path) -> dict[str, bytes]:
    if not folder.is_dir():
        return {}
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(PurePosixPath(path.relative_to(folder))): path.read_bytes() for path in found}
