"""The examples on pages for people who write checks or call the library: what they show happens."""

import doctest
import re

import pytest

BLOCK = re.compile(r"^```python\n(>>> .*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", ["book/checks.md"])
def test_examples_of_a_page(root, page):
    blocks = BLOCK.findall((root / page).read_text(encoding="utf-8"))
    examples = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, page, page, 0)
    assert len(examples.examples) > 10
    said = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    runner.run(examples, out=said.append)
    assert not said, "".join(said)


def test_the_page_names_every_tool_for_checks(root):
    page = (root / "book" / "checks.md").read_text(encoding="utf-8")
    for path in sorted((root / "chainrule" / "checks").glob("[a-z]*.py")):
        public = re.findall(r"^def ([a-z]\w*)", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert f"{path.stem}" in page and public
        for name in public:
            assert re.search(rf"\b{name}\b", page), f"{path.name}: {name} is not on the page"


def test_the_ten_rules_stand_in_one_place(root):
    rules = (root / "grader" / "docs" / "checks.md").read_text(encoding="utf-8")
    assert re.findall(r"^(\d+)\. ", rules, re.MULTILINE) == [str(n) for n in range(1, 11)]
    assert "chainrule" not in rules.lower()
    assert "{include} ../grader/docs/checks.md" in (root / "book" / "checks.md").read_text()
