"""A student's notebook or Python file is used like a module; only definitions of it run."""

import inspect
import linecache
import traceback

import nbformat
import pytest

from chainrule.handin.student_code import NotDefined, StudentCodeError, find_code, load_definitions


def write_notebook(path, *cells):
    made = []
    for cell in cells:
        source, metadata = cell if isinstance(cell, tuple) else (cell, {})
        made.append(nbformat.v4.new_code_cell(source, metadata=metadata))
    nbformat.write(nbformat.v4.new_notebook(cells=made), path)
    return path


def test_definitions_run_and_nothing_else(tmp_path):
    path = write_notebook(
        tmp_path / "layers.ipynb",
        "import math\nTWO = 2\nprint('loud')\nraise RuntimeError('never')",
        "def area(r):\n    return TWO * math.pi * helper(r) / 2",
        "def helper(r):\n    return r**2",
        "class Net:\n    size = 3",
        "result = area(1) / 0",
    )
    code = load_definitions(path, needs=["area", "Net"])
    assert code.area(1.0) == pytest.approx(3.14159265)
    assert code.Net().size == 3
    assert code.__name__ == "layers"
    assert not hasattr(code, "result")


def test_nothing_is_printed(tmp_path, capsys):
    load_definitions(write_notebook(tmp_path / "a.ipynb", "print('loud')", "def f(): pass"))
    assert capsys.readouterr() == ("", "")


def test_a_python_file_works_too(tmp_path):
    path = tmp_path / "affine.py"
    path.write_text("# %% [markdown]\n# text\n\n# %%\ndef f(x):\n    return x + 1\n\n\nf(None)\n")
    assert load_definitions(path, needs=["f"]).f(1) == 2


def test_the_notebook_comes_before_its_backup(tmp_path):
    write_notebook(tmp_path / "affine.ipynb", "def f():\n    return 'notebook'")
    (tmp_path / "affine.py").write_text("def f():\n    return 'backup'\n")
    assert load_definitions(tmp_path / "affine").f() == "notebook"
    (tmp_path / "affine.ipynb").unlink()
    assert load_definitions(tmp_path / "affine").f() == "backup"


def test_magics_do_not_hurt(tmp_path):
    path = write_notebook(
        tmp_path / "a.ipynb",
        "%matplotlib inline\n!ls\nfiles = !ls\nimport math",
        "%%time\ndef f():\n    return math.e",
        "%%bash\necho def g",
        "f?",
    )
    assert load_definitions(path, needs=["f"]).f() == pytest.approx(2.71828, abs=1e-5)


def test_checks_and_setup_are_left_out(tmp_path):
    graded = {"nbgrader": {"grade": True, "grade_id": "x", "solution": False}}
    path = write_notebook(
        tmp_path / "a.ipynb",
        ("import does_not_exist_1", {"tags": ["setup"]}),
        ("def hidden():\n    pass", graded),
        "def f():\n    return 1",
    )
    code = load_definitions(path, needs=["f"])
    assert not hasattr(code, "hidden")


def test_later_definitions_win(tmp_path):
    path = write_notebook(tmp_path / "a.ipynb", "def f():\n    return 1", "def f():\n    return 2")
    assert load_definitions(path).f() == 2


def test_source_can_be_read(tmp_path):
    path = write_notebook(tmp_path / "a.ipynb", "x = 1\n\ndef f():\n    return 'me'")
    assert "return 'me'" in inspect.getsource(load_definitions(path).f)


def traceback_of(function) -> str:
    with pytest.raises(ZeroDivisionError) as caught:
        function()
    return "".join(traceback.format_exception(caught.value))


def test_two_notebooks_of_one_name_keep_their_own_source(tmp_path):
    codes = {}
    for student in ("ann", "bob", "cleo"):
        (tmp_path / student).mkdir()
        text = f"def f():\n    owner = {student!r}\n    return 1 / 0  # {student}"
        path = write_notebook(tmp_path / student / "layers.ipynb", text)
        codes[student] = load_definitions(path)
    for student, code in codes.items():
        assert f"owner = {student!r}" in inspect.getsource(code.f)
        shown = traceback_of(code.f)
        assert f"# {student}" in shown
        assert "layers.ipynb, cell 1" in shown


def test_a_notebook_that_was_changed_and_loaded_again(tmp_path):
    before = load_definitions(write_notebook(tmp_path / "a.ipynb", "def f():\n    return 1 / 0"))
    after = load_definitions(
        write_notebook(tmp_path / "a.ipynb", "# a new line\n\ndef f():\n    return 2 / 0")
    )
    assert "return 1 / 0" in traceback_of(before.f)
    assert "return 2 / 0" in traceback_of(after.f)


def test_loading_again_what_has_not_changed_takes_no_room(tmp_path):
    path = write_notebook(tmp_path / "only_here.ipynb", "def f():\n    return 1")
    for _ in range(3):
        load_definitions(path)
    assert [name for name in linecache.cache if "only_here" in name] == [
        "<only_here.ipynb, cell 1>"
    ]


def test_files_beside_it_can_be_imported(tmp_path):
    (tmp_path / "helper_beside_it.py").write_text("VALUE = 7\n")
    path = write_notebook(
        tmp_path / "a.ipynb", "import helper_beside_it as h\ndef f():\n    return h.VALUE"
    )
    assert load_definitions(path, needs=["f"]).f() == 7


def test_future_annotations(tmp_path):
    path = write_notebook(
        tmp_path / "a.ipynb",
        "from __future__ import annotations\ndef f(x: NoSuchThing):\n    return x",
    )
    assert load_definitions(path, needs=["f"]).f(3) == 3


def test_optional_import(tmp_path):
    path = write_notebook(
        tmp_path / "a.ipynb",
        "try:\n    import does_not_exist_2 as dd\nexcept ImportError:\n    dd = None\n"
        "def f():\n    return dd",
    )
    assert load_definitions(path, needs=["f"]).f() is None


def test_missing_file(tmp_path):
    with pytest.raises(StudentCodeError, match=r"no layers\.ipynb and no layers\.py in"):
        load_definitions(tmp_path / "layers")
    with pytest.raises(StudentCodeError, match=r"There is no layers\.ipynb in"):
        find_code(tmp_path / "layers.ipynb")


def test_damaged_files(tmp_path):
    (tmp_path / "a.ipynb").write_text("{ this is not JSON")
    with pytest.raises(StudentCodeError, match="not a notebook"):
        load_definitions(tmp_path / "a.ipynb")
    (tmp_path / "b.ipynb").write_text("")
    with pytest.raises(StudentCodeError, match="empty"):
        load_definitions(tmp_path / "b.ipynb")
    (tmp_path / "c.py").write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(StudentCodeError, match="not a text file"):
        load_definitions(tmp_path / "c.py")


def test_syntax_error_names_cell_and_line(tmp_path):
    path = write_notebook(tmp_path / "a.ipynb", "def f():\n    pass", "x = 1\ndef g(:\n    pass")
    with pytest.raises(StudentCodeError, match=r"a\.ipynb, cell 2, line 2: def g\(:"):
        load_definitions(path)


def test_missing_function(tmp_path):
    path = write_notebook(tmp_path / "a.ipynb", "def f():\n    pass")
    with pytest.raises(NotDefined, match=r"a\.ipynb does not define g"):
        load_definitions(path, needs=["f", "g"])
    with pytest.raises(NotDefined, match=r"a\.ipynb does not define g"):
        load_definitions(path).g()


def test_definition_that_fails(tmp_path):
    path = write_notebook(tmp_path / "a.ipynb", "class Net(NoBase):\n    pass\ndef f():\n    pass")
    assert callable(load_definitions(path, needs=["f"]).f)
    with pytest.raises(NotDefined, match=r"Net of a\.ipynb cannot .* cell 1, line 1.*NoBase"):
        load_definitions(path, needs=["Net"])


def test_import_that_fails_hurts_only_its_users(tmp_path):
    path = write_notebook(
        tmp_path / "a.ipynb",
        "import does_not_exist_3 as dd\ndef f():\n    return 1\ndef g():\n    return dd.x",
        "def h():\n    return g()",
    )
    assert load_definitions(path, needs=["f"]).f() == 1
    with pytest.raises(StudentCodeError, match=r"g of a\.ipynb uses `dd`.*does_not_exist_3"):
        load_definitions(path, needs=["h"])


def test_value_from_outside_functions(tmp_path):
    path = write_notebook(
        tmp_path / "a.ipynb",
        "import numpy as np\nscale = np.ones(2)",
        "def f(x):\n    return x * scale",
        "def g(x):\n    scale = 3\n    return x * scale",
        "def h(x):\n    return x.scale",
    )
    load_definitions(path, needs=["g", "h"])
    with pytest.raises(StudentCodeError, match=r"f of a\.ipynb uses `scale`.*cell 1, line 2"):
        load_definitions(path, needs=["f"])


def test_globals_that_functions_set(tmp_path):
    path = write_notebook(
        tmp_path / "a.ipynb",
        "count = list()\ndef f():\n    global count\n    count = 1\n    return count",
    )
    assert load_definitions(path, needs=["f"]).f() == 1


def test_the_search_path_is_restored(tmp_path):
    import sys

    before = list(sys.path)
    load_definitions(write_notebook(tmp_path / "a.ipynb", "def f(): pass"))
    assert sys.path == before
