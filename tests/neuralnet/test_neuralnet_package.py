"""What the assignment neuralnet gives: classifier, optimizer, training, results, test run."""

import io
import json
import zipfile

import numpy as np
import pytest

from chainrule.handin.arrays import LARGEST_FILE, read_arrays
from chainrule.handin.student_code import StudentCodeError
from chainrule.neuralnet import (
    SGD,
    AlreadyTested,
    Classifier,
    Optimizer,
    PracticeModel,
    ResultError,
    TrainingDiverged,
    accuracy,
    linear_decay,
    load_images,
    load_layers,
    load_results,
    read_record,
    run_test_once,
    save_results,
    standardize,
    train,
)
from chainrule.neuralnet.saved_network import as_two_layers, predictions
from chainrule.neuralnet.single_test import fingerprint


class Shifted(Classifier):
    """Scores are the inputs plus a bias."""

    def __init__(self, size=3, start=0.0):
        self.bias = np.full(size, start)

    def parameters(self):
        return {"bias": self.bias}

    def forward(self, X):
        return X + self.bias, None

    def backward(self, grad_scores, cache):
        return {"bias": grad_scores.sum(axis=0)}


class Fixed(Classifier):
    """Holds given parameters."""

    def __init__(self, **arrays):
        self.arrays = arrays

    def parameters(self):
        return self.arrays


def two_layers(hidden=4, **changes):
    rng = np.random.default_rng(0)
    shapes = {"W1": (3072, hidden), "b1": (hidden,), "W2": (hidden, 10), "b2": (10,)}
    return Fixed(**{**{k: rng.normal(size=s) for k, s in shapes.items()}, **changes})


def push(model, X_batch, y_batch, reg):
    """A training step that raises the score of the right class by a constant gradient."""
    scores, cache = model.forward(X_batch)
    grad = -np.eye(scores.shape[1])[y_batch] / len(y_batch)
    return float(np.mean(scores)), model.backward(grad, cache)


# --- Classifier -----------------------------------------------------------------------------


def test_predict_takes_the_highest_score():
    assert Shifted().predict(np.eye(3)[[2, 0, 1]]).tolist() == [2, 0, 1]


def test_save_and_load_keep_the_arrays_of_an_optimizer(tmp_path):
    model = Shifted(start=2.5)
    held = model.parameters()["bias"]
    model.save(tmp_path / "m.npz")
    held[...] = 0
    model.load(tmp_path / "m.npz")
    assert held.tolist() == [2.5] * 3 and model.parameters()["bias"] is held


def test_save_works_for_views_and_any_name(tmp_path):
    block = np.arange(6.0)
    model = Fixed(**{"file": block[:2], "a name/with .dots": block[2:].reshape(2, 2).T})
    model.save(tmp_path / "m.npz")
    other = Fixed(**{k: np.zeros_like(v) for k, v in model.arrays.items()})
    other.load(tmp_path / "m.npz")
    for name, value in model.arrays.items():
        assert np.array_equal(other.arrays[name], value)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "missing here: bias"),
        ({"bias": np.zeros(3), "more": np.zeros(1)}, "unknown: more"),
        ({"bias": np.zeros(4)}, "has shape"),
    ],
)
def test_parameters_that_do_not_fit_change_nothing(values, words):
    model = Shifted(start=1.0)
    with pytest.raises(ValueError, match=words):
        model.set_parameters(values)
    assert model.bias.tolist() == [1.0] * 3


def test_open_methods_say_so():
    for method, arguments in (("parameters", ()), ("forward", (1,)), ("backward", (1, 2))):
        with pytest.raises(NotImplementedError, match="not written yet"):
            getattr(Classifier(), method)(*arguments)


# --- Optimizer ------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sgd_changes_parameters_in_place(dtype):
    param = np.array([1.0, 2.0], dtype)
    SGD({"p": param}, 0.5).step({"p": np.array([2.0, -2.0])})
    assert param.tolist() == [0.0, 3.0] and param.dtype == dtype


@pytest.mark.parametrize("grads", [{}, {"p": np.zeros(3)}, {"p": np.zeros(2), "q": np.zeros(2)}])
def test_gradients_that_do_not_fit_are_refused(grads):
    with pytest.raises(ValueError, match="gradient"):
        SGD({"p": np.zeros(2)}, 0.1).step(grads)


@pytest.mark.parametrize("params", [[np.zeros(2)], {"p": [1.0]}, {"p": np.zeros(2, int)}])
def test_only_dictionaries_of_floats_are_optimized(params):
    with pytest.raises(TypeError):
        Optimizer(params)


# --- Practice model -------------------------------------------------------------------------


def test_the_practice_model_measures_its_own_gradients():
    rng = np.random.default_rng(3)
    values = {"W1": rng.normal(size=(2, 3)), "b1": rng.normal(size=3)}
    model, X, grad = PracticeModel(values), rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    scores, cache = model.forward(X)
    assert np.allclose(scores, values["W1"][0] * X + values["W1"][1] * X**2 + values["b1"])
    found = model.backward(grad, cache)
    assert np.allclose(found["b1"], grad.sum(axis=0), atol=1e-10)
    expected = [(grad * X).sum(axis=0), (grad * X**2).sum(axis=0)]
    assert np.allclose(found["W1"], expected, atol=1e-10)


# --- Training -------------------------------------------------------------------------------


def data(count=10):
    y = np.arange(count) % 3
    X = np.zeros((count, 3))
    return {"X_train": X, "y_train": y, "X_val": X[:4], "y_val": y[:4]}


def test_training_prints_and_remembers(capsys):
    model = Shifted()
    history = train(
        model, push, data(), num_epochs=2, batch_size=4, learning_rate=1.0, print_every=2, seed=1
    )
    printed = capsys.readouterr().out
    assert len(history.losses) == 6 and history.batches == 3
    assert len(history.train_accuracy) == len(history.val_accuracy) == 2
    assert "epoch 1/2, iteration 2/6: loss" in printed
    assert printed.count("validation") == 2 and "%" in printed
    assert model.bias.sum() == pytest.approx(6.0)


def test_the_learning_rate_follows_its_schedule():
    rates = []

    class Watch(SGD):
        def step(self, grads):
            rates.append(self.learning_rate)
            super().step(grads)

    model = Shifted()
    optimizer = Watch(model.parameters(), 0.8)
    train(model, push, data(8), num_epochs=2, batch_size=4, optimizer=optimizer,
          schedule=linear_decay, print_every=0)  # fmt: skip
    assert rates == pytest.approx([0.8, 0.6, 0.4, 0.2])
    assert optimizer.learning_rate == 0.8


def test_the_same_seed_gives_the_same_run():
    runs = [train(Shifted(), push, data(), batch_size=4, seed=5, print_every=0) for _ in range(2)]
    assert runs[0].losses == runs[1].losses


def test_a_loss_that_is_no_number_stops_the_training():
    with pytest.raises(TrainingDiverged, match=r"epoch 1, iteration 1.*learning rate"):
        train(Shifted(), lambda *_: (np.nan, {}), data(), print_every=0)


def test_accuracy_goes_block_by_block():
    X = np.eye(3)[[0, 1, 2, 0, 1]]
    assert accuracy(Shifted(), X, np.array([0, 1, 0, 0, 0]), block=2) == pytest.approx(0.6)
    with pytest.raises(ValueError, match="no images"):
        accuracy(Shifted(), X[:0], np.zeros(0))


def test_standardize_and_load_images():
    images = load_images(num_train=500, num_val=100, num_test=50, source="subset")
    assert images["X_train"].shape == (500, 3072) and images["X_test"].shape == (50, 3072)
    planes = images["X_train"].reshape(500, 3, 1024)
    assert np.abs(planes.mean(axis=(0, 2))).max() < 0.2
    assert np.abs(planes.std(axis=(0, 2)) - 1).max() < 0.1
    assert not set(images["index_train"]) & set(images["index_val"])
    X = np.full((1, 3072), 0.5, np.float32)
    assert standardize(X) is X


# --- Layers file ----------------------------------------------------------------------------


def test_missing_layers_say_so_now_and_later(tmp_path, capsys):
    layers = load_layers(tmp_path / "layers")
    assert "There is no layers.ipynb" in capsys.readouterr().out
    with pytest.raises(StudentCodeError, match=r"There is no layers\.ipynb"):
        layers.softmax_loss  # noqa: B018


# --- Results --------------------------------------------------------------------------------


def test_results_come_back_as_they_were_saved(tmp_path):
    model = two_layers()
    save_results(tmp_path / "r.npz", model, {"reg": 0.5, "decay": True}, np.array([3, 49999]))
    found = load_results(tmp_path / "r.npz")
    assert found.settings == {"reg": 0.5, "decay": True}
    assert found.train_index.tolist() == [3, 49999]
    for name, value in model.arrays.items():
        assert found.parameters[name].dtype == np.float32
        assert np.allclose(found.parameters[name], value, rtol=1e-6)


def test_predictions_are_those_of_the_network(tmp_path):
    model = two_layers(hidden=6)
    save_results(tmp_path / "r.npz", model, {}, np.arange(3))
    images = np.random.default_rng(1).integers(0, 256, size=(7, 3072)).astype(np.uint8)
    X = standardize(images / 255.0)
    a = model.arrays
    scores = np.maximum(X @ a["W1"] + a["b1"], 0) @ a["W2"] + a["b2"]
    found = predictions(load_results(tmp_path / "r.npz"), images, block=3)
    assert found.tolist() == scores.argmax(axis=1).tolist()


@pytest.mark.parametrize("hidden", [1, 10, 3072])
def test_parameters_are_told_apart_by_shape(hidden):
    model = two_layers(hidden)
    for order in (("W1", "b1", "W2", "b2"), ("b2", "W2", "b1", "W1"), ("W2", "W1", "b2", "b1")):
        found = as_two_layers({k: model.arrays[k] for k in order})
        assert found.first is model.arrays["W1"] and found.second is model.arrays["W2"]
        assert found.first_bias is model.arrays["b1"]
        assert found.second_bias is model.arrays["b2"]


def test_other_networks_are_named():
    with pytest.raises(ResultError, match=r"W \(3072, 10\)"):
        as_two_layers({"W": np.zeros((3072, 10)), "b": np.zeros(10)})


def test_a_diverged_network_is_not_saved(tmp_path):
    with pytest.raises(ResultError, match="diverged"):
        save_results(tmp_path / "r.npz", two_layers(b2=np.full(10, np.nan)), {}, np.arange(3))
    assert not list(tmp_path.iterdir())


def test_a_large_network_is_not_saved(tmp_path):
    with pytest.raises(ResultError, match="Use fewer hidden units"):
        save_results(tmp_path / "r.npz", two_layers(2100), {}, np.arange(3))


@pytest.mark.parametrize("index", [[[1]], [0.5], [-1], [50000]])
def test_positions_are_checked(tmp_path, index):
    with pytest.raises(ResultError, match="train_index"):
        save_results(tmp_path / "r.npz", two_layers(), {}, index)


def write_zip(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def npy(array, allow_pickle=False):
    content = io.BytesIO()
    np.lib.format.write_array(content, array, allow_pickle=allow_pickle)
    return content.getvalue()


class Harmful:
    """Unpickling this would write a file."""

    def __reduce__(self):
        return (open, ("harm.txt", "w"))


def test_nothing_is_unpickled(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    array = np.array([Harmful()], dtype=object)
    write_zip("r.npz", {"parameters/W.npy": npy(array, allow_pickle=True)})
    with pytest.raises(ResultError, match="never unpickled"):
        load_results("r.npz")
    assert not (tmp_path / "harm.txt").exists()


def test_a_zip_bomb_is_not_unpacked(tmp_path):
    write_zip(tmp_path / "r.npz", {"parameters/W.npy": bytes(2 * LARGEST_FILE)})
    with pytest.raises(ResultError, match="unpacks to"):
        read_arrays(tmp_path / "r.npz")


def test_a_header_that_promises_more_than_there_is(tmp_path):
    content = npy(np.zeros(4)).replace(b"'shape': (4,), }          ", b"'shape': (4000000000,), }")
    write_zip(tmp_path / "r.npz", {"parameters/W.npy": content})
    with pytest.raises(ResultError, match=r"no NumPy array|damaged"):
        read_arrays(tmp_path / "r.npz")


def test_too_many_arrays(tmp_path):
    write_zip(tmp_path / "r.npz", {f"a{i}.npy": npy(np.zeros(1)) for i in range(60)})
    with pytest.raises(ResultError, match="60 arrays"):
        read_arrays(tmp_path / "r.npz")


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 cut off"])
def test_files_that_are_no_archive(tmp_path, content):
    (tmp_path / "r.npz").write_bytes(content)
    with pytest.raises(ResultError, match="damaged or is no"):
        load_results(tmp_path / "r.npz")


def test_every_truncation_is_noticed(tmp_path):
    save_results(tmp_path / "r.npz", two_layers(), {}, np.arange(3))
    whole = (tmp_path / "r.npz").read_bytes()
    for length in range(0, len(whole) - 1, len(whole) // 23):
        (tmp_path / "cut.npz").write_bytes(whole[:length])
        with pytest.raises(ResultError):
            load_results(tmp_path / "cut.npz")


def test_missing_parts_are_named(tmp_path):
    with pytest.raises(ResultError, match="no file"):
        load_results(tmp_path / "r.npz")
    write_zip(tmp_path / "r.npz", {"x.npy": npy(np.zeros(1))})
    with pytest.raises(ResultError, match="holds no parameters"):
        load_results(tmp_path / "r.npz")
    two_layers().save(tmp_path / "r.npz")
    with pytest.raises(ResultError, match="no settings"):
        load_results(tmp_path / "r.npz")


@pytest.mark.parametrize("bad", [np.array([np.inf]), np.array(["text"]), np.array([1 + 1j])])
def test_parameters_are_finite_numbers(tmp_path, bad):
    write_zip(tmp_path / "r.npz", {"parameters/W.npy": npy(bad)})
    with pytest.raises(ResultError, match=r"diverged|not floating-point"):
        load_results(tmp_path / "r.npz")


# --- The test run ---------------------------------------------------------------------------


def test_one_test_run_is_written_down_and_a_second_one_refused(tmp_path):
    record = tmp_path / "test_run.json"
    model, X, y = Shifted(), np.eye(3), np.array([0, 1, 0])
    assert run_test_once(model, X, y, record) == pytest.approx(2 / 3)
    before = record.read_text()
    with pytest.raises(AlreadyTested, match=r"66\.67 %.*second run is refused.*validation set"):
        run_test_once(model, X, y, record)
    assert record.read_text() == before
    run_test_once(model, X, y, record, again=True)
    runs = read_record(record)
    assert [run["images"] for run in runs] == [3, 3]
    assert runs[0]["model"] == fingerprint(model.parameters())


def test_fingerprints_know_parameters_but_no_names():
    a, b = np.arange(3.0), np.arange(4.0)
    assert fingerprint({"x": a, "y": b}) == fingerprint({"p": b.astype(np.float32), "q": a})
    assert fingerprint({"x": a}) != fingerprint({"x": a + 1})
    assert fingerprint({"x": a.reshape(3, 1)}) != fingerprint({"x": a})


@pytest.mark.parametrize("text", ["", "[]", '{"runs": [{}]}', '{"runs": 3}', "{" * 90000])
def test_a_record_that_was_edited_is_refused(tmp_path, text):
    record = tmp_path / "test_run.json"
    record.write_text(text)
    with pytest.raises(ResultError, match="not a record"):
        read_record(record)
    with pytest.raises(ResultError, match="not a record"):
        run_test_once(Shifted(), np.eye(3), np.arange(3), record)


def test_no_test_images(tmp_path):
    with pytest.raises(ValueError, match="no test images"):
        run_test_once(Shifted(), np.zeros((0, 3)), np.zeros(0), tmp_path / "r.json")


def test_the_record_is_json(tmp_path):
    record = tmp_path / "r.json"
    run_test_once(Shifted(), np.eye(3), np.arange(3), record)
    assert json.loads(record.read_text())["runs"][0]["accuracy"] == 1.0
