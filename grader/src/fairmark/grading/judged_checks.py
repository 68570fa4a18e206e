"""How the checks of an assignment are judged, and what an instructor reads of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fairmark.judged import Judged
from fairmark.model import Template, TemplateCell


@dataclass(frozen=True)
class JudgedCheck:
    """What was found out of one check.

    Attributes
    ----------
    notebook, grade_id : str
        Which check.
    points : float
        The most that it gives.
    judged : Judged
        How it is to be judged.
    why : str
        Why not apart, in words an instructor can act on; empty where it is apart.
    untried : str
        Why the reference decides nothing here, such as a file that it lacks; else empty.
    earned : float
        What the reference earns with it: less than all where the check gives part of its
        points on purpose.
    free : float
        What the untouched release earns with it.
    """

    notebook: str
    grade_id: str
    points: float
    judged: Judged = Judged.APART
    why: str = ""
    untried: str = ""
    earned: float = 0.0
    free: float = 0.0

    @property
    def title(self) -> str:
        """The check and its points: ``t7 (3 points)``."""
        unit = "point" if self.points == 1 else "points"
        return f"{self.grade_id} ({self.points:g} {unit})"


@dataclass(frozen=True)
class Calibration:
    """How the checks of an assignment are judged.

    Attributes
    ----------
    checks : tuple of Outcome
        All checks, in their order.
    reference : bool
        Whether there was a reference solution to run.
    usual : dict
        Notebook to what is noticed of the reference too, where checks are judged beside.
    kept : bool
        Whether this is the outcome of an earlier run of the same.
    """

    checks: tuple[JudgedCheck, ...] = ()
    reference: bool = True
    usual: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kept: bool = False

    @property
    def beside(self) -> list[JudgedCheck]:
        """The checks that are judged beside the student's code."""
        return [check for check in self.checks if check.judged is Judged.BESIDE]

    @property
    def failing(self) -> list[JudgedCheck]:
        """The checks that the reference fails both ways."""
        return [check for check in self.checks if check.judged is Judged.UNDECIDED]

    @property
    def free(self) -> list[JudgedCheck]:
        """The checks with which the untouched release earns points."""
        return [check for check in self.checks if check.free > 0]

    @property
    def untried(self) -> list[JudgedCheck]:
        """The checks of which the reference decides nothing."""
        return [check for check in self.checks if check.untried]

    def applied_to(self, template: Template) -> Template:
        """Return an assignment whose checks say how they are judged.

        Parameters
        ----------
        template : Template
            The instructors' version.
        """
        found = {(check.notebook, check.grade_id): check for check in self.checks}

        def judged(name: str, cell: TemplateCell) -> TemplateCell:
            check = found.get((name, cell.grade_id))
            return cell if check is None else replace(cell, judged=check.judged, why=check.why)

        notebooks = tuple(
            replace(
                notebook,
                cells=tuple(judged(notebook.name, cell) for cell in notebook.cells),
                usual=self.usual.get(notebook.name, ()),
            )
            for notebook in template.notebooks
        )
        return replace(template, notebooks=notebooks)

    def sentences(self) -> list[str]:
        """Say what an instructor should know, a sentence each."""
        said = []
        if not self.reference:
            said.append(
                "There is no reference solution in source/ to run, so nobody knows which checks "
                "can run in a process of their own: all are judged beside the students' code, "
                "as stock nbgrader does, and guarded."
            )
        elif self.beside:
            points = sum(check.points for check in self.beside)
            said.append(
                f"{len(self.beside)} of {len(self.checks)} checks, with {points:g} points, are "
                "judged beside the students' code, in one process with it, and guarded."
            )
            said += [f"{check.title}: {check.why}" for check in self.beside]
        said += [
            f"{check.title} gives the reference {check.earned:g}, both ways."
            for check in self.checks
            if check.judged is not Judged.UNDECIDED and 0 < check.earned < check.points
        ]
        said += [f"{check.title} is not decided: {check.why}" for check in self.failing]
        said += [f"{check.title} was not tried: {check.untried}" for check in self.untried]
        said += [
            f"{check.title} gives {check.free:g} to the untouched release." for check in self.free
        ]
        said += [
            f"Nobody has to look at this in {name}, since the reference does it too: {text}."
            for name, texts in self.usual.items()
            for text in texts
        ]
        return said


def checks_of(template: Template) -> list[JudgedCheck]:
    """Return the checks of an assignment, all judged apart.

    Parameters
    ----------
    template : Template
        The instructors' version.
    """
    return [
        JudgedCheck(notebook.name, cell.grade_id, cell.points)
        for notebook in template.notebooks
        for cell in notebook.cells
        if cell.check
    ]
