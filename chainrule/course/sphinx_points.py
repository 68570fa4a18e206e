"""A Sphinx extension that writes points into the book's pages.

In MyST Markdown::

    ```{points-table}
    ```

    ```{points-table} backprop
    ```

    The assignment gives {points}`backprop` points, {points}`backprop:hand` of them by hand.

The first table lists the assignments, the second the tasks of one of them. The
numbers come from the notebooks (`chainrule.course.points`).
"""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole

from chainrule import __version__
from chainrule.course import points


def _cells(env) -> list[points.GradedCell]:
    """Read the course once a build, and rebuild the page when a notebook changes."""
    root = Path(env.srcdir)
    for path in points.notebooks(root):
        env.note_dependency(str(path))
    if "chainrule_points" not in env.temp_data:
        env.temp_data["chainrule_points"] = points.read_course(root)
    return env.temp_data["chainrule_points"]


class PointsRole(SphinxRole):
    """``{points}`TARGET```: the number of points that a target names."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the number as text.

        Returns
        -------
        tuple of (list of Node, list of system_message)
        """
        try:
            number = points.total(_cells(self.env), self.text)
        except points.PointsError as error:
            message = self.inliner.reporter.error(f"points: {error}", line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        return [nodes.Text(points.show(number))], []


class PointsTable(SphinxDirective):
    """``{points-table}``: the assignments, or the tasks of one assignment."""

    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return the table.

        Returns
        -------
        list of Node
        """
        target = self.arguments[0] if self.arguments else ""
        try:
            cells = points.select(_cells(self.env), target)
        except points.PointsError as error:
            return [self.state.document.reporter.error(f"points: {error}", line=self.lineno)]
        rows = self._tasks(cells) if target else self._assignments(cells)
        auto, hand = (
            sum(c.points for c in cells if c.by_hand == by_hand) for by_hand in (False, True)
        )
        first = "Task" if target else "Assignment"
        header = [first, "By checks", "By hand", "Points"]
        footer = ["Total", *map(points.show, (auto, hand, auto + hand))]
        return [_table([header, *rows, footer])]

    def _tasks(self, cells):
        for task in points.tasks(cells):
            yield [self._inline(task.title), *_numbers(task.auto, task.hand)]

    def _assignments(self, cells):
        for name in dict.fromkeys(cell.assignment for cell in cells):
            own = [cell for cell in cells if cell.assignment == name]
            auto, hand = (
                sum(c.points for c in own if c.by_hand == by_hand) for by_hand in (False, True)
            )
            yield [[nodes.literal(text=name)], *_numbers(auto, hand)]

    def _inline(self, text):
        """Render the code and mathematics that a heading may hold."""
        parsed, _ = self.state.inline_text(text, self.lineno)
        return parsed


def _numbers(auto: float, hand: float) -> list[str]:
    """Return three entries: by checks, by hand, together. A dash stands for nothing."""
    return [points.show(n) if n else "–" for n in (auto, hand)] + [points.show(auto + hand)]


def _table(rows) -> nodes.table:
    """Build a table. The first row is the header, the last the total."""
    table = nodes.table(classes=["points-table"])
    group = nodes.tgroup(cols=4)
    table += group
    for width in (52, 16, 16, 16):
        group += nodes.colspec(colwidth=width)
    head, body = nodes.thead(), nodes.tbody()
    group += [head, body]
    last = len(rows) - 1
    for number, row in enumerate(rows):
        line = nodes.row(classes=["total"] if number == last else [])
        for entry in row:
            content = [nodes.Text(entry)] if isinstance(entry, str) else entry
            line += nodes.entry("", nodes.paragraph("", "", *content))
        (head if number == 0 else body).append(line)
    return table


def setup(app: Sphinx) -> dict:
    """Register the role and the directive.

    Parameters
    ----------
    app : Sphinx

    Returns
    -------
    dict
        What Sphinx wants to know about an extension.
    """
    app.add_role("points", PointsRole())
    app.add_directive("points-table", PointsTable)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}
