"""The flip book works without JavaScript; sliders appear only before a person."""

import pytest
from test_plots import example

from chainrule.figures.flipbook import Flipbook, interactive


def flipbook(**options):
    return Flipbook([example("First."), example("Second.")], ["a", "<b>"], **options)


def test_html_needs_no_script_and_no_host():
    html = flipbook().html
    assert "<script" not in html
    assert "http" not in html.replace("http://www.w3.org/", "")
    assert html.count('type="radio"') == 2
    assert "&lt;b&gt;" in html


def test_one_button_is_pressed_at_first():
    assert flipbook(start=1).html.count(" checked>") == 1


def test_text_says_all_that_is_shown():
    text = flipbook(captions=["One.", "Two."])._repr_mimebundle_()["text/plain"]
    assert text == "a: First. One.\n<b>: Second. Two."


def test_two_books_on_a_page_have_different_ids():
    assert flipbook()._id != flipbook(title="other")._id
    assert flipbook()._id == flipbook()._id


@pytest.mark.parametrize("options", [{"captions": ["one"]}, {"start": 2}, {"start": -1}])
def test_wrong_arguments(options):
    with pytest.raises(ValueError):
        flipbook(**options)


def shown(monkeypatch):
    import IPython.display

    seen = []
    monkeypatch.setattr(IPython.display, "display", seen.append)
    return seen


def test_still_figure_without_a_person(monkeypatch):
    monkeypatch.setenv("CHAINRULE_LIVE", "0")
    seen = shown(monkeypatch)
    interactive(lambda x: pytest.fail("drawn"), "still", x=(0, 1))
    assert seen == ["still"]


def test_sliders_for_a_person(monkeypatch):
    ipywidgets = pytest.importorskip("ipywidgets")
    monkeypatch.setenv("CHAINRULE_LIVE", "1")
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    seen = shown(monkeypatch)
    interactive(lambda x: f"drawn {x}", "still", x=(0, 10))
    controls = [item for item in seen if isinstance(item, ipywidgets.Widget)]
    assert len(controls) == 1
    assert controls[0].children[0].continuous_update is False
    controls[0].update()
    assert "drawn 5" in seen


def test_without_widgets_the_still_figure_is_shown(monkeypatch, capsys):
    import sys

    monkeypatch.setenv("CHAINRULE_LIVE", "1")
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    seen = shown(monkeypatch)
    interactive(lambda x: None, "still", x=(0, 1))
    assert seen == ["still"]
    assert "pip install ipywidgets" in capsys.readouterr().out
