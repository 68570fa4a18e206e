"""What the guard has found, in sentences that an instructor can act on."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: An act, as the interpreter names it, to what somebody does who does it.
_ACTS = {
    "sys._getframe": "looks at the frame of whoever calls it",
    "sys._current_frames": "looks at the frames of all threads",
    "sys._current_exceptions": "looks at the exceptions of all threads",
    "gc.get_objects": "searches all objects of the process",
    "gc.get_referrers": "asks what refers to an object",
    "gc.get_referents": "asks what an object refers to",
    "sys.settrace": "sets a trace function",
    "sys.setprofile": "sets a profile function",
    "sys.addaudithook": "sets an audit hook",
    "code.__new__": "makes a code object",
    "function.__new__": "makes a function out of a code object",
    "marshal.loads": "reads a code object from bytes",
    "compile": "compiles text under a library's name, {what}",
    "object.__getattr__": "reads {what} of an object",
    "object.__setattr__": "sets {what} of a function",
    "object.__delattr__": "deletes {what} of a function",
    "os.fork": "forks the process",
    "os.forkpty": "forks the process",
    "os.exec": "puts another program in the place of the process",
    "os.posix_spawn": "starts a program",
    "os.spawn": "starts a program",
    "os.system": "starts a program",
    "subprocess.Popen": "starts a program",
    "open": "opens {what}",
    "os.listdir": "lists {what}",
    "os.scandir": "lists {what}",
}
CUT = (
    "the guard's line was cut for a while before or while {check} ran: "
    "what happened then is not known"
)
FOREIGN = "the student's code has written on the guard's line"


def sentence(notice: Sequence[str], during: str, titles: Sequence[str] = ()) -> str:
    """Return one sentence for a notice of the guard.

    Parameters
    ----------
    notice : sequence of str
        Kind, what it concerns, and where or when.
    during : str
        The check that was run meanwhile; empty for another cell.
    titles : sequence of str
        What to call the code cells, in their order.
    """
    kind, what, place = (*notice, "", "", "")[:3]
    place = _with_title(place, titles)
    while_ran = f" while {during} ran" if during else ""
    if kind == "changed":
        if place == "before" and during:
            return f"{what} is not what it was before the student's code ran, when {during} begins"
        return f"{what} was exchanged{while_ran}"
    if kind == "put back":
        return f"a name in {what} was exchanged and put back{while_ran}"
    if kind == "name":
        return f"the name {what} of the notebook was bound to something else{while_ran}"
    if kind == "tool":
        return f"the name {what} that {during or 'a check'} judges with is bound to something else"
    if kind == "kind":
        return (
            f"an object of the class {what}, which says itself what it is equal "
            f"to, stands where {during or 'a check'} judges"
        )
    if kind == "asked":
        return f"the student's code has asked the guard for something{while_ran}"
    if kind == "thread":
        return f"a thread of the student's runs{while_ran}"
    if kind == "exchange":
        return f"{_at(place)} exchanges {what}{while_ran}"
    if kind == "imported":
        return f"{during or 'a check'} imports {what} from a file of the student's"
    act = _ACTS.get(kind, f"uses ctypes ({kind})" if kind.startswith("ctypes.") else kind)
    return f"{_at(place)} {act.format(what=what)}{while_ran}"


def _with_title(place: str, titles: Sequence[str]) -> str:
    """Call a cell as the instructor knows it, in place of the number of its run."""
    match = re.match(r"cell (\d+),", place)
    if match is None or not 0 < int(match[1]) <= len(titles):
        return place
    return titles[int(match[1]) - 1] + place[match.end() - 1 :]


def _at(place: str) -> str:
    return f"the code in {place}" if place else "code of the student's"


def missing(check: str) -> str:
    """Say that no report has come.

    Parameters
    ----------
    check : str
        Its grade id.
    """
    return (
        f"{check} was answered without the guard's report: something has answered in its place, "
        "or its line was cut"
    )


def file_changed(name: str, check: str) -> str:
    """Say that a file of the instructors' is another one.

    Parameters
    ----------
    name : str
        Of the file.
    check : str
        Grade id of the check that may read it.
    """
    return f"the given file {name} is not what it was, when {check} begins"


def changed_unseen(check: str) -> str:
    """Say that the state was another one, and the guard in the process has not said so.

    Parameters
    ----------
    check : str
        Its grade id.
    """
    return f"what {check} judges with is not what it was before the student's code ran"


def other_mark(check: str) -> str:
    """Say that a check has shown another mark than it ended with.

    Parameters
    ----------
    check : str
        Its grade id.
    """
    return f"{check} shows another mark than the one that it ended with"


def mark_of_students(check: str, kind: str) -> str:
    """Say that a check ended with an object of the student's in place of a number.

    Parameters
    ----------
    check : str
        Its grade id.
    kind : str
        The object's class.
    """
    return f"{check} ends with an object of the student's class {kind} in place of a number"
