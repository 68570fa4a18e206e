"""Fixtures: a data folder of the test's own, small data sets, a host that misbehaves."""

import numpy as np
import pytest
from data_helpers import Host, spec_of

from chainrule.data import origins


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Keep every test away from the real cache, the network and earlier failures."""
    root = tmp_path / "cache"
    monkeypatch.setenv("CHAINRULE_DATA", str(root))
    monkeypatch.setenv("CHAINRULE_OFFLINE", "1")
    monkeypatch.setattr(origins, "_failures", {})
    monkeypatch.chdir(tmp_path)
    return root


@pytest.fixture
def full_root(whole_data):
    """Give a function that says where a whole data set lies, or skips the test."""
    return lambda image_set: whole_data(image_set.spec.name)


@pytest.fixture
def said():
    """Collect what the user is told."""

    class Said(list):
        def __call__(self, text):
            self.append(text)

        @property
        def text(self):
            return "\n".join(self)

    return Said()


@pytest.fixture(scope="session")
def small():
    """Twenty training and twenty test images of CIFAR-10's form; not real ones."""
    rng = np.random.RandomState(0)
    return {
        "train_images": rng.randint(256, size=(20, 3072)).astype(np.uint8),
        "train_labels": np.arange(20, dtype=np.uint8) % 10,
        "test_images": rng.randint(256, size=(20, 3072)).astype(np.uint8),
        "test_labels": (np.arange(20, dtype=np.uint8) + 3) % 10,
    }


@pytest.fixture(scope="session")
def small_spec(small):
    return spec_of(small)


@pytest.fixture
def host():
    made = Host()
    yield made
    made.server.shutdown()
    made.server.server_close()
