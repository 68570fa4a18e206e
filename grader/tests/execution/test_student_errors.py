"""An exception class of the notebook is one in a check: to catch, to ask and to make."""

from __future__ import annotations

import json

import pytest
from grader_support.across import Across
from grader_support.notebooks import check, run

from fairmark.execution import student_errors
from fairmark.execution.errors import ChannelError, StudentError
from fairmark.execution.student_errors import checked, class_of, lineage_of, raised

STUDENT = '''
import json, unittest
import numpy as np

class Mixin:
    pass
class Odd(Exception):
    """So odd."""
class Odder(Odd, ValueError):
    pass
class Coded(Mixin, RuntimeError):
    def __init__(self, code, *, why="none"):
        super().__init__(f"code {code}")
        self.code, self.why, self.data = code, why, np.arange(2.0)
    def __str__(self):
        return f"[{self.code}] {self.why}"
class Keyed(KeyError):
    pass
class Skip(unittest.SkipTest):
    pass
def fail(kind):
    if kind == "coded":
        raise Coded(7, why="seven")
    if kind == "value":
        raise ValueError("plain", {"a": [1]})
    if kind == "json":
        json.loads("{")
    if kind == "numpy":
        raise np.linalg.LinAlgError("singular")
    if kind == "skip":
        raise unittest.SkipTest("skipped")
    if kind == "file":
        open("not there")
    raise {"odd": Odd, "odder": Odder, "keyed": Keyed, "own skip": Skip}[kind]("so odd")
def called(f):
    try:
        return f()
    except Odd as error:
        return "odd", str(error), type(error) is Odd
    except ValueError as error:
        return "value", str(error)
def with_object():
    error = Odd("held")
    error.thing, error.function = Mixin(), with_object
    raise error
'''
CHECKS = {
    "except": "try:\n    fail('odd')\nexcept Odd as error:\n    assert str(error) == 'so odd' and error.args == ('so odd',)\nelse:\n    assert False",
    "a base": "for kind in (Odd, ValueError, (KeyError, Odder)):\n    try:\n        fail('odder')\n    except kind as error:\n        assert type(error) is Odder and isinstance(error, Odd)\n    else:\n        assert False",
    "another": "try:\n    fail('odd')\nexcept Odder:\n    assert False\nexcept Odd:\n    pass",
    "attributes": "try:\n    fail('coded')\nexcept Coded as error:\n    assert (error.code, error.why, str(error), error.args) == (7, 'seven', '[7] seven', ('code 7',))\n    assert error.data.tolist() == [0, 1]",
    "assertRaises": "import unittest\ncase = unittest.TestCase()\nwith case.assertRaises(Coded) as found:\n    fail('coded')\nassert found.exception.code == 7\ncase.assertRaisesRegex(Odd, 'so', fail, 'odder')",
    "classes": "assert issubclass(Odder, ValueError) and issubclass(Odder, Odd) and not issubclass(Odd, ValueError) and Odd.__name__ == 'Odd'",
    "made here": "error = Coded(3, why='three')\nassert str(error) == '[3] three' and error.code == 3 and isinstance(error, RuntimeError)\ntry:\n    Coded()\nexcept TypeError:\n    pass\nelse:\n    assert False",
    "raised here": "def f():\n    raise Odder('mine')\nassert called(f) == ('odd', 'mine', False)\ndef g():\n    raise Odd('mine')\nassert called(g) == ('odd', 'mine', True)\ndef h():\n    raise ValueError('mine')\nassert called(h) == ('value', 'mine')",
    "of Python": "try:\n    fail('value')\nexcept ValueError as error:\n    assert error.args[0] == 'plain'\ntry:\n    fail('file')\nexcept FileNotFoundError as error:\n    assert error.errno == 2",
    "of libraries": "import json, numpy\nfor kind, error in (('json', json.JSONDecodeError), ('numpy', numpy.linalg.LinAlgError)):\n    try:\n        fail(kind)\n    except error:\n        pass\n    else:\n        assert False",
    "keyed": "try:\n    fail('keyed')\nexcept KeyError as error:\n    assert type(error) is Keyed and error.args == ('so odd',) and str(error) == \"'so odd'\"",
    "holds objects": "try:\n    with_object()\nexcept Odd as error:\n    assert error.thing is not None and callable(error.function)",
}  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return run(STUDENT, *[check(name, text) for name, text in CHECKS.items()])


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_knows_the_students_exceptions(found, name):
    assert found.points[name] == 1.0, found.failures.get(name)


@pytest.mark.parametrize("kind", ["skip", "own skip"])
def test_a_test_is_not_skipped_by_the_student(kind):
    """For `unittest` an exception of a certain class is no failure."""
    test = (
        "import io, unittest\nclass T(unittest.TestCase):\n    def test(self):\n"
        f"        self.assertEqual(fail('{kind}'), 9)\n"
        "suite = unittest.defaultTestLoader.loadTestsFromTestCase(T)\n"
        "found = unittest.TextTestRunner(stream=io.StringIO()).run(suite)\n"
        "assert found.wasSuccessful()"
    )
    assert run(STUDENT, check("skipped", test)).points == {"skipped": 0.0}


LIES = [
    [],
    3,
    [("a.B", (0,))],
    [("a.B", (5,))],
    [("a.B", ("x",))],
    [("a.B",)],
    [(3, ())],
    [("a.B", ())] * 30,
    ("a.B", ()),
]


@pytest.mark.parametrize("lineage", LIES, ids=lambda lineage: repr(lineage)[:80])
def test_a_lineage_that_lies_breaks_the_rules(lineage):
    with pytest.raises(ChannelError):
        checked(lineage)


@pytest.mark.parametrize("more", [3, {"__class__": int}, {3: 1}, {"args": [1]}, {"fairmark_x": 1}])
def test_attributes_that_lie_break_the_rules(more):
    with pytest.raises(ChannelError):
        raised(lineage_of(ValueError), "", [], more, [], None, lambda name: None)


@pytest.mark.parametrize(
    "name", ["os.error", "json.JSONDecodeErrors", "builtins.print", "numpy.testing.SkipTest", "."]
)
def test_a_class_that_is_none_of_a_library_is_made(name):
    kind = class_of([(name, ())], lambda own: None)
    assert (issubclass(kind, StudentError) and kind is not StudentError) or name == "."


def test_a_class_of_a_library_is_that():
    assert class_of(lineage_of(json.JSONDecodeError), lambda name: None) is json.JSONDecodeError
    assert class_of(lineage_of(KeyError), lambda name: None) is KeyError


def test_classes_have_an_end(monkeypatch):
    monkeypatch.setattr(student_errors, "_made", {})
    for number in range(400):
        class_of([(f"__main__.Name{number}", ())], lambda name: None)
    assert class_of([("__main__.Last", ())], lambda name: None) is StudentError


def test_the_class_goes_back_as_the_students():
    with Across(f"{STUDENT}\ndef name_of(kind): return kind is Odd, kind is ValueError") as across:
        assert across["name_of"](across["Odd"]) == (True, False)
        assert across["name_of"](ValueError) == (False, True)
