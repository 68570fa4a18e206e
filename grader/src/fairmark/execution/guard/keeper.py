"""The grader's side of guarding one notebook: what to tell the guard, and what it has found."""

from __future__ import annotations

import os
import socket
from collections.abc import Collection, Iterable, Mapping, Sequence

from ..link import Link
from .looks import borrowed, looks, read_in_functions
from .record import Record, Report
from .tools import Uses, bound_by, imports_of, uses_of
from .words import file_changed, mark_of_students, other_mark


class Keeper:
    """Keeps what was found in a notebook that has checks judged beside.

    Parameters
    ----------
    checks : mapping
        Grade id to text of these checks.
    locked : iterable of str
        Texts of the instructors' own cells.
    cells : iterable of tuple
        What to call a cell that the student may write in, and its text.
    helpers : iterable of str
        Files of the instructors' own.
    usual : collection of str
        What is found with the reference solution too, and is nothing to look at.
    titles : sequence of str
        What to call the code cells, in their order.

    Attributes
    ----------
    found : list of str
        Sentences.
    """

    def __init__(
        self,
        checks: Mapping[str, str],
        locked: Iterable[str],
        cells: Iterable[tuple[str, str]],
        helpers: Iterable[str] = (),
        usual: Collection[str] = (),
        titles: Sequence[str] = (),
    ):
        written, given = list(cells), list(locked)
        self._usual = frozenset(usual)
        self._modules = sorted(
            name.removesuffix(".py") for name in helpers if name.endswith(".py") and "/" not in name
        )
        self._given = imports_of(given)
        # What a locked cell imports, no other cell may bring in place of it.
        imports = {**imports_of(text for _, text in written), **self._given}
        self._uses = {name: uses_of(text, imports) for name, text in checks.items()}
        self._imports = imports
        # What no function reads, nobody misses while a check runs.
        self._read = read_in_functions([*given, *(text for _, text in written)])
        self._titles = titles
        self._record = Record(titles)
        #: Given files that were found to be other ones already.
        self._altered: set[str] = set()
        self._nonce = ""
        self.found: list[str] = []
        self._note(looks(written))
        self._note(borrowed(written, self._uses))

    def close(self) -> None:
        """End the line to the guard."""
        self._record.close()

    # -- what the guard is told ------------------------------------------------------
    def begin(self) -> dict[str, object]:
        """Begin with a new process; return what it is told before anything else."""
        self._record.close()
        self._record = Record(self._titles)
        tools = {tool for uses in self._uses.values() for tool in uses.tools}
        tools |= {dotted for found in self._given.values() for dotted in found}
        modules = [name for name in self._modules if name in {t.partition(".")[0] for t in tools}]
        return {"guard": (self._record.key, sorted(tools), modules)}

    def hand_over(self, link: Link) -> None:
        """Hand the guard's end of its line to the process.

        Parameters
        ----------
        link : Link
            To the process, which waits for it.
        """
        socket.send_fds(link.sock, [b"x"], [self._record.theirs.fileno()])

    def about_cell(self, text: str, locked: bool) -> dict[str, object]:
        """Return what the guard is told of a cell that is no check.

        Parameters
        ----------
        text : str
            Of the cell.
        locked : bool
            Whether it is the instructors' own.
        """
        return {"adopt": bound_by(text)} if locked else {}

    def about_check(self, name: str) -> dict[str, object]:
        """Return what the guard is told of a check.

        Parameters
        ----------
        name : str
            Its grade id.
        """
        uses = self._uses.get(name, Uses())
        self._nonce = os.urandom(16).hex()
        hidden = [n for n in uses.own_names if n not in self._read]
        roots = {n: sorted(self._imports[n]) for n in uses.names if n in self._imports}
        return {
            "beside": {
                "nonce": self._nonce,
                "tools": list(uses.tools),
                "names": list(uses.names),
                "roots": roots,
                "own": list(uses.own),
                "bound": [n for n in uses.bound if n not in hidden],
                "kept": [n for n in uses.kept if n not in hidden],
                "hidden": hidden,
            }
        }

    # -- what was found -----------------------------------------------------------------
    def after_cell(self) -> None:
        """Take in what was noticed while another cell than a check ran."""
        self._note(self._record.listen(""))

    def after_check(self, name: str, answered: bool) -> Report | None:
        """Take in what was noticed while a check ran; return the guard's report.

        Parameters
        ----------
        name : str
            The check's grade id.
        answered : bool
            Whether the process has answered at all: where it has not, there is no report.
        """
        if not answered:
            self._note(self._record.listen(name))
            return None
        report, found = self._record.report(self._nonce, name)
        self._note(found)
        return report

    def files_altered(self, names: Iterable[str], check: str) -> None:
        """Take in that given files are other ones.

        Parameters
        ----------
        names : iterable of str
            Of the files.
        check : str
            Grade id of the check that may read them.
        """
        fresh = [name for name in names if name not in self._altered]
        self._altered.update(fresh)
        self._note(file_changed(name, check) for name in fresh)

    def compare_marks(self, name: str, shown: float | None, report: Report) -> None:
        """Compare the mark that a check shows with the one that it ended with.

        Parameters
        ----------
        name : str
            The check's grade id.
        shown : float or None
            What stands in its output.
        report : Report
            The guard's.
        """
        if shown is None:
            return
        if report.mark.startswith("of "):
            kind = report.mark.removeprefix("of ")
            if kind.startswith("__main__."):
                self._note([mark_of_students(name, kind.removeprefix("__main__."))])
            return
        # A notebook may show fewer digits.
        if not report.mark or abs(float(report.mark) - shown) > 0.01 * max(1.0, abs(shown)):
            self._note([other_mark(name)])

    def _note(self, sentences: Iterable[str]) -> None:
        fresh = [text for text in sentences if text not in self._usual]
        self.found = list(dict.fromkeys([*self.found, *fresh]))
