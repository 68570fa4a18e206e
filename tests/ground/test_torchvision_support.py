"""`import torchvision` stays a plain line, whatever build of torch is there."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]

needs_torchvision = pytest.mark.skipif(
    importlib.util.find_spec("torchvision") is None or importlib.util.find_spec("torch") is None,
    reason="torch or torchvision is not installed",
)


def python(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_torchvision
def test_torchvision_imports_after_chainrule():
    out = python(
        "import chainrule\n"
        "import torchvision, torch\n"
        "import torchvision.transforms.v2, torchvision.datasets\n"
        "model = torchvision.models.resnet18(weights=None).eval()\n"
        "with torch.no_grad():\n"
        "    print(tuple(model(torch.zeros(1, 3, 64, 64)).shape))\n"
        "print(len(torchvision.models.EfficientNet_B0_Weights.DEFAULT.meta['categories']))\n"
    )
    assert out.split("\n")[:2] == ["(1, 1000)", "1000"]


@needs_torchvision
def test_it_works_after_an_attempt_that_failed():
    out = python(
        "try:\n"
        "    import torchvision\n"
        "except RuntimeError as error:\n"
        "    pass\n"
        "import chainrule\n"
        "import torchvision\n"
        "print(torchvision.__name__)\n"
    )
    assert out.strip() == "torchvision"


@needs_torchvision
def test_detection_operators_still_say_what_is_missing():
    out = python(
        "import chainrule, torchvision, torch\n"
        "from torchvision import extension\n"
        "if extension._has_ops():\n"
        "    print('the compiled part is loaded: custom C++ ops')\n"
        "else:\n"
        "    try:\n"
        "        torchvision.ops.nms(torch.zeros(1, 4), torch.zeros(1), 0.5)\n"
        "    except RuntimeError as error:\n"
        "        print(error)\n"
    )
    assert "custom C++ ops" in out


@needs_torchvision
def test_nothing_is_declared_where_the_compiled_part_is_loaded():
    out = python(
        "import types, torch\n"
        "from chainrule.torchvision_support import declare_operators\n"
        "loaded = types.SimpleNamespace(_has_ops=lambda: True)\n"
        "print(declare_operators(loaded), hasattr(torch.ops.torchvision, 'nms'))\n"
        "missing = types.SimpleNamespace(_has_ops=lambda: False)\n"
        "print(declare_operators(missing), hasattr(torch.ops.torchvision, 'nms'))\n"
        "print(declare_operators(missing))\n"
        "print(declare_operators(types.SimpleNamespace()))\n"
    )
    assert out.split("\n")[:4] == ["[] False", "['nms', 'qnms'] True", "[]", "[]"]


def test_importing_chainrule_imports_neither():
    out = python(
        "import sys, chainrule\nprint('torch' in sys.modules, 'torchvision' in sys.modules)"
    )
    assert out.strip() == "False False"


def test_the_finder_is_there_once_and_looks_at_one_module():
    out = python(
        "import sys, chainrule\n"
        "from chainrule.torchvision_support import _Finder, install\n"
        "install()\n"
        "finders = [f for f in sys.meta_path if isinstance(f, _Finder)]\n"
        "print(len(finders), finders[0].find_spec('json'), finders[0].find_spec('torchvision'))\n"
    )
    assert out.strip() == "1 None None"


def set_up_cells() -> set[str]:
    """Return the different set-up cells of all assignments and lessons."""
    paths = [*(ROOT / "source").glob("*/*.ipynb"), *(ROOT / "notebooks").glob("*.ipynb")]
    cells = [cell for path in paths for cell in nbformat.read(path, as_version=4).cells]
    return {cell.source for cell in cells if "setup" in cell.metadata.get("tags", [])}


@needs_torchvision
def test_it_is_the_first_line_that_a_student_writes(tmp_path):
    """After the set-up cell, in a fresh process, with nothing else imported."""
    (setup,) = set_up_cells()
    script = tmp_path / "first.py"
    script.write_text(f"{setup}\nimport torchvision\nprint(torchvision.__name__)\n")
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.stdout.strip() == "torchvision", done.stderr
