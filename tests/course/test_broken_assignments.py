"""What is broken is not handed out: all problems at once, and the other assignments go on."""

import shutil
from pathlib import Path

import nbformat
import pytest
from fairmark.execution.executor import SandboxedExecutor
from fairmark.grading.trials import absent_file
from fairmark.model import GradingError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from typer.testing import CliRunner

from chainrule.cli import app
from chainrule.course import images, reference, secrecy, unfinished
from chainrule.course.problems import place_of, read_source
from chainrule.course.release import build_release, examine
from chainrule.course.setup_cell import notebook_text

SOLUTION = (
    "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x  # {canary}\n    ### END SOLUTION"
)
CHECK = (
    "assert double(1) == 2, 'double(1) should be 2'\n"
    "### BEGIN HIDDEN TESTS\n"
    "assert double(-1.5) == -3.0, 'double is wrong below zero'  # {canary}\n"
    "### END HIDDEN TESTS"
)


def marked(grade_id, source, maker=new_code_cell, **flags):
    data = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    return maker(source, metadata={"nbgrader": data | {"grade_id": grade_id, **flags}}, id=grade_id)


def check(grade_id, source, **flags):
    return marked(grade_id, source, **{"grade": True, "locked": True, "points": 2} | flags)


def cells_of_good(number=0):
    """A task, its solution and its check; each number has canaries of its own."""
    one, two = (f"canary-{2 * number + more:016x}" for more in range(2))
    return [
        new_markdown_cell("# Doubling\n\n## Task 1 (2 points)", id="title"),
        marked("double", SOLUTION.format(canary=one), solution=True),
        check("double-check", CHECK.format(canary=two)),
    ]


def write(path: Path, cells) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    path.write_text(notebook_text(notebook), encoding="utf-8")
    return path


@pytest.fixture
def small(tmp_path, monkeypatch) -> Path:
    """A course with one good assignment."""
    (tmp_path / "_config.yml").write_text("title: Small\n")
    write(tmp_path / "source" / "good" / "good.ipynb", cells_of_good())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def release(*arguments):
    return CliRunner().invoke(app, ["release", *arguments], catch_exceptions=False)


def causes(root, assignment="draft"):
    return [str(problem) for problem in examine(root, assignment)]


# -- several problems, several assignments -------------------------------------------------
def test_all_problems_are_listed_at_once_and_the_others_are_released(small, sandbox):
    cells = cells_of_good(1)
    cells[0].source = "# Draft\n\n![](gone.png)\n\n## Task 1 (3 points)"
    cells[2].source = cells[2].source.replace("== -3.0", "== 3.0")
    cells += [
        marked("open", SOLUTION.format(canary=f"canary-{2:016x}"), solution=True),
        new_code_cell("### BEGIN SOLUTION\nx = 1\n### END SOLUTION", id="stray"),
    ]
    write(small / "source" / "draft" / "draft.ipynb", cells)
    old = write(small / "release" / "draft" / "draft.ipynb", [])
    before = old.read_bytes()
    done = release()
    assert done.exit_code == 1
    assert "good: written, no leak found, the solutions pass" in done.output
    assert (small / "release" / "good" / "good.ipynb").is_file()
    assert old.read_bytes() == before
    for line in (
        "draft has 8 problems",
        "draft/draft.ipynb, cell stray (“### BEGIN SOLUTION”): a solution region stands in",
        "draft/draft.ipynb, cell stray (“### BEGIN SOLUTION”): a region has no canary",
        "draft/draft.ipynb, cell title (“# Draft”): there is no image 'gone.png'",
        "draft/draft.ipynb, cell title (“# Draft”): the image 'gone.png' has no alt text",
        "draft/draft.ipynb, open: a task without a check",
        f"draft/draft.ipynb, open: canary-{2:016x} stands in draft/draft.ipynb, double too",
        "“Task 1” promises 3, its cells 2",
        "draft/draft.ipynb, double-check: the reference solution fails this check: "
        "double is wrong below zero",
    ):
        assert line in done.output, line


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("<<<<<<< HEAD\n{}", "cannot be read as a notebook"),
        ("[]", "it has no list of cells"),
        ('{"cells": [{}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "cannot be read"),
        ("", "cannot be read as a notebook"),
    ],
)
def test_an_unreadable_draft_is_named_and_blocks_nobody(small, content, cause):
    draft = small / "source" / "draft" / "draft.ipynb"
    draft.parent.mkdir()
    draft.write_text(content)
    done = release("--no-run")
    assert done.exit_code == 1 and "good: written" in done.output
    assert f"draft/draft.ipynb: {cause}" in done.output or cause in done.output
    assert "draft has 1 problem:" in done.output
    assert draft.read_text() == content
    assert release("--no-run", "good").exit_code == 0
    assert secrecy.check_folder(small, small / "release") == 2


def test_a_draft_without_marks_blocks_nobody(small):
    """A solution that nobody has put between its marks yet."""
    cells = cells_of_good(1)
    cells[1].source = "def double(x):\n    return 2 * x"
    write(small / "source" / "draft" / "draft.ipynb", cells)
    done = release("--no-run")
    assert done.exit_code == 1 and "good: written" in done.output
    assert "draft/draft.ipynb, double: a solution cell needs a BEGIN SOLUTION region" in done.output
    assert not (small / "release" / "draft").exists()


def test_each_notebook_that_nbgrader_refuses_is_named(small):
    for number, name in enumerate(("one", "two"), start=1):
        cells = cells_of_good(number)
        cells[1].source += "\n### BEGIN SOLUTION\n# never ended"
        write(small / "source" / "draft" / f"{name}.ipynb", cells)
    found = causes(small)
    for name in ("one", "two"):
        assert any(f"draft/{name}.ipynb: nbgrader refuses it" in text for text in found)


def test_the_address_reaches_the_good_ones(small):
    (small / "source" / "draft").mkdir()
    (small / "source" / "draft" / "draft.ipynb").write_text("x")
    done = CliRunner().invoke(app, ["address", "https://example.org/a/b"])
    assert done.exit_code == 1 and "not released" in done.output
    assert "The address is https://example.org/a/b." in done.output
    assert (small / "release" / "good" / "good.ipynb").is_file()


# -- what an author forgets ----------------------------------------------------------------------
def test_a_finished_assignment_has_no_problem(small):
    assert examine(small, "good") == []
    assert build_release(small, "good").is_dir()


def tasks(*kinds):
    """Names of the tasks in a notebook that nobody judges; `#` is a heading, `c` a check."""
    made = {
        "#": lambda n: new_markdown_cell("## Next", id=f"n{n}"),
        "s": lambda n: marked(f"s{n}", "pass", solution=True),
        "c": lambda n: check(f"c{n}", "pass"),
        "h": lambda n: marked(f"h{n}", "pass", solution=True, grade=True, points=1),
        "t": lambda n: marked(f"t{n}", "text", new_markdown_cell, task=True, points=1),
        "w": lambda n: marked(f"w{n}", "text", new_markdown_cell, solution=True),
    }
    notebook = new_notebook(cells=[made[kind](n) for n, kind in enumerate(kinds)])
    found = unfinished.problems_of("a.ipynb", notebook)
    return [problem.place.split(", ")[1] for problem in found]


@pytest.mark.parametrize(
    ("kinds", "unjudged"),
    [
        ("#sc", []),
        ("#ssc", []),
        ("#s", ["s1"]),
        ("#s#c", ["s1"]),
        ("#scs", ["s3"]),
        ("#s#sc#ss", ["s1", "s6", "s7"]),
        ("#st", []),
        ("#h", []),
        ("#w", []),
        ("cs", ["s1"]),
    ],
)
def test_a_task_without_a_check_is_named(kinds, unjudged):
    assert tasks(*kinds) == unjudged


@pytest.mark.parametrize("points", [None, "two", -1, True])
def test_a_check_without_points_is_named(small, points):
    cells = cells_of_good(1)
    data = cells[2].metadata["nbgrader"]
    if points is None:
        del data["points"]
    else:
        data["points"] = points
    write(small / "source" / "draft" / "draft.ipynb", cells)
    assert any(
        text.startswith("draft/draft.ipynb, double-check: a check with") for text in causes(small)
    )


def test_a_check_of_no_points_is_a_choice(small):
    cells = cells_of_good(1)
    cells[0].source = "# For practice"
    cells[2].metadata["nbgrader"]["points"] = 0
    write(small / "source" / "draft" / "draft.ipynb", cells)
    assert causes(small) == []


def test_a_grade_id_that_is_used_twice_is_named_once(small):
    again = [cell for cell in cells_of_good(2)[1:]]
    for cell in again:
        cell.id += "-again"
    cells = cells_of_good(1) + again
    cells[0].source = "# Draft\n\n## Task 1 (4 points)"
    write(small / "source" / "draft" / "draft.ipynb", cells)
    assert causes(small) == [
        "draft/draft.ipynb, double: the grade id is used 2 times. Give each its own.",
        "draft/draft.ipynb, double-check: the grade id is used 2 times. Give each its own.",
    ]


# -- canaries -----------------------------------------------------------------------------------
def test_a_canary_of_two_regions_is_named_with_both_places(small):
    cells = cells_of_good(1)
    cells[2].source = CHECK.format(canary=f"canary-{2:016x}")
    write(small / "source" / "draft" / "draft.ipynb", cells)
    (text,) = causes(small)
    assert "draft.ipynb, double-check: canary-" in text and "draft.ipynb, double too" in text


def test_a_copy_has_to_change_its_canaries_and_the_original_has_not(small):
    assert release("--no-run").exit_code == 0
    shutil.copytree(small / "source" / "good", small / "source" / "a-copy")
    assert causes(small, "good") == []
    found = causes(small, "a-copy")
    assert len(found) == 2 and "stands in good/good.ipynb, double too" in found[0]
    done = release("--no-run")
    assert done.exit_code == 1 and "good: up to date" in done.output


def test_a_draft_that_takes_its_solution_from_what_others_are_given_is_the_one_to_change(small):
    given = small / "source" / "good" / "good.ipynb"
    cells = cells_of_good()
    cells[0].source += "\n\nGiven: `halved_twice = number / 2 / 2`."
    write(given, cells)
    assert release("--no-run").exit_code == 0
    cells = cells_of_good(1)
    cells[1].source = cells[1].source.replace("return 2 * x ", "halved_twice = number / 2 / 2\n   ")
    draft = write(small / "source" / "draft" / "draft.ipynb", cells)
    done = release("--no-run")
    assert done.exit_code == 1 and "good: up to date" in done.output
    assert "draft/draft.ipynb, double: release/good/good.ipynb shows “halved_twice" in done.output
    # Once both are given to students, a line that one shows of the other is a leak.
    (small / "release" / "draft").mkdir()
    assert any("of draft/draft.ipynb, double" in text for text in causes(small, "good"))
    assert draft.is_file()


# -- images -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("markdown", "wrong"),
    [
        ("![a graph](graph.png)", []),
        ("![a graph](sub/my%20graph.png)", []),
        ("![a graph][1]\n\n[1]: graph.png", []),
        ('<img src="graph.png" alt="a graph" width="300">', []),
        ("![a graph](https://example.org/graph.png)", []),
        ("![a dot](data:image/gif;base64,R0lGODlhAQABAAAAACw=)", []),
        ("![a graph](attachment:there.png)", []),
        ("`![my graph](mine.png)` and\n\n    ![](mine.png)\n\n```\n<img src=mine.png>\n```", []),
        ("![](graph.png)", ["no alt text"]),
        ("![ ](graph.png)", ["no alt text"]),
        ('<p><img src="graph.png"></p>', ["no alt text"]),
        ("![](https://example.org/graph.png)", ["no alt text"]),
        ("![a graph](Graph.png)", ["there is no image"]),
        ("![a graph](../outside.png)", ["there is no image"]),
        ("![a graph](attachment:gone.png)", ["there is no image"]),
        ("- ![](gone.png)\n- ![two](gone-too.png)", ["no image", "no alt text", "no image"]),
        ("text <img src='gone.png'> text", ["there is no image", "no alt text"]),
    ],
)
def test_images_have_their_file_and_their_text(tmp_path, markdown, wrong):
    folder = tmp_path / "assignment"
    (folder / "sub").mkdir(parents=True)
    for place in (folder / "graph.png", folder / "sub" / "my graph.png", tmp_path / "outside.png"):
        place.write_bytes(b"png")
    cell = new_markdown_cell(markdown, attachments={"there.png": {"image/png": "aGk="}})
    found = images.problems_of("a.ipynb", new_notebook(cells=[cell]), folder)
    assert len(found) == len(wrong)
    for problem, words in zip(found, wrong, strict=True):
        assert words in problem.cause


def test_an_image_of_the_reference_alone_is_not_asked_for(small):
    """Students do not get what stands between the marks of a written answer."""
    cells = cells_of_good(1)
    answer = f"### BEGIN SOLUTION\n![my drawing](mine.png) canary-{9:016x}\n### END SOLUTION"
    cells.append(marked("words", answer, new_markdown_cell, solution=True, grade=True, points=0))
    write(small / "source" / "draft" / "draft.ipynb", cells)
    assert causes(small) == []


# -- the reference ---------------------------------------------------------------------------------
def count_runs(monkeypatch):
    calls = []
    run = SandboxedExecutor.__call__

    def counted(self, *arguments):
        calls.append(self)
        return run(self, *arguments)

    monkeypatch.setattr(SandboxedExecutor, "__call__", counted)
    return calls


def test_what_passed_and_is_unchanged_is_not_run_again(small, sandbox, monkeypatch):
    runs = count_runs(monkeypatch)
    assert "the solutions pass\n" in release().output
    assert "the solutions pass (kept from an earlier run)" in release().output
    assert len(runs) == 2  # the reference, and the untouched release
    source = small / "source" / "good" / "good.ipynb"
    source.write_text(source.read_text().replace("double(1) == 2", "double(1) == 3"))
    for _ in range(2):  # a failure is not kept: the machine may have been slow
        done = release()
        assert done.exit_code == 1
        assert "good/good.ipynb, double-check: the reference solution fails" in done.output
    # Each time the reference in both ways, and the untouched release.
    assert len(runs) == 2 + 2 * 3


def test_anyway_releases_and_names_the_checks_that_the_solution_fails(small, sandbox):
    source = small / "source" / "good" / "good.ipynb"
    source.write_text(source.read_text().replace("double(1) == 2", "double(1) == 3"))
    assert release().exit_code == 1
    done = release("--anyway")
    assert done.exit_code == 0
    assert "good: written, no leak found, the solutions fail checks\n" in done.output
    assert "but double-check (2 points) is not decided: double(1) should be 2" in done.output


def test_checks_that_are_judged_beside_are_named_with_the_reason(small, sandbox):
    cells = cells_of_good(1)
    cells[1].source = cells[1].source.replace("2 * x", "factor * x")
    cells[2].source = "factor = 2\n" + cells[2].source
    write(small / "source" / "draft" / "draft.ipynb", cells)
    done = release("draft")
    assert done.exit_code == 0, done.output
    assert "but 1 of 1 checks, with 2 points, are judged beside the students' code" in done.output
    assert "but double-check (2 points): the solution reads `factor`, which double-check" in (
        done.output
    )


def test_the_run_can_be_left_out_and_that_is_said(small, monkeypatch):
    runs = count_runs(monkeypatch)
    done = release("--no-run")
    assert done.exit_code == 0 and "The solutions were not run (--no-run)" in done.output
    assert release("--check").exit_code == 0
    assert runs == []


def test_a_file_that_is_to_be_handed_in_is_looked_for_and_its_lack_is_said(small, sandbox):
    cells = cells_of_good(1)
    cells[2].source += "\nassert open('weights.txt').read() == 'trained'"
    write(small / "source" / "draft" / "draft.ipynb", cells)
    done = release("draft")
    assert done.exit_code == 0, done.output
    assert (
        "but double-check (2 points) was not tried: it needs weights.txt, which is not "
        "in tests/answers/draft/files/ or reference/draft/" in done.output
    )
    folder = small / "tests" / "answers" / "draft" / "files"
    folder.mkdir(parents=True)
    (folder / "weights.txt").write_text("trained")
    done = release("draft")
    assert done.exit_code == 0 and "not tried" not in done.output
    (folder / "weights.txt").write_text("not trained")
    assert "the reference solution fails this check" in release("draft").output


@pytest.mark.parametrize(
    ("why", "name"),
    [
        ("There is no file best.npz beside the notebook.", "best.npz"),
        ("There is no cnn_history.json beside the notebook. Train.", "cnn_history.json"),
        ("img1: There is no file img1.jpg there. A file", "img1.jpg"),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'a/b.csv'", "a/b.csv"),
        ("There is no file given.txt beside the notebook.", ""),
        ("double(1) should be 2", ""),
    ],
)
def test_a_lack_of_a_file_is_told_from_a_failure(why, name):
    assert absent_file(why, ["given.txt"]) == name


def test_a_machine_without_the_sandbox_runs_the_authors_code_all_the_same(small, monkeypatch):
    def refuse(self):
        raise GradingError("No namespaces on this machine.")

    monkeypatch.setattr(SandboxedExecutor, "probe", refuse)
    outcome = reference.examine(small, "good")
    assert outcome.problems == []
    assert "without the sandbox" in outcome.notes[0]


# -- names -----------------------------------------------------------------------------------------
def test_a_cell_is_named_by_its_grade_id_or_by_what_it_says():
    assert place_of("a/b.ipynb", marked("f1", "x = 1")) == "a/b.ipynb, f1"
    plain = new_code_cell("\nx = 1\ny = 2", id="some-id")
    assert place_of("a/b.ipynb", plain) == "a/b.ipynb, cell some-id (“x = 1”)"


def test_the_courses_own_notebooks_can_be_read():
    root = Path(__file__).resolve().parents[2]
    for path in sorted((root / "source").glob("*/*.ipynb")):
        assert read_source(path) == nbformat.read(path, as_version=4)
