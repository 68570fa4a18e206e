"""Where the course folder is and what lies in it."""

from pathlib import Path


class CourseError(Exception):
    """Something about the course folder is wrong; the message says what to do about it."""


def course_root(start: Path | None = None) -> Path:
    """Find the folder of this course: the nearest one upwards with ``source/`` and ``_config.yml``.

    Raises
    ------
    CourseError
        When no such folder is found.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / "source").is_dir() and (folder / "_config.yml").is_file():
            return folder
    raise CourseError(
        "This is not the folder of a course: no folder here or above holds source/ and _config.yml."
    )


def assignments(root: Path) -> list[str]:
    """Name all assignments that have a notebook in ``source/``, in alphabetical order."""
    return sorted({path.parent.name for path in (root / "source").glob("*/*.ipynb")})


def choose_assignments(root: Path, wanted: list[str] | None) -> list[str]:
    """Return the wanted assignments, or all of them.

    Raises
    ------
    CourseError
        For a name that is not there; lists those that are.
    """
    known = assignments(root)
    for name in wanted or []:
        if name not in known:
            raise CourseError(f"There is no assignment {name!r}. There are: {', '.join(known)}.")
    return list(wanted) if wanted else known
