"""Files at the top that must agree: versions, Pythons, and links that lead somewhere."""

import json
import re
from pathlib import Path

import pytest
import tomllib
from ruamel.yaml import YAML

import chainrule

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
GRADER = tomllib.loads((ROOT / "grader/pyproject.toml").read_text(encoding="utf-8"))["project"]

#: Pages that people read where they lie. Pages of the book are checked when it is built, too.
PAGES = sorted(
    path.relative_to(ROOT)
    for pattern in ("*.md", "docs/*.md", "book/*.md", "grader/*.md", "grader/docs/*.md")
    for path in ROOT.glob(pattern)
)


def text_of(name) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def links(text: str) -> list[str]:
    """Find the targets of links and images, without those that stand in code."""
    text = re.sub(r"^```.*?^```$|`[^`\n]*`", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"\]\(([^)\s]+)\)", text)


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_of_a_page_lead_somewhere(page):
    for link in links(text_of(page)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (ROOT / page).parent / name if name else ROOT / page
        assert target.exists(), f"{page}: {link}"
        assert target.resolve().is_relative_to(ROOT), f"{page}: {link} leads out"
        if anchor and target.suffix == ".md":
            titles = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", t.lower()).replace(" ", "-") for t in titles}
            assert anchor in slugs, f"{page}: {link}"


def test_there_are_pages_to_check():
    assert {Path("README.md"), Path("docs/architecture.md"), Path("book/checks.md")} <= set(PAGES)


def test_one_version_everywhere():
    fairmark = re.search(r'__version__ = "(.+)"', text_of("grader/src/fairmark/__init__.py"))[1]
    cited = re.search(r"^version: (.+)$", text_of("CITATION.cff"), re.MULTILINE)[1]
    assert chainrule.__version__ == fairmark == cited
    assert f"## [{fairmark}]" in text_of("CHANGELOG.md")


def supported(project) -> list[str]:
    """Return the Pythons that a project's classifiers name."""
    return re.findall(r":: Python :: (3\.\d+)", "\n".join(project["classifiers"]))


def test_pythons_are_those_that_nox_runs():
    pythons = json.loads(re.search(r"^PYTHONS = (\[.+\])$", text_of("noxfile.py"), re.M)[1])
    assert supported(PROJECT) == pythons
    assert supported(GRADER) == pythons[1:]
    assert PROJECT["requires-python"] == f">={pythons[0]}"
    assert GRADER["requires-python"] == f">={pythons[1]}"
    assert f"Python {pythons[0]} or newer; {pythons[0]} to {pythons[-1]} are tested" in text_of(
        "book/students.md"
    )
    assert f"Students need less: Python {pythons[0]} to {pythons[-1]}" in text_of("README.md")


def conda_python(name: str) -> str:
    parts = YAML(typ="safe").load(text_of(name))["dependencies"]
    return next(part for part in parts if isinstance(part, str) and part.startswith("python="))


def test_containers_have_the_python_of_the_tested_set():
    wanted = conda_python("environment.yml")
    assert conda_python("binder/environment.yml") == wanted
    image = json.loads(text_of(".devcontainer/devcontainer.json"))["image"]
    assert f":{wanted.removeprefix('python=')}-" in image


def test_binder_installs_the_tested_versions():
    script = text_of("binder/postBuild")
    assert "-c constraints.txt" in script and "constraints.txt)" in script
    assert (ROOT / "binder" / "postBuild").stat().st_mode & 0o100


def test_what_hooks_and_workflows_call_is_there():
    sessions = set(re.findall(r"^def ([a-z]\w*)\(session", text_of("noxfile.py"), re.MULTILINE))
    called = set(re.findall(r"nox -s (\w+)", text_of(".github/workflows/tests.yml")))
    called |= set(re.findall(r"nox -s (\w+)", text_of("CONTRIBUTING.md")))
    assert called and called <= sessions
    for name in re.findall(r"entry: \.venv/bin/(\w+)", text_of(".pre-commit-config.yaml")):
        wanted = "\n".join(PROJECT["optional-dependencies"]["test"])
        assert name in PROJECT["scripts"] or f"{name}>=" in wanted


def test_the_drawing_is_what_its_script_draws():
    import runpy

    drawn = runpy.run_path(str(ROOT / "tools" / "draw_architecture.py"))["drawing"]()
    assert drawn == text_of("docs/architecture.svg")


def test_both_packages_carry_their_types():
    assert (ROOT / "chainrule" / "py.typed").is_file()
    assert (ROOT / "grader" / "src" / "fairmark" / "py.typed").is_file()
