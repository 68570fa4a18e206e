"""Figures that matplotlib draws carry alt text, follow the page and are the same each time."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest
from matplotlib.figure import Figure

from chainrule import runtime
from chainrule.figures import plots


def example(alt="A line rises from 0 to 1."):
    with plots.style():
        figure = Figure(figsize=(4, 3))
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], color=plots.BLUE, label="line")
        axes.set_title("Title")
        axes.legend()
        return plots.Plot(figure, alt=alt)


def test_alt_text_is_needed():
    with pytest.raises(ValueError, match="alt text"):
        example(alt=" ")


def test_svg_is_well_formed_and_carries_alt_text():
    root = ET.fromstring(example('5 < 6 & "so"').svg)
    assert root.get("aria-label") == '5 < 6 & "so"'
    assert root.find("{http://www.w3.org/2000/svg}title").text == '5 < 6 & "so"'


def test_bundle_has_a_live_part_a_picture_and_text():
    bundle = example()._repr_mimebundle_()
    assert bundle["text/plain"] == "A line rises from 0 to 1."
    assert bundle["text/html"].count("A line rises from 0 to 1.") >= 2
    assert '<img class="cr-still" alt="A line' in bundle["text/html"]
    assert "http" not in bundle["text/html"].replace("http://www.w3.org/", "")


def test_all_colours_follow_the_page():
    body = example().element()
    assert "var(--crp-blue," in body
    colours = set(re.findall(r"(?<!,)#[0-9a-f]{6}", body))
    assert colours <= {"#000000"}, colours


def test_each_time_the_same():
    assert example().svg == example().svg


def test_the_look_ends_with_the_context():
    import matplotlib as mpl

    before = mpl.rcParams["axes.grid"]
    example()
    assert mpl.rcParams["axes.grid"] == before


def test_save(tmp_path):
    assert example().save(tmp_path / "a.svg").read_text().startswith("<svg")
    with pytest.raises(ValueError, match=r"\.svg"):
        example().save(tmp_path / "a.png")


def test_grading(monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    assert not runtime.is_grading()
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert runtime.is_grading()
    assert not runtime.is_live()


def test_live(monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.delenv("CHAINRULE_LIVE", raising=False)
    assert not runtime.is_live()
    monkeypatch.setenv("CHAINRULE_LIVE", "1")
    assert runtime.is_live()
    monkeypatch.setenv("CHAINRULE_LIVE", "0")
    assert not runtime.is_live()


@pytest.mark.parametrize(("metadata", "live"), [({}, "False"), ({"cellId": "abc"}, "True")])
def test_a_front_end_names_its_cell(metadata, live):
    from jupyter_client.manager import start_new_kernel

    env = {k: v for k, v in os.environ.items() if k not in ("CHAINRULE_LIVE", "NBGRADER_EXECUTION")}
    manager, client = start_new_kernel(kernel_name="python3", env=env)
    try:
        text = "from chainrule.runtime import is_live; print(is_live())"
        message = client.session.msg(
            "execute_request", {"code": text, "silent": False}, metadata=metadata
        )
        client.shell_channel.send(message)
        printed = ""
        while not printed:
            reply = client.get_iopub_msg(timeout=60)
            if reply["msg_type"] == "stream":
                printed = reply["content"]["text"]
            assert reply["msg_type"] != "error", reply["content"]
        assert printed.strip() == live
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_pyplot_is_not_needed():
    text = (
        "import sys, chainrule.figures.plots, chainrule.runtime;"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", text]).returncode == 0
