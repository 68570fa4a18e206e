"""Which build of PyTorch `make course` takes, with programs and hosts that are made up."""

import functools
import http.server
import importlib.util
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """The tool on a Linux machine without card, PyTorch or network; it records calls of pip."""
    spec = importlib.util.spec_from_file_location("torch_build", ROOT / "tools/torch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.calls = []
    monkeypatch.setattr(module, "pip", lambda *arguments: module.calls.append(arguments) or True)
    monkeypatch.setattr(module, "CARDS", tmp_path / "gpus")
    monkeypatch.setattr(module, "installed", lambda: "")
    monkeypatch.setattr(module, "INDEX", "http://127.0.0.1:9")  # nobody listens there
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("PATH", str(tmp_path))
    return module


@pytest.fixture
def index(tool, tmp_path, monkeypatch):
    """A host that has the tested versions."""
    for name, pin in tool.pins().items():
        (tmp_path / "whl" / name).mkdir(parents=True)
        wheel = f"{name}-{pin}%2Bcpu-cp311-cp311-manylinux_2_28_x86_64.whl"
        (tmp_path / "whl" / name / "index.html").write_text(f'<a href="{wheel}">{name}</a>')

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    handler = functools.partial(Quiet, directory=str(tmp_path / "whl"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(tool, "INDEX", f"http://127.0.0.1:{server.server_port}")
        yield tool.INDEX
        server.shutdown()


def nvidia_smi(folder: Path, text: str, code: int = 0) -> None:
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n[ \"$1\" = -L ] && echo '{text}'\nexit {code}\n")
    program.chmod(0o755)


def call(tool, monkeypatch, wanted: str) -> int:
    monkeypatch.setattr(sys, "argv", ["torch_build.py", wanted])
    return tool.main()


def from_the_index(tool) -> tuple:
    named = [f"{name}=={pin}+cpu" for name, pin in tool.pins().items()]
    return ("install", "--no-deps", "--index-url", tool.INDEX, *named)


def test_a_card_is_seen_where_the_driver_names_one(tool, tmp_path):
    assert not tool.has_card()
    nvidia_smi(tmp_path, "GPU 0: Made-up (UUID: GPU-1)")
    assert tool.has_card()
    nvidia_smi(tmp_path, "No devices were found")
    assert not tool.has_card()
    nvidia_smi(tmp_path, "GPU 0: the driver has failed", code=9)
    assert not tool.has_card()
    (tmp_path / "gpus").mkdir()
    assert not tool.has_card()
    (tmp_path / "gpus" / "0000:01:00.0").mkdir()
    assert tool.has_card()


def test_without_a_card_the_build_for_the_cpu_is_taken(tool, index, monkeypatch, capsys):
    assert call(tool, monkeypatch, "auto") == 0
    assert tool.calls == [from_the_index(tool)]
    assert "its own build for the CPU" in capsys.readouterr().out


def test_with_a_card_the_usual_build_is_left_to_pip(tool, index, monkeypatch, tmp_path, capsys):
    nvidia_smi(tmp_path, "GPU 0: Made-up (UUID: GPU-1)")
    assert call(tool, monkeypatch, "auto") == 0
    assert tool.calls == [] and capsys.readouterr().out == ""


def test_elsewhere_there_is_one_build(tool, index, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert call(tool, monkeypatch, "auto") == 0
    assert tool.calls == []


def test_cpu_is_taken_beside_a_card_too(tool, index, monkeypatch, tmp_path):
    nvidia_smi(tmp_path, "GPU 0: Made-up (UUID: GPU-1)")
    assert call(tool, monkeypatch, "cpu") == 0
    assert tool.calls == [from_the_index(tool)]


def test_cuda_is_left_to_pip(tool, index, monkeypatch):
    assert call(tool, monkeypatch, "cuda") == 0
    assert tool.calls == []


def test_a_host_that_does_not_answer_is_said(tool, monkeypatch, capsys):
    assert call(tool, monkeypatch, "auto") == 0
    assert tool.calls == []
    said = capsys.readouterr().out
    assert "127.0.0.1:9 does not answer" in said and "usual build is taken" in said


def test_another_version_on_the_host_is_said(tool, index, monkeypatch, capsys):
    monkeypatch.setattr(tool, "pins", lambda: {"torch": "99.0"})
    assert call(tool, monkeypatch, "cpu") == 0
    assert tool.calls == []
    assert "has no torch 99.0" in capsys.readouterr().out


def test_a_failed_installation_is_said(tool, index, monkeypatch, capsys):
    monkeypatch.setattr(tool, "pip", lambda *arguments: False)
    assert call(tool, monkeypatch, "auto") == 0
    assert "pip could not install it" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wanted", "build", "choice"),
    [
        ("auto", "+cpu", "keep"),
        ("auto", "", "keep"),
        ("cpu", "+cpu", "keep"),
        ("cpu", "", "cpu"),
        ("cuda", "", "keep"),
        ("cuda", "+cpu", "usual"),
    ],
)
def test_what_is_there(tool, monkeypatch, wanted, build, choice):
    monkeypatch.setattr(tool, "installed", lambda: tool.pins()["torch"] + build)
    assert tool.choose(wanted) == choice


def test_cuda_takes_the_place_of_a_build_for_the_cpu(tool, monkeypatch):
    monkeypatch.setattr(tool, "installed", lambda: tool.pins()["torch"] + "+cpu")
    assert call(tool, monkeypatch, "cuda") == 0
    assert tool.calls == [("uninstall", "--yes", "torch", "torchvision")]


def test_another_word_is_refused(tool, monkeypatch, capsys):
    assert call(tool, monkeypatch, "gpu") == 2
    assert "auto, cpu or cuda" in capsys.readouterr().out
