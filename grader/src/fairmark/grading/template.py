"""The instructors' version of an assignment, from ``source/`` and the gradebook."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Gradebook, MissingEntry, Notebook
from nbgrader.converters import GenerateAssignment
from nbgrader.nbgraderformat import MetadataValidator, ValidationError
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, SaveCells

from fairmark.cells import grade_id_of, mark_cell, metadata_of, own_metadata
from fairmark.folder import CourseFolder, working_in
from fairmark.model import GradingError, Template, TemplateCell, TemplateNotebook

from .drawings import with_drawings
from .gradebook import open_gradebook

#: What nbgrader's preprocessors raise on a notebook that breaks their rules.
_NBGRADER_ERRORS = (RuntimeError, ValueError, KeyError, OSError, ValidationError)


@dataclass
class Generated:
    """The notebooks of ``source/`` as nbgrader would save and release them, by name."""

    saved: dict[str, NotebookNode] = field(default_factory=dict)
    released: dict[str, NotebookNode] = field(default_factory=dict)


def load_template(
    course: CourseFolder, assignment: str, *, synchronise: bool = True
) -> tuple[Template, list[str]]:
    """Read the instructors' version and bring the gradebook into step with it.

    What is in ``source/`` counts. An assignment that the gradebook lacks is
    made, as ``nbgrader generate_assignment`` would, without touching
    ``release/``. Where ``source/`` is missing, the gradebook's copy is used.

    Parameters
    ----------
    course : CourseFolder
        The course.
    assignment : str
        The name of the assignment.
    synchronise : bool, optional
        False leaves the gradebook as it is; the assignment must be in it.

    Returns
    -------
    template : Template
        The instructors' version.
    notices : list of str
        What the instructor should know, one sentence each.

    Raises
    ------
    GradingError
        When there is no such assignment, or its notebooks break nbgrader's rules.
    """
    generated = generate(course, assignment)
    with open_gradebook(course.db_url, course.coursedir.course_id) as gradebook:
        notices = []
        if synchronise:
            notices = _synchronise(course, gradebook, assignment, generated)
        template = _combine(course, gradebook, assignment, generated)
    return with_drawings(course, template), notices


def as_written(course: CourseFolder, assignment: str) -> Generated:
    """Read the notebooks in ``source/`` that nbgrader refuses, solutions and all.

    Parameters
    ----------
    course : CourseFolder
        The course.
    assignment : str
        The name of the assignment. What is no notebook at all is left out.
    """
    generated = Generated()
    for path in sorted(course.path("source", ".", assignment).glob("*.ipynb")):
        try:
            notebook = nbformat.read(path, as_version=4)
            nbformat.validate(notebook)
        except (ValueError, nbformat.ValidationError):
            continue
        generated.saved[path.stem] = generated.released[path.stem] = notebook
    return generated


def template_of(course: CourseFolder, assignment: str, generated: Generated) -> Template:
    """Return the instructors' version without a gradebook: none is needed or made.

    Parameters
    ----------
    course : CourseFolder
        The course.
    assignment : str
        The name of the assignment.
    generated : Generated
        Its notebooks, from `generate` or `as_written`.
    """
    notebooks = tuple(
        TemplateNotebook(name, _kernel_of(saved), _cells_of(name, generated))
        for name, saved in sorted(generated.saved.items())
    )
    return Template(assignment, notebooks, _other_files(course, assignment))


def _kernel_of(notebook: NotebookNode) -> dict[str, str]:
    return dict(notebook.metadata.get("kernelspec", {}))


def released_text(course: CourseFolder, source: str, cell_type: str) -> str:
    """Take hidden tests and marking schemes out of a text of the instructors.

    Parameters
    ----------
    course : CourseFolder
        Its configuration may name other delimiters.
    source : str
        The text of the cell.
    cell_type : str
        ``code`` or ``markdown``.
    """
    notebook = nbformat.v4.new_notebook()
    maker = getattr(nbformat.v4, f"new_{cell_type}_cell")
    notebook.cells = [maker(source)]
    mark_cell(notebook.cells[0], {"grade": True, "task": True})
    for kind in (ClearHiddenTests, ClearMarkScheme):
        notebook, _ = kind(parent=course.app, enforce_metadata=False)(notebook, {})
    return str(notebook.cells[0].source)


def generate(course: CourseFolder, assignment: str) -> Generated:
    """Let nbgrader's own preprocessors make what students get of ``source/``.

    Parameters
    ----------
    course : CourseFolder
        The course. Nothing in it is changed.
    assignment : str
        The name of the assignment; one without notebooks in ``source/`` gives none.

    Raises
    ------
    GradingError
        When a notebook breaks nbgrader's rules.
    """
    folder = course.path("source", ".", assignment)
    generated = Generated()
    for path in sorted(folder.glob("*.ipynb")):
        try:
            # Relative paths in headers and test files hold in the course folder.
            with working_in(course.root):
                _generate_one(course, path, assignment, generated)
        except _NBGRADER_ERRORS as error:
            raise GradingError(f"{path} cannot be released by nbgrader: {error}") from error
    return generated


def _generate_one(course: CourseFolder, path: Path, assignment: str, generated: Generated) -> None:
    """Run nbgrader's own preprocessors, up to the saving of cells and then to the end."""
    name = path.stem
    notebook = nbformat.read(path, as_version=4)
    notebook = MetadataValidator().upgrade_notebook_metadata(notebook)
    resources = _resources(course, assignment, name, path)
    saved = None
    converter = GenerateAssignment(coursedir=course.coursedir, parent=course.app)
    for kind in converter.preprocessors:
        step: Preprocessor = kind(parent=course.app)
        if isinstance(step, SaveCells):
            saved = copy.deepcopy(notebook)
            continue
        notebook, resources = step(notebook, resources)
    generated.saved[name] = saved if saved is not None else notebook
    generated.released[name] = notebook


def _resources(course: CourseFolder, assignment: str, name: str, path: Path) -> dict[str, Any]:
    return {
        "unique_key": name,
        "output_files_dir": f"{name}_files",
        "metadata": {"path": str(path.parent), "name": name},
        "nbgrader": {
            "student": ".",
            "assignment": assignment,
            "notebook": name,
            "db_url": course.db_url,
        },
    }


def _synchronise(
    course: CourseFolder, gradebook: Gradebook, assignment: str, generated: Generated
) -> list[str]:
    """Write the assignment into the gradebook where it is missing or out of date."""
    try:
        known = {
            recorded.name: recorded for recorded in gradebook.find_assignment(assignment).notebooks
        }
    except MissingEntry:
        if not generated.saved:
            raise GradingError(_unknown(course, gradebook, assignment)) from None
        gradebook.add_assignment(assignment)
        known = {}
    notices = []
    for name, notebook in generated.saved.items():
        if name in known and _same(notebook, known[name]):
            continue
        notices += _save_cells(course, gradebook, assignment, name, notebook, name in known)
    for name in sorted(set(known) - set(generated.saved)) if generated.saved else []:
        notices += _drop_notebook(gradebook, assignment, name)
    return notices


def _save_cells(
    course: CourseFolder,
    gradebook: Gradebook,
    assignment: str,
    name: str,
    notebook: NotebookNode,
    known: bool,
) -> list[str]:
    # SaveCells opens the gradebook on its own; this session must see what it wrote.
    resources = _resources(course, assignment, name, course.path("source", ".", assignment))
    gradebook.db.commit()
    try:
        SaveCells(parent=course.app)(copy.deepcopy(notebook), resources)
    except RuntimeError as error:
        return [
            f"The gradebook keeps its own version of {name}: {error}. "
            "Cells that were added or removed since are not graded."
        ]
    gradebook.db.expire_all()
    return [f"The gradebook now holds {name} as it stands in source/."] if known else []


def _drop_notebook(gradebook: Gradebook, assignment: str, name: str) -> list[str]:
    if gradebook.notebook_submissions(name, assignment):
        return [f"{name} is no longer in source/, but has been graded; it is still expected."]
    gradebook.remove_notebook(name, assignment)
    return [f"{name} is no longer in source/ and was taken out of the gradebook."]


def _same(notebook: NotebookNode, known: Notebook) -> bool:
    """Compare with the gradebook: the same cells with the same checksums and points."""
    new = {grade_id_of(cell): metadata_of(cell).get("checksum") for cell in _known_cells(notebook)}
    return new == {cell.name: cell.checksum for cell in known.source_cells}


def _known_cells(notebook: NotebookNode) -> list[NotebookNode]:
    kinds = (utils.is_grade, utils.is_solution, utils.is_locked, utils.is_task)
    return [cell for cell in notebook.cells if any(kind(cell) for kind in kinds)]


def _unknown(course: CourseFolder, gradebook: Gradebook, assignment: str) -> str:
    there = sorted({*course.assignments(), *(item.name for item in gradebook.assignments)})
    where = course.path("source", ".", "x").parent
    if not there:
        return f"There is no assignment {assignment!r}, and {where} holds none at all."
    return f"There is no assignment {assignment!r}. There are: {', '.join(there)}."


def _combine(
    course: CourseFolder, gradebook: Gradebook, assignment: str, generated: Generated
) -> Template:
    notebooks = []
    try:
        recorded = gradebook.find_assignment(assignment).notebooks
    except MissingEntry:
        raise GradingError(_unknown(course, gradebook, assignment)) from None
    for known in recorded:
        if known.name in generated.saved:
            cells = _from_source(known, generated)
        else:
            cells = _from_gradebook(course, known)
        kernelspec = json.loads(known.kernelspec) if known.kernelspec else {}
        notebooks.append(TemplateNotebook(known.name, kernelspec or {}, cells))
    if not any(notebook.cells for notebook in notebooks):
        raise GradingError(f"The notebooks of {assignment!r} hold no cell that is graded.")
    notebooks.sort(key=lambda notebook: notebook.name)
    return Template(assignment, tuple(notebooks), _other_files(course, assignment))


def _from_source(known: Notebook, generated: Generated) -> tuple[TemplateCell, ...]:
    recorded = {cell.name for cell in known.source_cells}
    return tuple(c for c in _cells_of(known.name, generated) if c.grade_id in recorded)


def _cells_of(name: str, generated: Generated) -> tuple[TemplateCell, ...]:
    """Return the cells of a notebook in ``source/`` that nbgrader knows."""
    released = {grade_id_of(cell): cell.source for cell in _known_cells(generated.released[name])}
    cells = []
    for cell in _known_cells(generated.saved[name]):
        grade_id = grade_id_of(cell)
        if grade_id is not None:
            public = released.get(grade_id, cell.source)
            cells.append(
                TemplateCell(
                    grade_id,
                    cell.cell_type,
                    cell.source,
                    public,
                    dict(metadata_of(cell)),
                    cell.get("id", ""),
                    own_metadata(cell),
                )
            )
    return tuple(cells)


def _from_gradebook(course: CourseFolder, known: Notebook) -> tuple[TemplateCell, ...]:
    graded = {cell.name: cell for cell in known.grade_cells}
    tasks = {cell.name: cell for cell in known.task_cells}
    solutions = {cell.name for cell in known.solution_cells}
    cells = []
    for cell in known.source_cells:
        meta = {
            "schema_version": 3,
            "grade_id": cell.name,
            "grade": cell.name in graded,
            "solution": cell.name in solutions,
            "locked": bool(cell.locked),
            "task": cell.name in tasks,
            "cell_type": cell.cell_type,
            "checksum": cell.checksum,
        }
        owner = graded.get(cell.name) or tasks.get(cell.name)
        if owner is not None:
            meta["points"] = owner.max_score
        public = released_text(course, cell.source, cell.cell_type)
        cells.append(TemplateCell(cell.name, cell.cell_type, cell.source, public, meta))
    return tuple(cells)


def _other_files(course: CourseFolder, assignment: str) -> dict[str, bytes]:
    """Read what stands beside the notebooks: data that the checks may need."""
    folder = course.path("source", ".", assignment)
    spared = set(course.autograde.exclude_overwriting.get(assignment, []))
    ignore = [*course.coursedir.ignore, "*.ipynb"]
    files = {}
    for name in utils.find_all_files(str(folder), ignore):
        relative = Path(name).relative_to(folder).as_posix()
        if relative not in spared:
            files[relative] = Path(name).read_bytes()
    return files
