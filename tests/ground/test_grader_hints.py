"""What the grader opens once for all submissions, and how it sees what is needed."""

import pytest

from chainrule import grader_hints
from chainrule.data import CIFAR10, FASHION_MNIST
from chainrule.data import images as image_module

fairmark = pytest.importorskip("fairmark")

ASSIGNMENTS = {
    "backprop": set(),
    "fitting": set(),
    "modules": set(),
    "neuralnet": {"cifar10"},
    "convnet": {"cifar10", "fashion-mnist"},
    "pretrained": {"network"},
}


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_notebooks_of_an_assignment_tell_what_is_opened(assignment, pytestconfig):
    from fairmark.course_package import ahead_of

    notebooks = (pytestconfig.rootpath / "source" / assignment).glob("*.ipynb")
    text = "\n".join(path.read_text(encoding="utf-8") for path in notebooks)
    assert set(ahead_of(text)) == ASSIGNMENTS[assignment]


def test_only_what_is_named_is_opened(monkeypatch):
    from fairmark.course_package import course_packages

    monkeypatch.setattr(image_module, "_KEPT", {})
    package = course_packages()["chainrule"]
    package.open_ahead(["something else"])
    assert not image_module._KEPT
    package.open_ahead(["fashion-mnist"])
    assert {key[0] for key in image_module._KEPT} == {FASHION_MNIST.subset.stem}
    grader_hints.open_ahead(["cifar10"])
    assert CIFAR10.subset.stem in {key[0] for key in image_module._KEPT}
