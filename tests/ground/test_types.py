"""What is public in the package says its types: students read them in help()."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "chainrule"

Function = ast.FunctionDef | ast.AsyncFunctionDef


def public_functions(body: list[ast.stmt], above: str = "") -> Iterator[tuple[str, Function]]:
    """Go through functions and methods without an underscore, and the special methods."""
    for node in body:
        special = above and getattr(node, "name", "").startswith("__")
        if isinstance(node, Function) and (special or not node.name.startswith("_")):
            yield above + node.name, node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_functions(node.body, f"{above}{node.name}.")


def without_type(function: Function, method: bool) -> list[str]:
    """Name the parameters without a type, and the result where it has none."""
    given = function.args
    parameters = [*given.posonlyargs, *given.args]
    static = any(getattr(d, "id", "") == "staticmethod" for d in function.decorator_list)
    parameters = parameters[1:] if method and not static else parameters
    parameters += [*given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    missing = [one.arg for one in parameters if one.annotation is None]
    return missing if function.returns is not None else [*missing, "the result"]


def test_what_is_public_is_annotated_whole():
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for name, function in public_functions(tree.body):
            missing = without_type(function, "." in name)
            if missing:
                place = path.relative_to(PACKAGE.parent)
                found.append(f"{place}:{function.lineno} {name}: {', '.join(missing)}")
    assert not found, "\n".join(found)


def test_a_missing_type_is_found():
    source = (
        "def whole(a: int, *b: int, c: int = 1, **d: int) -> None: ...\n"
        "def part(a, *b, c=1, **d): ...\n"
        "def _private(a): ...\n"
        "class Shown:\n"
        "    def __init__(self, a: int): ...\n"
        "    @staticmethod\n"
        "    def made(a) -> None: ...\n"
        "    def _private(self, a): ...\n"
    )
    found = {
        name: without_type(function, "." in name)
        for name, function in public_functions(ast.parse(source).body)
    }
    assert found == {
        "whole": [],
        "part": ["a", "c", "b", "d", "the result"],
        "Shown.__init__": ["the result"],
        "Shown.made": ["a"],
    }
