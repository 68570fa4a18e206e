"""The leak check finds every secret, in every form; and nothing of ours secrecy."""

import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import nbformat
import pytest

from chainrule.course import secrecy
from chainrule.course.paths import CourseError
from chainrule.course.release import build_release

ROOT = Path(__file__).resolve().parents[2]


def secret(root: Path = ROOT) -> secrecy.Secret:
    return next(s for s in secrecy.secrets(root) if s.text.startswith("grad_w1=grad_product1"))


def test_every_region_has_its_own_canary():
    canaries = [s.text for s in secrecy.secrets(ROOT) if s.text.startswith("canary-")]
    regions = 0
    for path in (ROOT / "source").glob("*/*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            regions += sum(
                cell.source.count(f"BEGIN {kind}")
                for kind in ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
            )
    assert regions > 10
    assert len(canaries) == len(set(canaries)) == regions


def test_solution_lines_hidden_tests_and_schemes_are_secrets():
    texts = {s.text for s in secrecy.secrets(ROOT)}
    assert "grad_w1=grad_product1*x1" in texts
    assert any("accepts" in t and "choosing" not in t for t in texts)
    assert any("copyoperator.Fullpoint" in t for t in texts)


def test_generic_syntax_is_no_secret():
    assert secrecy._is_generic("except NotImplementedError:")
    assert not secrecy._is_generic("grad_d = 2.0 * d")
    assert not secrecy._is_secret("import numpy as np")


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.py", "    grad_w1   =  grad_product1 *x1\n"),
        ("a.html", "<span>grad_w1</span> <b>=</b> <i>grad_product1</i> <span>*</span> x1"),
        ("search.js", '{"text": "grad_w1 = grad_product1 * x1"}'),
        ("a.md", "grad_w1 = grad_product1\n * x1"),
    ],
)
def test_a_secret_is_found_in_every_form(tmp_path, name, form):
    (tmp_path / name).write_text(form)
    with pytest.raises(CourseError, match="1 leaks"):
        secrecy.check_folder(ROOT, tmp_path)


def test_a_secret_is_found_in_notebooks_outputs_and_archives(tmp_path):
    line = "grad_w1 = grad_product1 * x1"
    notebook = {"cells": [{"source": ["a\n", line], "outputs": []}], "metadata": {}}
    output = {"cells": [{"source": [], "outputs": [{"text": [line]}]}], "metadata": {}}
    for content in (notebook, output):
        assert secrecy.find(ROOT, [("a.ipynb", json.dumps(content).encode())])
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as archive:
        archive.writestr("chainrule/x.py", line)
    with pytest.raises(CourseError, match=r"chainrule/x\.py"):
        secrecy.check_folder(ROOT, tmp_path / "a.whl")
    (tmp_path / "x.py").write_text(line)
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "x.py", "pkg/x.py")
    with pytest.raises(CourseError, match=r"pkg/x\.py"):
        secrecy.check_folder(ROOT, tmp_path / "a.tar.gz")


def test_a_canary_is_found_in_a_binary_file(tmp_path):
    canary = next(s.text for s in secrecy.secrets(ROOT) if s.text.startswith("canary-"))
    (tmp_path / "a.png").write_bytes(b"\x89PNG\0\0" + canary.encode() + b"\0")
    with pytest.raises(CourseError, match=canary):
        secrecy.check_folder(ROOT, tmp_path)


def test_pages_and_downloads_of_a_site_are_searched(tmp_path):
    for name in ("page.html", "searchindex.js", "downloads/a.ipynb", "_static/mathjax.js"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text('{"a": "grad_w1 = grad_product1 * x1"}')
    places = {leak.place for leak in secrecy.find(ROOT, secrecy.files_of(tmp_path))}
    assert len(places) == 4
    with pytest.raises(CourseError, match="3 leaks"):
        secrecy.check_site(ROOT, tmp_path)


def test_a_check_of_nothing_is_an_error(tmp_path):
    with pytest.raises(CourseError, match="no files"):
        secrecy.check_folder(ROOT, tmp_path)
    with pytest.raises(CourseError, match="nothing at"):
        secrecy.check_folder(ROOT, tmp_path / "absent")


def test_a_region_without_a_canary_is_an_error(course):
    path = course / "source" / "backprop" / "graphs.ipynb"
    canary = next(s.text for s in secrecy.secrets(course) if s.text.startswith("canary-"))
    path.write_text(path.read_text(encoding="utf-8").replace(canary, "no bird"), encoding="utf-8")
    with pytest.raises(CourseError, match="no canary"):
        build_release(course, "backprop")


def test_what_cannot_be_read_keeps_its_canaries_secret(course):
    """A released assignment in the middle of a merge: its pages are still searched."""
    path = course / "source" / "backprop" / "graphs.ipynb"
    known = {s.text for s in secrecy.secrets(course) if s.origin.startswith("backprop/")}
    canaries = {text for text in known if text.startswith("canary-")}
    path.write_text("<<<<<<< HEAD\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    found = {s.text for s in secrecy.secrets(course) if s.origin.startswith("backprop/")}
    assert found == canaries != set()


def test_release_holds_no_secret():
    assert secrecy.check_folder(ROOT, ROOT / "release") >= 2


def test_package_tree_holds_no_secret():
    assert secrecy.check_folder(ROOT, ROOT / "chainrule") > 20


def test_wheel_and_sdist_hold_no_secret(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
    )
    built = sorted(path.name for path in tmp_path.iterdir())
    assert len(built) == 2
    for path in tmp_path.iterdir():
        names = [name for name, _ in secrecy.files_of(path)]
        assert any(name.endswith("chainrule/graph/engine.py") for name in names)
        for folder in ("source/", "tests/", "examples/", "release/"):
            assert not any(folder in name for name in names), folder
        assert secrecy.check_folder(ROOT, path) > 20


def test_public_copy_holds_no_secret(tmp_path):
    """`git archive` gives what students may read; .gitattributes leaves the rest out."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: the public copy is made with git archive")
    archive = tmp_path / "public.tar"
    subprocess.run(
        ["git", "archive", "--worktree-attributes", "-o", str(archive), "HEAD"],
        cwd=ROOT,
        check=True,
    )
    names = [name for name, _ in secrecy.files_of(archive)]
    assert "release/backprop/graphs.ipynb" in names
    assert not any(name.startswith(("source/", "tests/", "examples/")) for name in names)
    assert secrecy.check_folder(ROOT, archive) > 20
