"""Submissions whose notebook or files are broken: their shape, not their code.

A case says what a fair grader gives: all points, the points of some checks, or
nothing yet because a person has to look.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from grader_support import course_maker as maker
from nbformat.v4 import new_code_cell, new_markdown_cell

FULL = {"f1-forward": 3.0, "f2-forward": 4.0, "f3-part": 2.0}


@dataclass
class Case:
    """One submission: how it is laid down, and what it should get.

    Attributes
    ----------
    put : callable
        Gets the submission's folder, which is there and empty.
    marks : dict or None
        Points of the checks; None when a person has to look.
    words : str
        What the reason or one of the repairs must say; empty for a plain mark.
    """

    put: Callable[[Path], object]
    marks: dict | None = field(default_factory=lambda: dict(FULL))
    words: str = ""


CASES: dict[str, Case] = {}


def whole() -> dict:
    """A full solution as plain JSON."""
    return json.loads(nbformat.writes(maker.full()))


def cell(data: dict, grade_id: str) -> dict:
    return next(
        c for c in data["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
    )


def text(data: object) -> bytes:
    return json.dumps(data).encode()


def file(name: str, content: bytes | None = None, **expected) -> Callable[[Path], None]:
    """Lay down one file in the place of kite.ipynb."""

    def put(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text(whole()) if content is None else content)

    return put


def beside(action: Callable[[Path], object]) -> Callable[[Path], None]:
    """Lay down a good notebook and something else."""

    def put(folder: Path) -> None:
        file("kite.ipynb")(folder)
        action(folder)

    return put


def edited(change: Callable[[dict], object]) -> Callable[[Path], None]:
    """Lay down a full solution after a change of its JSON."""
    data = whole()
    changed = change(data)
    return file("kite.ipynb", text(data if changed is None else changed))


def add(name: str, put, marks=FULL, words: str = "") -> None:
    assert name not in CASES
    CASES[name] = Case(put, None if marks is None else dict(marks), words)


def without(*checks: str) -> dict:
    return {**FULL, **dict.fromkeys(checks, 0.0)}


# -- encodings -----------------------------------------------------------------
ACCENTS = maker.full()
ACCENTS.cells.append(new_markdown_cell("Größe, naïve, “quoted”"))
ACCENTED = json.dumps(json.loads(nbformat.writes(ACCENTS)), ensure_ascii=False)
LATIN = ACCENTED.replace("“", "").replace("”", "").encode("latin-1")

add("bom", file("kite.ipynb", ACCENTED.encode("utf-8-sig")))
add("latin-1", file("kite.ipynb", LATIN), words="read as Latin-1")
add("windows-1252", file("kite.ipynb", ACCENTED.encode("cp1252")), words="read as Latin-1")
add("utf-16", file("kite.ipynb", ACCENTED.encode("utf-16")), words="read as UTF-16")
add("utf-16-no-mark", file("kite.ipynb", ACCENTED.encode("utf-16-be")), words="read as UTF-16-BE")
add("utf-32", file("kite.ipynb", ACCENTED.encode("utf-32")), words="read as UTF-32")
add(
    "windows-line-ends",
    file("kite.ipynb", nbformat.writes(maker.full()).replace("\n", "\r\n").encode()),
)
add(
    "half-a-character",
    edited(
        lambda d: d["cells"].append(
            {"cell_type": "markdown", "metadata": {"x": "\ud800"}, "source": "half \ud83d"}
        )
    ),
)
add(
    "control-characters",
    edited(
        lambda d: d["cells"].append(
            {"cell_type": "code", "metadata": {}, "source": "x = 1\x00\x1b[2J", "outputs": []}
        )
    ),
)

# -- names and places ----------------------------------------------------------
for number, name in enumerate(
    (
        "Copy of kite.ipynb",
        "kite (1).ipynb",
        "kite-Copy1.ipynb",
        "KITE.IPYNB",
        "homework/kite.ipynb",
        "a/b/Copy of kite (2).ipynb",
        "copy_of_kite.ipynb",
    )
):
    add(f"name-{number}", file(name), words="was graded as kite.ipynb")
add("two-copies", beside(file("kite (1).ipynb", text([]))))
add(
    "python-backup",
    file("kite.py", maker.python_backup(maker.full()).encode()),
    words="kite.py was graded",
)
add("notebook-is-a-folder", lambda f: (f / "kite.ipynb").mkdir(), None, "nothing was handed in")
add("other-name", file("homework.ipynb"), None, "kite.ipynb is missing; there is: homework.ipynb")
add("only-text", file("kite.txt", b"my answers"), None, "kite.ipynb is missing; there is: kite.txt")
add("nothing", lambda f: None, None, "the folder is empty")

# -- what is no notebook -------------------------------------------------------
WHOLE = nbformat.writes(maker.full()).encode()
for name, content, words in (
    ("empty", b"", "is empty"),
    ("blank", b" \n\n", "is empty"),
    ("cut-off", WHOLE[: len(WHOLE) // 2], "is cut off"),
    ("web-page", b"<!DOCTYPE html><p>Sign in", "is a web page"),
    ("pdf", b"%PDF-1.7 ...", "is a PDF"),
    ("zip", b"PK\x03\x04" + bytes(40), "is a zip archive"),
    ("noise", bytes(range(256)) * 20, "is not JSON"),
    ("a-list", b"[]", "is JSON, but not a notebook"),
    ("no-cells", b'{"nbformat": 4}', "is JSON, but not a notebook"),
    ("cells-no-list", b'{"nbformat": 4, "cells": {"a": 1}}', "its cells are no list"),
    ("too-deep", b'{"cells": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "nested too deeply"),
    ("endless-number", b'{"cells": [], "x": ' + b"9" * 10_000 + b"}", "is not JSON"),
    ("python-inside", b"def f1(x):\n    return 2 * x\n", "is not JSON"),
    ("merge-conflict", WHOLE.replace(b'"cells"', b'<<<<<<< HEAD\n"cells"', 1), "is not JSON"),
    ("too-large", json.dumps({**whole(), "x": "0" * 1_200_000}).encode(), "is too large"),
):
    add(name, file("kite.ipynb", content), None, words)


# -- links and other files -----------------------------------------------------
def link(name: str, target: str) -> Callable[[Path], None]:
    return lambda folder: os.symlink(target, folder / name)


def link_to_classmate(folder: Path) -> None:
    os.symlink(folder.parent.parent / "good-00" / "kite" / "kite.ipynb", folder / "kite.ipynb")


def folder_is_a_link(folder: Path) -> None:
    folder.rmdir()
    os.symlink(folder.parent.parent / "good-00" / "kite", folder)


def many_files(folder: Path) -> None:
    for number in range(2_500):
        (folder / f"a{number}.txt").write_text("")


add("link-to-classmate", link_to_classmate, None, "kite.ipynb is a link out of the folder")
add("folder-is-a-link", folder_is_a_link, None, "folder of the submission is a link")
add("link-to-system", beside(link("passwd.txt", "/etc/passwd")), words="passwd.txt is a link out")
add("link-to-source", beside(link("kite2", "../../../source")))
add("link-to-itself", beside(link("loop.txt", "loop.txt")), words="loop.txt is")
add("link-inside", beside(link("again.ipynb", "kite.ipynb")))
add("pipe", beside(lambda f: os.mkfifo(f / "pipe")), words="pipe is no ordinary file")
add("many-files", beside(many_files), words="only 2000 were read")
add("large-file", beside(file("data.bin", bytes(1_200_000))), words="data.bin is too large")
add("forged-data", beside(file("numbers.txt", b"9 9 9")))
add("steering-name", beside(file("a\x1b[2Jb\nc.txt", b"x")))
add(
    "name-no-text", beside(lambda f: Path(os.fsdecode(bytes(f) + b"/\xff\xfe.txt")).write_text("x"))
)
add("module-beside", beside(file("nbformat.py", b"raise SystemExit")))
add("time-no-time", beside(file("timestamp.txt", b"tomorrow")), words="holds no time")
add("time-in-future", beside(file("timestamp.txt", b"9999-12-31 23:59:59 UTC")))
add("time-too-far", beside(file("timestamp.txt", b"99999999999999999999")), words="holds no time")

# -- formats -------------------------------------------------------------------
add(
    "format-3",
    file("kite.ipynb", nbformat.writes(maker.full(), version=3).encode()),
    words="upgraded from format 3",
)
add("format-9", edited(lambda d: d.update(nbformat=9)), words="says format 9")
add("format-none", edited(lambda d: d.pop("nbformat") and None), words="named no format")
add("format-text", edited(lambda d: d.update(nbformat="four")), words="named no format")
add("colab", file("kite.ipynb", maker.colab().encode()))
add("metadata-none", edited(lambda d: d.update(metadata=None)))
add("kernel-of-r", edited(lambda d: d["metadata"].update(kernelspec={"name": "ir"})), words="'ir'")
add("kernel-no-dict", edited(lambda d: d["metadata"].update(kernelspec=7)))
add("nan-in-metadata", edited(lambda d: d["metadata"].update(x=float("nan"))))
add("no-cell-ids", edited(lambda d: [c.pop("id") for c in d["cells"]] and None))
add("same-cell-ids", edited(lambda d: [c.update(id="a") for c in d["cells"]] and None))
add("cells-of-nothing", edited(lambda d: d["cells"].extend([None, 7, "x", []])))
add(
    "unknown-cell-type",
    edited(lambda d: d["cells"].append({"cell_type": "heading", "source": "x"})),
)
add(
    "source-in-one-piece",
    edited(lambda d: [c.update(source="".join(c["source"])) for c in d["cells"]] and None),
)
add(
    "source-no-text", edited(lambda d: d["cells"].append({"cell_type": "code", "source": {"a": 1}}))
)
add(
    "outputs-no-list",
    edited(lambda d: [c.update(outputs="x", execution_count="y") for c in d["cells"]] and None),
)
add(
    "attachments-no-dict",
    edited(
        lambda d: d["cells"].append(
            {"cell_type": "markdown", "metadata": {}, "source": "x", "attachments": [1]}
        )
    ),
)

# -- nbgrader's metadata and cells ---------------------------------------------


def each(action: Callable[[dict], object]) -> Callable[[dict], None]:
    """Change every cell that nbgrader knows."""

    def change(data: dict) -> None:
        for item in data["cells"]:
            if "nbgrader" in item["metadata"]:
                action(item["metadata"])

    return change


def moved(data: dict) -> None:
    data["cells"].reverse()


def doubled(stubs: bool, ids=("f1", "f1-forward")) -> Callable[[dict], None]:
    source = json.loads(nbformat.writes(maker.released_notebook())) if stubs else whole()

    def change(data: dict) -> None:
        for grade_id in ids:
            item = copy.deepcopy(cell(source, grade_id))
            item["id"] += "-copy"
            data["cells"].append(item)

    return change


def two_answers(data: dict) -> None:
    other = copy.deepcopy(cell(data, "f1"))
    other.update(source="def f1(x):\n    return 3 * x", id="other")
    data["cells"].insert(0, other)


def drop(*ids: str) -> Callable[[dict], None]:
    def change(data: dict) -> None:
        for grade_id in ids:
            data["cells"].remove(cell(data, grade_id))

    return change


def answer_elsewhere(data: dict) -> None:
    source = "".join(cell(data, "f1")["source"])
    drop("f1")(data)
    data["cells"].insert(1, json.loads(json.dumps(new_code_cell(f"# mine\n{source}"))))


def retype(grade_id: str, kind: str) -> Callable[[dict], None]:
    return lambda data: cell(data, grade_id).update(cell_type=kind)


def wrong_f1(data: dict) -> None:
    cell(data, "f1")["source"] = "def f1(x):\n    return 3 * x"


def cheat(data: dict) -> None:
    wrong_f1(data)
    cell(data, "f1-forward")["source"] = "pass"


def more_points(data: dict) -> None:
    wrong_f1(data)
    cell(data, "f1-forward")["metadata"]["nbgrader"].update(points=400, grade=False)


def renamed(old: str, new: object) -> Callable[[dict], None]:
    return lambda data: cell(data, old)["metadata"]["nbgrader"].update(grade_id=new)


def everything_swapped(meta: dict) -> None:
    flags = meta["nbgrader"]
    flags["grade"], flags["solution"] = flags["solution"], flags["grade"]


CHECKS = ("f1-forward", "f2-forward", "f3-part")
add(
    "stripped",
    edited(lambda d: [c.update(metadata={}) for c in d["cells"]] and None),
    words="Recognised without nbgrader's metadata",
)
add("flags-swapped", edited(each(everything_swapped)), words="flags were changed")
add("schema-99", edited(each(lambda m: m["nbgrader"].update(schema_version=99))))
add("schema-text", edited(each(lambda m: m["nbgrader"].update(schema_version="x"))))
add("nbgrader-text", edited(each(lambda m: m.update(nbgrader="yes"))), words="Recognised")
add("grade-id-list", edited(renamed("f1", ["f1"])), words="f1")
add("answer-renamed", edited(renamed("f1", "f1-mine")), words="f1-mine")
add("check-renamed", edited(renamed("f1-forward", "easy")), words="f1-forward")
add("check-deleted", edited(drop("f1-forward")), words="put back: f1-forward")
add("all-checks-deleted", edited(drop(*CHECKS)), words="put back: f1-forward, f2-forward, f3-part")
add("answer-deleted", edited(drop("f1")), without("f1-forward"), "answer is missing: f1")
add("answer-elsewhere", edited(answer_elsewhere), words="f1")
add("doubled-stubs", edited(doubled(stubs=True)), words="the one with the student's work was kept")
add("doubled-same", edited(doubled(stubs=False)), words="identical copies were removed")
add(
    "doubled-task", edited(doubled(stubs=False, ids=("essay", "drawing"))), words="identical copies"
)
add("two-answers", edited(two_answers), words="several hold different work")
add("answer-as-text", edited(retype("f1", "markdown")), words="type of the cell")
add("check-as-raw", edited(retype("f1-forward", "raw")), words="type of the cell")
add("check-emptied", edited(cheat), without("f1-forward"), "Edited by the student and restored")
add("points-raised", edited(more_points), without("f1-forward"), "flags were changed")
add(
    "points-no-number",
    edited(lambda d: cell(d, "f1-forward")["metadata"]["nbgrader"].update(points=[])),
    words="flags were changed",
)
add("reversed", edited(moved), words="Moved back behind the answer")
add("unlocked", edited(each(lambda m: m["nbgrader"].update(locked=False))))
add(
    "thousands-of-cells",
    edited(
        lambda d: d["cells"].extend(
            {"cell_type": "markdown", "metadata": {}, "source": "x"} for _ in range(4_000)
        )
    ),
)
add(
    "large-outputs",
    edited(
        lambda d: d["cells"][1].update(
            outputs=[{"output_type": "stream", "name": "stdout", "text": "x" * 500_000}]
        )
    ),
)
