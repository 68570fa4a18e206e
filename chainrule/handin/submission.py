"""Look through an assignment before it is handed in, and pack it.

A submission is one zip that holds one folder, named after the student's id, with
the notebooks of the assignment, the images that they show, and the files that they
name in their metadata: trained parameters, predictions, records.
"""

import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from chainrule.handin.notebooks import NotebookError, grade_data, read_notebook
from chainrule.whole_file import replacing

#: What a student's id may look like: it becomes the name of a folder.
STUDENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")

#: Larger files are not packed: a notebook with its figures stays far below.
LARGEST_FILE = 25_000_000

_IMAGE_LINK = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")
_INLINE_CODE = re.compile(r"`[^`]*`")


@dataclass
class Review:
    """What was found in one assignment's folder."""

    assignment: str
    files: list[Path] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def review(folder: Path) -> Review:
    """Look through the notebooks in a folder.

    Parameters
    ----------
    folder : Path
        Where the student's notebooks of one assignment lie.

    Returns
    -------
    Review
        The files to hand in, and what is missing in them.

    Raises
    ------
    NotebookError
        When there is no notebook of the course, or notebooks of several assignments.
    """
    found = _course_notebooks(folder)
    names = sorted({notebook.metadata.chainrule["assignment"] for notebook in found.values()})
    if not names:
        raise NotebookError(f"There is no notebook of the course in {folder.resolve()}.")
    if len(names) > 1:
        raise NotebookError(
            f"This folder holds notebooks of several assignments ({', '.join(names)}). "
            "Put each into a folder of its own."
        )
    result = Review(names[0], files=list(found))
    for path, notebook in found.items():
        result.missing += _open_tasks(path, notebook)
        _review_images(path, notebook, result)
        _review_files(path, notebook, result)
    _review_companions(found, result)
    return result


def _course_notebooks(folder: Path) -> dict:
    found = {}
    for path in sorted([*folder.glob("*.ipynb"), *folder.glob("*.py")]):
        if path.suffix == ".py" and path.with_suffix(".ipynb").exists():
            continue  # the notebook wins over its backup
        notebook = read_notebook(path)
        if notebook.metadata.get("chainrule"):
            found[path] = notebook
    return found


def _review_companions(found: dict, result: Review) -> None:
    """Name the notebooks of the same assignment that are not there."""
    have = {notebook.metadata.chainrule["notebook"] for notebook in found.values()}
    for notebook in found.values():
        for name in notebook.metadata.chainrule.get("with", []):
            sentence = f"{name}.ipynb belongs to this assignment and is not here"
            if name not in have and sentence not in result.missing:
                result.missing.append(sentence)


def _open_tasks(path: Path, notebook) -> list[str]:
    missing = []
    ids = [grade_data(cell).get("grade_id") for cell in notebook.cells]
    for cell in notebook.cells:
        data = grade_data(cell)
        optional = "optional" in cell.metadata.get("tags", [])
        if (
            data.get("solution")
            and not optional
            and cell.cell_type == "code"
            and "task is still open" in cell.source
        ):
            missing.append(f"{path.name}: task {data['grade_id']} is still open")
        if "collaboration" in cell.metadata.get("tags", []) and not _is_signed(cell.source):
            missing.append(f"{path.name}: the statement of collaborators and sources is not signed")
    doubled = sorted({name for name in ids if name and ids.count(name) > 1})
    return missing + [f"{path.name}: cell {name} is there twice; delete one" for name in doubled]


def _is_signed(source: str) -> bool:
    before, marker, after = source.partition("**Signed:**")
    return bool((after if marker else before).strip())


def _review_images(path: Path, notebook, result: Review) -> None:
    """Take along the images that the text shows, and see whether a wanted drawing is there."""
    drawn = any(cell.get("attachments") or _draws(cell) for cell in notebook.cells)
    for link in _image_links(notebook):
        drawn = True
        if not link.startswith(("attachment:", "http:", "https:", "data:")):
            _take_image(path, link, result)
    wanted = any(grade_data(c).get("grade_id", "").endswith("-drawing") for c in notebook.cells)
    if wanted and not drawn:
        result.missing.append(f"{path.name}: there is no drawing in it")


def _review_files(path: Path, notebook, result: Review) -> None:
    """Take along the files that a notebook writes to be handed in, and name missing ones."""
    for name in notebook.metadata.chainrule.get("files", []):
        file = path.parent / name
        if not file.is_file():
            result.missing.append(f"{path.name} writes {name}, and there is no such file yet")
        elif file not in result.files:
            result.files.append(file)


def _draws(cell) -> bool:
    given = "figure" in cell.metadata.get("tags", [])
    return cell.cell_type == "code" and not given and ".draw(" in cell.source


def _image_links(notebook) -> list[str]:
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return [link for text in texts for link in _IMAGE_LINK.findall(_INLINE_CODE.sub("", text))]


def _take_image(path: Path, link: str, result: Review) -> None:
    image = (path.parent / link).resolve()
    if not image.is_relative_to(path.parent.resolve()):
        result.missing.append(f"{path.name} shows {link}: put the image beside the notebook")
    elif not image.is_file():
        result.missing.append(f"{path.name} shows {link}, and there is no such file")
    elif image not in result.files:
        result.files.append(image)


def pack(result: Review, folder: Path, student: str, target: Path) -> list[str]:
    """Write the zip of a reviewed submission.

    Parameters
    ----------
    result : Review
        From :func:`review`.
    folder : Path
        The folder that was reviewed.
    student : str
        The student's id; it names the folder in the zip.
    target : Path
        The zip to write. It is complete or not there at all.

    Returns
    -------
    list of str
        The names in the zip.

    Raises
    ------
    NotebookError
        For an id that cannot name a folder, or a file that is too large.
    """
    if not STUDENT_ID.fullmatch(student):
        raise NotebookError(
            f"{student!r} cannot be an id: use letters, digits, and . _ @ - inside, no spaces."
        )
    names = []
    with replacing(target) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in result.files:
            if path.stat().st_size > LARGEST_FILE:
                raise NotebookError(
                    f"{path.name} is larger than {LARGEST_FILE // 1_000_000} MB. "
                    "Clear large outputs, or make the image smaller."
                )
            name = f"{student}/{path.resolve().relative_to(folder.resolve())}"
            archive.write(path, name)
            names.append(name)
    return names
