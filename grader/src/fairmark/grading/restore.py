"""Putting back what belongs to the instructors in a notebook that was handed in.

The student's work stays as it is; the texts, points, flags and places of graded
and locked cells are the instructors'. Every change is told in a sentence.
"""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from dataclasses import dataclass, field

from nbformat import NotebookNode

from fairmark.cells import grade_id_of, mark_cell, marking, set_own_metadata, unmark_cell
from fairmark.model import TemplateCell, TemplateNotebook

_DELETED_ANSWER = "This cell was deleted from the notebook that was handed in."
_DEFINITION = re.compile(r"^(?:async\s+)?(?:def|class)\s+(\w+)", re.MULTILINE)


@dataclass
class _Work:
    """A notebook while it is being repaired."""

    template: TemplateNotebook
    cells: list[NotebookNode]
    repairs: list[str] = field(default_factory=list)

    def find(self) -> dict[str, int]:
        """Return where each known cell stands."""
        places = {}
        for index, cell in enumerate(self.cells):
            grade_id = grade_id_of(cell)
            if grade_id is not None:
                places[grade_id] = index
        return places


def restore(notebook: NotebookNode, template: TemplateNotebook) -> tuple[NotebookNode, list[str]]:
    """Bring a notebook into step with the instructors' version.

    Parameters
    ----------
    notebook : NotebookNode
        As `reading.read_notebook` returns it. It is not changed.
    template : TemplateNotebook
        The instructors' version.

    Returns
    -------
    notebook : NotebookNode
        Every graded and locked cell once, with the instructors' text.
    repairs : list of str
        What was put right.
    """
    notebook = copy.deepcopy(notebook)
    work = _Work(template, list(notebook.cells))
    _drop_unknown_ids(work)
    _recognise_lost_cells(work)
    _resolve_duplicates(work)
    _restore_contents(work)
    _put_back_missing(work)
    _put_checks_after_answers(work)
    _unique_cell_ids(work)
    notebook.cells = work.cells
    _set_kernel(notebook, template, work.repairs)
    return notebook, work.repairs


def untouched_cells(notebook: NotebookNode, template: TemplateNotebook) -> frozenset[str]:
    """Return the grade ids of the solution cells that hold no answer.

    Parameters
    ----------
    notebook : NotebookNode
        After `restore`.
    template : TemplateNotebook
        The instructors' version.
    """
    there = {grade_id_of(cell): cell for cell in notebook.cells}
    empty = set()
    for cell in template.cells:
        mine = there.get(cell.grade_id)
        if cell.solution and (mine is None or not is_answered(mine, cell)):
            empty.add(cell.grade_id)
    return frozenset(empty)


def is_answered(cell: NotebookNode, template: TemplateCell) -> bool:
    """Tell whether a solution cell holds anything but the stub.

    Parameters
    ----------
    cell : NotebookNode
        The student's cell.
    template : TemplateCell
        The instructors' version of it.
    """
    text = _plain(cell.source)
    if cell.get("attachments"):
        return True
    return text not in ("", _plain(template.source), _DELETED_ANSWER, f"# {_DELETED_ANSWER}")


def _plain(text: str) -> str:
    """Drop what no reader sees: spaces at the ends of lines, empty lines around."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _quote(ids: list[str]) -> str:
    return ", ".join(ids)


def _drop_unknown_ids(work: _Work) -> None:
    known = work.template.by_id()
    strangers = []
    for cell in work.cells:
        grade_id = grade_id_of(cell)
        if grade_id not in known:
            said = marking(cell)
            if grade_id and (said.graded or said.solution):
                strangers.append(grade_id)
            unmark_cell(cell)
    if strangers:
        work.repairs.append(f"Not part of this assignment, so not graded: {_quote(strangers)}.")


def _recognise_lost_cells(work: _Work) -> None:
    """Find cells that lost their nbgrader metadata: by cell id, else by what they define."""
    there = {grade_id_of(cell) for cell in work.cells}
    missing = [cell for cell in work.template.cells if cell.grade_id not in there]
    recognised = []
    for lost in missing:
        cell = _same_cell_id(work, lost) or _same_text(work, lost) or _same_names(work, lost)
        if cell is not None:
            mark_cell(cell, lost.meta)
            recognised.append(lost.grade_id)
    if recognised:
        work.repairs.append(f"Recognised without nbgrader's metadata: {_quote(recognised)}.")


def _without_id(work: _Work) -> list[NotebookNode]:
    return [cell for cell in work.cells if grade_id_of(cell) is None]


def _same_cell_id(work: _Work, lost: TemplateCell) -> NotebookNode | None:
    same = (cell for cell in _without_id(work) if lost.cell_id and cell.id == lost.cell_id)
    return next(same, None)


def _same_text(work: _Work, lost: TemplateCell) -> NotebookNode | None:
    texts = {_plain(lost.released), _plain(lost.source)} - {""}
    if lost.solution:
        return None
    return next((cell for cell in _without_id(work) if _plain(cell.source) in texts), None)


def _same_names(work: _Work, lost: TemplateCell) -> NotebookNode | None:
    """Recognise an answer by the functions and classes that its stub promises."""
    names = set(_DEFINITION.findall(lost.source))
    if not lost.solution or lost.cell_type != "code" or not names:
        return None
    found = [
        cell
        for cell in _without_id(work)
        if cell.cell_type == "code" and names <= set(_DEFINITION.findall(cell.source))
    ]
    return found[-1] if found else None


def _resolve_duplicates(work: _Work) -> None:
    copies: dict[str, list[NotebookNode]] = defaultdict(list)
    for cell in work.cells:
        grade_id = grade_id_of(cell)
        if grade_id is not None:
            copies[grade_id].append(cell)
    known = work.template.by_id()
    for grade_id, cells in copies.items():
        if len(cells) > 1:
            _keep_one(work, known[grade_id], cells)


def _keep_one(work: _Work, template: TemplateCell, cells: list[NotebookNode]) -> None:
    """Keep the copy with the student's work; the last one where several hold work."""
    answered = [cell for cell in cells if template.solution and is_answered(cell, template)]
    kept = (answered or cells)[-1]
    different = [cell for cell in answered if not _same_work(cell, kept)]
    for cell in cells:
        if cell is kept:
            continue
        if any(cell is other for other in different):
            # Other work stays in the notebook, ungraded, where a person can see it.
            unmark_cell(cell)
        else:
            work.cells = [other for other in work.cells if other is not cell]
    if all(_same_work(cell, kept) for cell in cells):
        what = "the identical copies were removed"
    elif not template.solution:
        what = "one was kept"
    elif different:
        what = "several hold different work; the last one was graded, look at all of them"
    else:
        what = "the one with the student's work was kept" if answered else "one was kept"
    work.repairs.append(f"{template.grade_id} was there {len(cells)} times: {what}.")


def _same_work(cell: NotebookNode, other: NotebookNode) -> bool:
    return (
        cell.cell_type == other.cell_type
        and _plain(cell.source) == _plain(other.source)
        and cell.get("attachments") == other.get("attachments")
    )


def _restore_contents(work: _Work) -> None:
    known = work.template.by_id()
    edited, flags, types = [], [], []
    for cell in work.cells:
        template = known.get(grade_id_of(cell) or "")
        if template is None:
            continue
        if cell.cell_type != template.cell_type:
            types.append(template.grade_id)
            _retype(cell, template.cell_type)
        if marking(cell).flags != template.flags:
            flags.append(template.grade_id)
        _set_metadata(cell, template)
        if template.locked:
            if _plain(cell.source) not in (_plain(template.released), _plain(template.source)):
                edited.append(template.grade_id)
            cell.source = template.source
    if edited:
        work.repairs.append(f"Edited by the student and restored: {_quote(edited)}.")
    if flags:
        work.repairs.append(f"Points or flags were changed and restored: {_quote(flags)}.")
    if types:
        work.repairs.append(f"The type of the cell was changed and restored: {_quote(types)}.")


def _retype(cell: NotebookNode, cell_type: str) -> None:
    cell.cell_type = cell_type
    if cell_type == "code":
        cell.pop("attachments", None)
        cell.outputs, cell.execution_count = [], None
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def _put_back_missing(work: _Work) -> None:
    put_back: list[str] = []
    lost_answers: list[str] = []
    previous, places = None, work.find()
    for template in work.template.cells:
        if template.grade_id not in places:
            if template.solution and not template.graded:
                # The stub would overwrite what the student may define elsewhere.
                lost_answers.append(template.grade_id)
                continue
            place = places[previous] + 1 if previous in places else _first_place(work)
            work.cells.insert(place, _new_cell(template))
            places = work.find()
            (lost_answers if template.solution else put_back).append(template.grade_id)
        previous = template.grade_id
    if put_back:
        work.repairs.append(f"Deleted by the student and put back: {_quote(put_back)}.")
    if lost_answers:
        work.repairs.append(f"The cell for the answer is missing: {_quote(lost_answers)}.")


def _set_metadata(cell: NotebookNode, template: TemplateCell) -> None:
    """Give a cell the instructors' metadata: points and flags, and the time that a check has."""
    mark_cell(cell, template.meta)
    set_own_metadata(cell, template.own)


def _first_place(work: _Work) -> int:
    """Return the place before the first known cell: imports usually stand above it."""
    places = work.find().values()
    return min(places) if places else len(work.cells)


def _new_cell(template: TemplateCell) -> NotebookNode:
    source = template.source
    if template.solution:
        source = _DELETED_ANSWER if template.cell_type == "markdown" else f"# {_DELETED_ANSWER}"
    cell = NotebookNode(
        id=template.cell_id or re.sub(r"[^A-Za-z0-9_-]", "-", template.grade_id)[:60] or "restored",
        cell_type=template.cell_type,
        metadata=NotebookNode(),
        source=source,
    )
    _set_metadata(cell, template)
    if template.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    return cell


def _put_checks_after_answers(work: _Work) -> None:
    """Move a check that stands before the answers which it needs."""
    moved = []
    answers: list[str] = []
    places = work.find()
    for template in work.template.cells:
        if template.solution:
            answers.append(template.grade_id)
        elif template.check:
            last = max((places[name] for name in answers if name in places), default=-1)
            here = places[template.grade_id]
            if here < last:
                work.cells.insert(last, work.cells.pop(here))
                places = work.find()
                moved.append(template.grade_id)
    if moved:
        work.repairs.append(f"Moved back behind the answer: {_quote(moved)}.")


def _unique_cell_ids(work: _Work) -> None:
    used: set[str] = set()
    for cell in work.cells:
        while cell.id in used:
            cell.id = f"{cell.id[:60]}-x"
        used.add(cell.id)


def _set_kernel(notebook: NotebookNode, template: TemplateNotebook, repairs: list[str]) -> None:
    wanted = dict(template.kernelspec) or {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    spec = notebook.metadata.get("kernelspec")
    named = spec.get("name") if isinstance(spec, dict) else None
    if named not in (None, "", wanted.get("name")):
        repairs.append(f"The notebook names the kernel {named!r}; {wanted['name']} was used.")
    notebook.metadata = NotebookNode(kernelspec=wanted)
