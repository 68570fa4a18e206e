"""The pages that students get: what is on them, and what must not be."""

from __future__ import annotations

import re
import shutil

import nbformat
import pytest
from bs4 import BeautifulSoup
from grader_support import course_maker as maker
from nbformat.v4 import new_output

from fairmark.folder import CourseFolder
from fairmark.grading.template import load_template
from fairmark.messages import diagnosis
from fairmark.model import GradingError
from fairmark.reports.feedback import secrets_of, write_feedback
from fairmark.reports.safe_html import clean, formula, markdown, output


@pytest.fixture(scope="module")
def pages(graded_class) -> dict[str, str]:
    written = write_feedback(CourseFolder(graded_class.root), maker.ASSIGNMENT)
    return {path.parent.parent.name: path.read_text(encoding="utf-8") for path in written}


def rows(page: str) -> dict[str, list[str]]:
    table = BeautifulSoup(page, "html.parser").find("table", class_="checks")
    cells = (
        [td.get_text(" ", strip=True) for td in tr.find_all("td")] for tr in table.find_all("tr")
    )
    return {row[0]: row[1:] for row in cells if row}


def test_everybody_gets_a_page(pages, graded_class):
    assert set(pages) == set(graded_class.results)


def test_no_page_holds_a_hidden_test_or_a_marking_scheme(pages):
    for student, page in pages.items():
        for secret in ("canary-", "HIDDEN TESTS", "MARK SCHEME", "f1(-1.5)", "each of the two"):
            assert secret not in page, (student, secret)


def answer_cell(graded_class, student):
    path = graded_class.root / "autograded" / student / maker.ASSIGNMENT / "kite.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cells = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution")]
    return path, notebook, next(c for c in cells if c.outputs)


def test_a_student_who_prints_the_kernels_history_sees_no_test(graded_class):
    """The text of a check is never in the student's process."""
    _, _, cell = answer_cell(graded_class, "u-peeks")
    printed = "".join(out.get("text", "") for out in cell.outputs)
    assert "seen" in printed and "f1(-1.5)" not in printed


def test_an_output_with_a_test_is_not_shown(graded_class, tmp_path):
    """Another grader than this one may have let a notebook print its checks."""
    root = tmp_path / "course"
    shutil.copytree(graded_class.root, root)
    path, notebook, cell = answer_cell(graded_class, "u-peeks")
    cell.outputs = [new_output("stream", text=maker.HIDDEN)]
    place = root / path.relative_to(graded_class.root)
    place.chmod(0o644)
    nbformat.write(notebook, place)
    written = write_feedback(CourseFolder(root), maker.ASSIGNMENT)
    page = next(p for p in written if "u-peeks" in str(p)).read_text(encoding="utf-8")
    assert "This output is not shown" in page and "f1(-1.5)" not in page


def test_no_page_runs_or_loads_anything(pages):
    for page in pages.values():
        soup = BeautifulSoup(page, "html.parser")
        assert not soup.find_all(["script", "link", "iframe", "object", "embed"])
        assert all(img["src"].startswith("data:image/") for img in soup.find_all("img"))
        assert not [t for t in soup.find_all(True) if any(a.startswith("on") for a in t.attrs)]
        policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
        assert policy.startswith("default-src 'none'")
        assert not re.search(r"@import|url\(", soup.find("style").string)


def test_summary_tells_points_and_diagnosis(pages):
    found = rows(pages["l-edited"])
    assert found["f1-forward"] == [
        "✗ not earned",
        "0 / 3",
        "f1(2) should be 4: is a factor missing?",
    ]
    assert found["f2-forward"] == ["✓ earned", "4 / 4", ""]
    assert found["drawing"] == ["… waits", "- / 5", "A person will read this."]


def test_an_open_answer_says_so(pages):
    found = rows(pages["b-untouched"])
    assert "not filled in yet" in found["f1-forward"][2]
    assert found["drawing"] == ["✗ not earned", "0 / 5", "No response."]


def test_a_stopped_check_says_so(pages):
    found = rows(pages["p-endless"])
    assert found["f2-forward"] == ["! not decided", "0 / 4", "The check did not end within 3 s."]
    assert "Only partly graded" in pages["p-endless"]


@pytest.mark.parametrize("student", ["e-missing", "f-notjson", "g-html", "h-empty"])
def test_needs_review_is_said_and_no_mark_is_shown(pages, student, graded_class):
    page = BeautifulSoup(pages[student], "html.parser").get_text(" ")
    assert "Not graded yet" in page
    assert graded_class.results[student].reason in page
    assert "0 of 16" not in page and "Your work" not in page


def test_no_traceback(pages):
    assert "Traceback (most" not in pages["c-half"] and "Cell In[" not in pages["c-half"]


def test_students_answer_is_shown(pages):
    assert "My graph has five operators" in pages["a-full"]
    assert "<math" in pages["a-full"]


def test_ungraded_student_is_named(graded_class):
    with pytest.raises(GradingError, match="nobody"):
        write_feedback(CourseFolder(graded_class.root), maker.ASSIGNMENT, ["nobody"])


def test_secrets_are_found_when_quoted(graded_class):
    template, _ = load_template(
        CourseFolder(graded_class.root), maker.ASSIGNMENT, synchronise=False
    )
    guard = secrets_of(template)
    assert guard.finds(repr(["", maker.F1_CHECK]))
    assert guard.finds(maker.HIDDEN)
    assert not guard.finds(maker.ANSWERS["f1"])


NASTY = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<img src="https://example.org/pixel.png">',
    '<a href="javascript:alert(1)">x</a>',
    '<iframe src="https://example.org"></iframe>',
    "<style>body { background: url(https://example.org) }</style>",
    '<svg><script>alert(1)</script><a href="javascript:x">y</a></svg>',
    '<form action="https://example.org"><input></form>',
    "<math><mtext><script>alert(1)</script></mtext></math>",
    '<p style="background:url(https://example.org)">x</p>',
    '<meta http-equiv="refresh" content="0;url=https://example.org">',
    '<link rel="stylesheet" href="https://example.org/x.css">',
    '<img src="data:text/html,<script>alert(1)</script>">',
]


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("way", [clean, markdown])
def test_live_html_is_made_harmless(text, way):
    soup = BeautifulSoup(way(text), "html.parser")
    allowed = {"img": {"src", "alt", "class"}, "a": {"href"}}
    for tag in soup.find_all(True):
        assert tag.name not in ("script", "style", "iframe", "form", "meta", "link", "svg", "input")
        assert set(tag.attrs) <= allowed.get(tag.name, set())
        assert tag.get("src", "data:image/").startswith("data:image/")
        assert not tag.get("href", "").startswith("javascript")


def test_drawings_become_pictures():
    found = clean('<svg width="9"><title>a circle</title><circle r="3"/></svg>')
    assert found.startswith("<img") and 'alt="a circle"' in found


def test_what_a_script_would_show_is_dropped():
    text = '<div><div style="display: none"><svg></svg></div><img src="data:image/png;base64,AA=="></div>'
    assert clean(text).count("<img") == 1


def test_tables_and_pictures_stay():
    out = new_output("display_data", {"text/html": "<table><tr><td>1</td></tr></table>"})
    assert "<td>1</td>" in output(out)
    out = new_output("display_data", {"image/png": "iVBORw0KGgo=\n", "text/plain": "<Figure>"})
    assert 'src="data:image/png;base64,iVBORw0KGgo="' in output(out)
    out = new_output("display_data", {"image/png": '"><script>'})
    assert output(out) == ""


def test_attachments_and_files_become_part_of_the_page():
    text = "![mine](attachment:a.png) ![file](b.png) ![other](c.png)"
    found = markdown(text, {"a.png": {"image/png": "QUJD"}}, {"b.png": b"ABC"})
    assert found.count("data:image/png;base64,QUJD") == 2
    assert "picture not shown: c.png" in found


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{\partial L}{\partial w_1}",
        r"\begin{aligned} a &= b \\ c &< d \end{aligned}",
        r"\begin{bmatrix} 1 & 2 \end{bmatrix}",
        r"p_+ = \mathrm{choose}(p_1, p_2, y)",
    ],
)
def test_mathematics_needs_no_script(tex):
    pytest.importorskip("latex2mathml")
    assert formula(tex, block=True).startswith("<math")


@pytest.mark.parametrize(
    "tex", [r"\frac{", r"\text{<script>alert(1)</script>}", r"a & b", "{" * 3000]
)
def test_what_cannot_be_converted_is_shown_as_tex(tex):
    assert formula(tex, block=False).startswith(("<code", "<math"))
    assert "<script" not in formula(tex, block=False)


def executed(error: dict, count: int = 2) -> list:
    answer = nbformat.v4.new_code_cell("def f(x):\n    return 1 / x", execution_count=1)
    check = nbformat.v4.new_code_cell("assert f(0)", execution_count=count)
    check.metadata["nbgrader"] = {"grade": True, "solution": False, "grade_id": "f"}
    check.outputs = [new_output("error", **error)]
    return [answer, check]


def test_diagnosis_names_the_students_line_only():
    trace = [
        "\x1b[36mCell In[2], line 1\x1b[39m\n----> 1 assert f(0), 'hidden'",
        "\x1b[36mCell In[1], line 2, in f(x)\x1b[39m\n      1 def f(x):\n----> 2     return 1 / x",
    ]
    cells = executed(
        {"ename": "ZeroDivisionError", "evalue": "division by zero", "traceback": trace}
    )
    assert diagnosis(cells[1], cells) == (
        "ZeroDivisionError: division by zero\n(in your code, line 2 of its cell: return 1 / x)"
    )


@pytest.mark.parametrize("name", ["AssertionError", "CheckFailed"])
def test_an_assertion_speaks_for_itself(name):
    cells = executed({"ename": name, "evalue": "look at the sign", "traceback": []})
    assert diagnosis(cells[1], cells) == "look at the sign"


def test_a_silent_assertion():
    cells = executed({"ename": "AssertionError", "evalue": "", "traceback": ["secret"]})
    assert diagnosis(cells[1], cells) == "The check failed (it gives no message)."
