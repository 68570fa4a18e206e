"""Collecting: from a download of Canvas or Gradescope, or zips, to ``submitted/``.

What counts as the time of a submission, and so as late, is said in `late_files`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, Student
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from fairmark.folder import CourseFolder
from fairmark.grading.gradebook import open_gradebook
from fairmark.handin_times import write_records
from fairmark.model import GradingError
from fairmark.private_folder import only_grader

from .archives import (
    BadArchive,
    Listing,
    Member,
    Room,
    list_folder,
    list_zip,
    read,
    unpacked,
    without_common_folder,
)
from .late_files import is_students_time, now, time_file, time_in_archive

METADATA = "submission_metadata.yml"
#: Canvas: lastnamefirstname_[LATE_]user_submission_file.
_CANVAS = re.compile(r"^([^_/]+)_(LATE_)?(\d+)_(\d+)_([^/]+)$")
#: Canvas numbers the file of a second hand-in: graphs-1.ipynb.
_NUMBERED = re.compile(r"^(.+)-\d+(\.ipynb)$")


class Form(StrEnum):
    """Where an archive comes from."""

    CANVAS = "canvas"
    GRADESCOPE = "gradescope"
    ZIPS = "zips"

    def __str__(self) -> str:
        return self.value


@dataclass
class Parcel:
    """What one student handed in.

    Attributes
    ----------
    student : str
        Our id.
    members : list of Member
        The files.
    time : str
        When; empty when the archive does not say.
    late : bool
        Whether Canvas calls it late.
    person : dict
        What the archive says: ``first_name``, ``last_name``, ``email``, ``lms_user_id``.
    """

    student: str
    members: list[Member]
    time: str = ""
    late: bool = False
    person: dict[str, str] = field(default_factory=dict)


@dataclass
class Collected:
    """What came of one parcel.

    Attributes
    ----------
    student : str
        Whose.
    outcome : str
        ``new``, ``changed`` or ``unchanged``.
    files : int
        Their number.
    time : str
        When it was handed in; empty when unknown.
    late : bool
        Whether Canvas calls it late.
    notices : list of str
        What was left out or renamed.
    """

    student: str
    outcome: str
    files: int
    time: str
    late: bool
    notices: list[str]


@dataclass
class Collection:
    """All that came of an archive."""

    form: Form
    rows: list[Collected]
    notices: list[str]


def collect(
    course: CourseFolder, assignment: str, archive: Path, form: Form | None = None
) -> Collection:
    """Lay the submissions of an archive into ``submitted/``.

    Parameters
    ----------
    course : CourseFolder
        The course.
    assignment : str
        The name of the assignment.
    archive : Path
        A zip archive, or a folder with its contents or with zips.
    form : Form, optional
        Where it comes from; found out when left out.

    Returns
    -------
    Collection
        A row for each student.

    Raises
    ------
    GradingError
        When the archive or the assignment is not there or cannot be read.
    """
    if assignment not in course.assignments():
        known = ", ".join(course.assignments()) or "none"
        raise GradingError(f"There is no assignment {assignment!r}. There are: {known}.")
    listing = _listing(archive)
    form = form or _form(listing.members)
    with (
        only_grader(course.root),
        open_gradebook(course.db_url, course.coursedir.course_id) as gradebook,
    ):
        parcels = _parcels(form, listing, assignment, gradebook)
        if not parcels:
            raise GradingError(f"{archive} holds no submission in the form of {form}.")
        notebooks = [p.stem for p in course.path("source", ".", assignment).glob("*.ipynb")]
        rows = [_lay_down(course, assignment, parcel, notebooks) for parcel in parcels]
        write_records(course.root, assignment, _records(parcels, form, archive))
        _introduce(gradebook, parcels)
    return Collection(form, rows, listing.notices)


def _listing(archive: Path) -> Listing:
    if archive.is_dir():
        return list_folder(archive)
    if not archive.is_file():
        raise GradingError(f"There is no archive {archive}.")
    try:
        return list_zip(archive, archive.name, Room(files=200_000))
    except BadArchive as error:
        raise GradingError(f"{error}.") from error


def _form(members: list[Member]) -> Form:
    names = [member.name for member in members]
    if any(name.rsplit("/", 1)[-1] == METADATA for name in names):
        return Form.GRADESCOPE
    flat = [member.name for member in without_common_folder(members)]
    if flat and all(_CANVAS.match(name) for name in flat):
        return Form.CANVAS
    return Form.ZIPS


def _parcels(form: Form, listing: Listing, assignment: str, gradebook: Gradebook) -> list[Parcel]:
    if form is Form.GRADESCOPE:
        found = _from_gradescope(listing)
    elif form is Form.CANVAS:
        found = _from_canvas(listing, gradebook)
    else:
        found = _from_zips(listing, assignment)
    return sorted(found, key=lambda parcel: parcel.student)


def _from_canvas(listing: Listing, gradebook: Gradebook) -> list[Parcel]:
    known = {s.lms_user_id: s.id for s in gradebook.students if s.lms_user_id}
    parcels: dict[str, Parcel] = {}
    for member in without_common_folder(listing.members):
        match = _CANVAS.match(member.name)
        if match is None:
            listing.notices.append(f"{member.name!r} is not named as Canvas does; left out")
            continue
        who, late, user, _, name = match.groups()
        student = known.get(user) or student_id(f"{who}-{user}")
        parcel = parcels.setdefault(
            user, Parcel(student, [], late=bool(late), person={"lms_user_id": user})
        )
        parcel.members.append(Member(name, member.open))
    return list(parcels.values())


def _from_gradescope(listing: Listing) -> list[Parcel]:
    index = next(m for m in listing.members if m.name.rsplit("/", 1)[-1] == METADATA)
    try:
        # Everything as text: a student id with a leading zero stays what it is.
        data = YAML(typ="base", pure=True).load(read(index, Room(one=50_000_000)))
        entries = [(str(key), dict(entry)) for key, entry in data.items()]
    except (YAMLError, BadArchive, AttributeError, TypeError, ValueError) as error:
        raise GradingError(f"{index.name} cannot be read: {error}.") from error
    base = index.name[: -len(METADATA)]
    parcels: dict[str, Parcel] = {}
    for key, entry in entries:
        start = f"{base}{key}/"
        members = [
            Member(m.name[len(start) :], m.open)
            for m in listing.members
            if m.name.startswith(start)
        ]
        time = time_in_archive(entry.get(":created_at"))
        for person in entry.get(":submitters") or []:
            parcel = _gradescope_parcel(dict(person), members, time)
            before = parcels.get(parcel.student)
            if before is not None and before.time > parcel.time:
                continue
            if before is not None:
                listing.notices.append(f"{parcel.student} is there twice; the later one counts")
            parcels[parcel.student] = parcel
    return list(parcels.values())


def _gradescope_parcel(person: dict[str, Any], members: list[Member], time: str) -> Parcel:
    said = {name: str(person.get(f":{name}") or "") for name in ("name", "sid", "email")}
    first, _, last = said["name"].strip().rpartition(" ")
    student = student_id(said["sid"] or said["email"].split("@")[0] or said["name"])
    about = {"first_name": first, "last_name": last, "email": said["email"]}
    return Parcel(student, members, time, person=about)


def _from_zips(listing: Listing, assignment: str) -> list[Parcel]:
    """STUDENT.zip, STUDENT/..., STUDENT/ASSIGNMENT/..., also all below one folder."""
    members = listing.members
    below = without_common_folder(members)
    if below is not members and all(m.name.lower().endswith(".zip") for m in below):
        members = below
    parcels: dict[str, Parcel] = {}
    for member in members:
        top, _, rest = member.name.partition("/")
        if not rest and not top.lower().endswith(".zip"):
            listing.notices.append(f"{member.name!r} belongs to no student and was left out")
            continue
        student = student_id(top if rest else top[:-4])
        if rest.startswith(f"{assignment}/"):
            rest = rest[len(assignment) + 1 :]
        parcel = parcels.setdefault(student, Parcel(student, []))
        parcel.members.append(Member(rest or member.name, member.open))
    return list(parcels.values())


def student_id(text: str) -> str:
    """Make an id that can name a folder.

    Parameters
    ----------
    text : str
        What the archive calls the person.
    """
    return re.sub(r"[^\w.@-]+", "-", text, flags=re.ASCII).strip(".-")[:100] or "unknown"


def _lay_down(
    course: CourseFolder, assignment: str, parcel: Parcel, notebooks: list[str]
) -> Collected:
    notices: list[str] = []
    room = Room(one=course.coursedir.max_file_size * 1000)
    files: dict[str, bytes] = {}
    for name, data in unpacked(parcel.members, room, notices):
        if is_students_time(name):
            notices.append(f"{name} was left out: the time is recorded here")
            continue
        files[_unnumbered(name, notebooks, notices)] = data
    count = len(files)
    files |= time_file(parcel.time)
    target = course.path("submitted", parcel.student, assignment)
    outcome = _outcome(target, files)
    if outcome != "unchanged":
        _replace(target, files, notices)
    return Collected(parcel.student, outcome, count, parcel.time, parcel.late, notices)


def _unnumbered(name: str, notebooks: list[str], notices: list[str]) -> str:
    match = _NUMBERED.match(name)
    if match and match[1] in notebooks:
        notices.append(f"{name} was taken for {match[1]}{match[2]}")
        return match[1] + match[2]
    return name


def _outcome(target: Path, files: dict[str, bytes]) -> str:
    if not target.is_dir():
        return "new"
    there = {
        path.relative_to(target).as_posix(): path.read_bytes()
        for path in target.rglob("*")
        if path.is_file() and not path.is_symlink()
    }
    return "unchanged" if there == files else "changed"


def _replace(target: Path, files: dict[str, bytes], notices: list[str]) -> None:
    new = target.with_name(f".{target.name}.new")
    old = target.with_name(f".{target.name}.old")
    for left_over in (new, old):
        shutil.rmtree(left_over, ignore_errors=True)
    new.mkdir(parents=True)
    for name, data in files.items():
        path = new / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            notices.append(f"{name} is a file and a folder at once and was left out")
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _records(parcels: Iterable[Parcel], form: Form, archive: Path) -> dict[str, dict[str, Any]]:
    collected = now()
    return {
        parcel.student: {
            "time": parcel.time,
            "late": parcel.late,
            "collected": collected,
            "source": f"{form}: {archive.name}",
        }
        for parcel in parcels
    }


def _introduce(gradebook: Gradebook, parcels: Iterable[Parcel]) -> None:
    """Tell the gradebook who they are; what it knows already stays."""
    for parcel in parcels:
        student = gradebook.db.get(Student, parcel.student)
        if student is None:
            student = Student(id=parcel.student)
            gradebook.db.add(student)
        for name, value in parcel.person.items():
            if value and not getattr(student, name):
                setattr(student, name, value)
    gradebook.db.commit()
