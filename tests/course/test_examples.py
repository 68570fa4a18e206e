"""The committed example submissions are what the script makes from source/ and release/."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def load_tool(name: str):
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def contents(folder: Path) -> dict:
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_committed_examples_are_fresh(tmp_path):
    load_tool("make_examples").write(tmp_path)
    assert contents(tmp_path) == contents(ROOT / "examples" / "submissions")


def test_sample_files_are_fresh(tmp_path, monkeypatch):
    tool = load_tool("make_samples")
    committed = contents(tool.FOLDER)
    monkeypatch.setattr(tool, "FOLDER", tmp_path)
    tool.main()
    made = contents(tmp_path)
    assert len(made) == len(tool.SAMPLES)
    assert made == {name: committed[name] for name in made}


def test_the_picture_of_the_readme_is_fresh(tmp_path, monkeypatch):
    tool = load_tool("make_picture")
    committed = tool.TARGET.read_bytes()
    monkeypatch.setattr(tool, "TARGET", tmp_path / "copy.svg")
    tool.main()
    assert (tmp_path / "copy.svg").read_bytes() == committed
