"""The given parts: initialisers, schedules, SGD, activations, logger, results, tables."""

import json
import math

import numpy as np
import pytest

from chainrule.gradcheck import check_gradients
from chainrule.modules import (
    INITIALIZERS,
    SGD,
    Constant,
    Dataset,
    Exponential,
    Logger,
    Network,
    ResultsError,
    RunExists,
    Scale,
    SquaredError,
    compare_entries,
    given_activation,
    initialize,
    iris_dataset,
    load_results,
    make_run,
    read_run,
    save_results,
)


class Chain(Network):
    """A network whose passes are written out, for tests alone."""

    def forward(self, X):
        first, second = self.layers
        return second.forward(first.forward(X))

    def backward(self, target, out):
        first, second = self.layers
        first.backward(second.backward(self.loss.backward(target, out)))
        return self.loss.forward(target, out)

    def predict(self, X, Y):
        out = self.forward(X)
        return out, self.loss.forward(Y, out)


# --- initialisers ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "variance"),
    [
        ("xavier_uniform", 2 / 500),
        ("xavier_normal", 2 / 500),
        ("he_uniform", 2 / 300),
        ("he_normal", 2 / 300),
        ("uniform", 0.05**2 / 3),
        ("normal", 0.05**2),
    ],
)
def test_variances_are_those_of_the_papers(name, variance):
    W = initialize(name, (300, 200), seed=3)
    assert W.shape == (300, 200) and W.dtype == np.float64
    assert abs(W.mean()) < 4 * math.sqrt(variance / W.size)
    assert W.var() == pytest.approx(variance, rel=0.03)


def test_uniform_schemes_stay_within_their_limits():
    assert np.abs(initialize("xavier_uniform", (3, 4), 0)).max() <= math.sqrt(6 / 7)
    assert np.abs(initialize("he_uniform", (3, 4), 0)).max() <= math.sqrt(2)


def test_seeds_repeat_and_names_are_listed():
    assert np.array_equal(initialize("normal", (2, 3), 5), initialize("normal", (2, 3), 5))
    assert not np.array_equal(initialize("normal", (2, 3), 5), initialize("normal", (2, 3), 6))
    assert not initialize("zeros", (2, 3)).any() and (initialize("ones", (2, 3)) == 1).all()
    with pytest.raises(ValueError, match="he_normal"):
        initialize("xavier", (2, 3))
    with pytest.raises(ValueError, match="n_in, n_out"):
        initialize("he_normal", (3,))
    assert len(INITIALIZERS) == 8


# --- schedules and SGD --------------------------------------------------------------


def test_schedules():
    assert Constant()(0.1, 50) == 0.1
    smooth, stairs = Exponential(0.5, 10), Exponential(0.5, 10, staircase=True)
    assert smooth(0.8, 20) == stairs(0.8, 20) == 0.2
    assert smooth(0.8, 5) == pytest.approx(0.8 * 0.5**0.5)
    assert stairs(0.8, 9) == 0.8
    for wrong in ((0, 1), (0.5, 0), (-1, 3)):
        with pytest.raises(ValueError, match="positive"):
            Exponential(*wrong)


def layer_with(value, gradient):
    layer = Scale()
    layer.parameters = {"gain": np.array(value)}
    layer.gradients = {"gain": np.array(gradient)}
    return layer


def test_sgd_moves_in_place_and_leaves_gradients_alone():
    layer = layer_with([[1.0, 2.0]], [[0.5, -1.0]])
    array, gradient = layer.parameters["gain"], layer.gradients["gain"].copy()
    SGD(0.1).step([layer])
    assert layer.parameters["gain"] is array
    assert np.allclose(array, [[0.95, 2.1]])
    assert np.array_equal(layer.gradients["gain"], gradient)


def test_sgd_agrees_with_pytorch_momentum():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(4)
    start, gradients = rng.normal(size=(3, 2)), rng.normal(size=(6, 3, 2))
    theirs = torch.nn.Parameter(torch.tensor(start))
    optimizer = torch.optim.SGD([theirs], lr=0.2, momentum=0.9)
    layer, ours = layer_with(start, gradients[0]), SGD(0.2, momentum=0.9)
    for gradient in gradients:
        theirs.grad = torch.tensor(gradient)
        optimizer.step()
        layer.gradients["gain"] = gradient
        ours.step([layer])
    assert np.allclose(layer.parameters["gain"], theirs.detach().numpy(), rtol=1e-12)


def test_clipping_scales_all_gradients_together():
    layers = [layer_with([[0.0]], [[3.0]]), layer_with([[0.0]], [[4.0]])]
    SGD(1.0, clip_norm=1.0).step(layers)
    assert np.allclose([x.parameters["gain"][0, 0] for x in layers], [-0.6, -0.8])
    SGD(1.0, clip_norm=100.0).step(layers)
    assert np.allclose([x.parameters["gain"][0, 0] for x in layers], [-3.6, -4.8])
    still = [layer_with([[1.0]], [[0.0]])]
    SGD(1.0, clip_norm=1.0).step(still)
    assert still[0].parameters["gain"][0, 0] == 1.0


def test_sgd_uses_the_schedule_and_says_what_is_missing():
    layer = layer_with([[0.0]], [[1.0]])
    SGD(1.0, Exponential(0.1)).step([layer], epoch=2)
    assert layer.parameters["gain"][0, 0] == pytest.approx(-0.01)
    layer.gradients = {"slope": np.ones((1, 1))}
    with pytest.raises(KeyError, match="same key"):
        SGD(1.0).step([layer])
    layer.gradients = {"gain": np.ones(3)}
    with pytest.raises(ValueError, match="shape"):
        SGD(1.0).step([layer])
    for wrong in ({"lr": 0}, {"lr": 1, "momentum": 1}, {"lr": 1, "clip_norm": 0}):
        with pytest.raises(ValueError, match="is "):
            SGD(**wrong)


# --- activations, layers, losses ------------------------------------------------------


@pytest.mark.parametrize("name", ["linear", "identity", "sigmoid", "tanh"])
def test_given_activations_agree_with_central_differences(name):
    rng = np.random.default_rng(5)
    Z, dY = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    activation = given_activation(name)
    activation.forward(-Z)
    gradient = activation.backward(Z, dY)
    assert check_gradients(activation.forward, gradient, Z, dY) < 1e-8
    big = np.array([[1000.0, -1000.0, 0.0]])
    with np.errstate(all="raise"):
        assert np.all(np.isfinite(activation.forward(big)))
        assert np.all(np.isfinite(activation.backward(big, np.ones_like(big))))


def test_unknown_activation():
    with pytest.raises(ValueError, match="tanh"):
        given_activation("relu")


def test_scale_layer_agrees_with_central_differences():
    rng = np.random.default_rng(6)
    X, dY = rng.normal(size=(5, 3)), rng.normal(size=(5, 3))
    layer = Scale("tanh")
    layer.forward(X)
    values = {"gain": rng.normal(size=(1, 3)), "shift": rng.normal(size=(1, 3))}
    layer.write_parameters(values)
    layer.forward(X)
    dX = layer.backward(dY)
    gradients = layer.read_gradients()

    def with_parameter(name):
        def output(value):
            other = Scale("tanh")
            other.parameters = {**layer.read_parameters(), name: value}
            return other.forward(X)

        return output

    assert check_gradients(layer.forward, dX, X, dY) < 1e-8
    for name in values:
        assert check_gradients(with_parameter(name), gradients[name], values[name], dY) < 1e-8


def test_reading_gives_copies_and_writing_says_what_is_wrong():
    layer = Scale()
    with pytest.raises(KeyError, match="no parameter 'gain'"):
        layer.write_parameters({"gain": np.ones((1, 2))})
    layer.forward(np.ones((3, 2)))
    layer.read_parameters()["gain"][...] = 7
    assert (layer.parameters["gain"] == 1).all()
    with pytest.raises(ValueError, match="not \\(2,\\)"):
        layer.write_parameters({"gain": np.ones(2)})


def test_squared_error():
    Y, Y_hat = np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[2.0, 2.0], [0.0, 2.0]])
    assert SquaredError().forward(Y, Y_hat) == pytest.approx(0.5 * (1 + 4) / 2)
    gradient = SquaredError().backward(Y, Y_hat)
    loss = lambda p: np.array([SquaredError().forward(Y, p)])  # noqa: E731
    assert check_gradients(loss, gradient, Y_hat, np.ones(1)) < 1e-8


# --- networks and data ----------------------------------------------------------------


def test_iris_dataset():
    dataset = iris_dataset()
    assert [len(X) for X, _ in dataset.batches()] == [25, 25, 25, 25, 5]
    assert [dataset.part(p)[0].shape[0] for p in ("train", "val", "test")] == [105, 15, 30]
    assert dataset.part("train")[1].sum(axis=1).tolist() == [1.0] * 105
    first, second = iris_dataset(seed=3), iris_dataset(seed=3)
    assert all(
        np.array_equal(a[0], b[0]) for a, b in zip(first.batches(), second.batches(), strict=True)
    )


def small_problem():
    rng = np.random.default_rng(7)
    X = rng.uniform(-1, 1, size=(30, 2))
    parts = {}
    for name, rows in (("train", slice(0, 20)), ("val", slice(20, 25)), ("test", slice(25, 30))):
        parts[f"X_{name}"], parts[f"y_{name}"] = X[rows], 0.5 * X[rows] + 0.1
    return Dataset(parts, batch_size=5)


def test_training_goes_on_where_it_ended():
    dataset = small_problem()
    network = Chain([Scale(), Scale()], SquaredError(), SGD(0.1))
    first = network.train(dataset, 4)
    second = network.train(dataset, 4)
    assert [row["epoch"] for row in first + second] == list(range(1, 9))
    losses = [row["train_loss"] for row in first + second]
    assert losses == sorted(losses, reverse=True)
    assert len(network.layers) == 2
    loss, error = network.test(dataset, "test")
    assert loss == network.predict(*dataset.part("test"))[1] and 0 <= error <= 1


def test_a_network_needs_layers_and_methods():
    with pytest.raises(ValueError, match="at least one layer"):
        Network([], SquaredError(), SGD(1))
    empty = Network([Scale()], SquaredError(), SGD(1))
    for call in (
        lambda: empty.forward(0),
        lambda: empty.backward(0, 0),
        lambda: empty.predict(0, 0),
    ):
        with pytest.raises(NotImplementedError):
            call()
    with pytest.raises(ValueError, match="zip"):
        empty.write_parameters([{}, {}])


# --- logger -----------------------------------------------------------------------------


def test_logger_writes_as_it_goes_and_never_overwrites_by_itself(tmp_path):
    dataset = small_problem()
    network = Chain([Scale(), Scale()], SquaredError(), SGD(0.1))
    logger = Logger("first", {"lr": np.float64(0.1), "sizes": (2, 2)}, folder=tmp_path)
    network.train(dataset, 2, logger)
    lines = (tmp_path / "first" / "history.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1, 2]
    folder = logger.finish(network)
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "settings.json",
        "history.jsonl",
        "parameters.npz",
        "loss.svg",
        "error.svg",
    }
    with np.load(folder / "parameters.npz") as saved:
        assert set(saved) == {"0.gain", "0.shift", "1.gain", "1.shift"}
    settings, history = read_run(folder)
    assert settings == {"lr": 0.1, "sizes": [2, 2]} and history == logger.history

    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(RunExists, match="'first-2' is free"):
        Logger("first", {}, folder=tmp_path)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_overwriting_removes_the_files_of_a_run_and_nothing_else(tmp_path):
    Logger("run", {"a": 1}, folder=tmp_path)
    (tmp_path / "run" / "parameters.npz").write_bytes(b"old")
    (tmp_path / "run" / "notes.txt").write_text("mine")
    Logger("run", {"a": 2}, folder=tmp_path, overwrite=True)
    assert read_run(tmp_path / "run") == ({"a": 2}, [])
    assert not (tmp_path / "run" / "parameters.npz").exists()
    assert (tmp_path / "run" / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "a b", "x" * 200])
def test_names_of_runs(tmp_path, name):
    with pytest.raises(ValueError, match="cannot be the name of a run"):
        Logger(name, {}, folder=tmp_path)


def test_settings_that_are_no_data(tmp_path):
    with pytest.raises(ValueError, match="cannot be written as JSON"):
        Logger("run", {"network": object()}, folder=tmp_path)
    assert not (tmp_path / "run").exists()


def test_a_run_that_was_cut_off_can_be_read(tmp_path):
    logger = Logger("run", {}, folder=tmp_path)
    logger.log({"epoch": 1})
    with (tmp_path / "run" / "history.jsonl").open("a") as stream:
        stream.write('{"epo')
    assert read_run(tmp_path / "run")[1] == [{"epoch": 1}]
    (tmp_path / "run" / "history.jsonl").write_text('{"epo\n{"epoch": 2}\n')
    with pytest.raises(ValueError, match="damaged"):
        read_run(tmp_path / "run")


# --- what is handed in ---------------------------------------------------------------------


def results_in(folder, **changes):
    network = Chain([Scale(), Scale()], SquaredError(), SGD(0.1))
    network.train(small_problem(), 1)
    rows = [{"train_loss": 1.0, "val_loss": 1.5, "val_error": 0.2}]
    runs = [make_run("a", 0.1, 4, rows), make_run("b", 0.2, 8, rows)]
    save_results(runs, "a", network, (0.4, 0.1), folder)
    if changes:
        path = folder / "iris_results.json"
        record = json.loads(path.read_text())
        record.update(changes)
        path.write_text(json.dumps(record))


def test_results_come_back(tmp_path):
    results_in(tmp_path)
    found = load_results(tmp_path)
    assert [run.name for run in found.runs] == ["a", "b"] and found.best_run.hidden_size == 4
    assert (found.test_loss, found.test_error) == (0.4, 0.1)
    assert set(found.parameters) == {"0.gain", "0.shift", "1.gain", "1.shift"}


RUN = {
    "name": "a",
    "learning_rate": 0.1,
    "hidden_size": 4,
    "train_loss": [1.0],
    "val_loss": [1.0],
    "val_error": 0.1,
}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"runs": "none"}, "not a record of runs"),
        ({"runs": [3]}, "run 1"),
        ({"runs": [{**RUN, "hidden_size": True}]}, "hidden_size"),
        ({"runs": [{**RUN, "hidden_size": 0}]}, "hidden_size"),
        ({"runs": [{**RUN, "learning_rate": "0.1"}]}, "learning_rate"),
        ({"runs": [{**RUN, "val_loss": []}]}, "one for each epoch"),
        ({"runs": [{**RUN, "val_loss": [None]}]}, "not a number"),
        ({"runs": [{**RUN, "name": 7}]}, "no name"),
        ({"runs": [RUN, RUN]}, "a name of its own"),
        ({"best": "z"}, "the best run"),
        ({"best": ["a"]}, "the best run"),
        ({"test_error": float("nan")}, "finite"),
        ({"test_loss": None}, "test_loss"),
    ],
)
def test_damaged_results_are_named(tmp_path, changes, words):
    results_in(tmp_path, **changes)
    with pytest.raises(ResultsError, match=words):
        load_results(tmp_path)


def test_missing_and_broken_files(tmp_path):
    with pytest.raises(ResultsError, match=r"There is no iris_results\.json"):
        load_results(tmp_path)
    results_in(tmp_path)
    path = tmp_path / "iris_best.npz"
    path.write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(ResultsError, match="damaged"):
        load_results(tmp_path)
    np.savez_compressed(path, a=np.zeros(10_000_000))
    with pytest.raises(ResultsError, match="unpacks to"):
        load_results(tmp_path)
    np.savez(path, a=np.array([{"code": "runs"}], dtype=object))
    with pytest.raises(ResultsError, match="never unpickled"):
        load_results(tmp_path)
    for value in ([np.nan], ["text"], [1]):
        np.savez(path, a=np.array(value))
        with pytest.raises(ResultsError, match="finite numbers"):
            load_results(tmp_path)
    path.unlink()
    with pytest.raises(ResultsError, match=r"no file iris_best\.npz"):
        load_results(tmp_path)
    for text in ("{", "[" * 100_000):
        (tmp_path / "iris_results.json").write_text(text)
        with pytest.raises(ResultsError, match="damaged"):
            load_results(tmp_path)


def test_runs_need_rows_and_the_best_one_a_name(tmp_path):
    with pytest.raises(ValueError, match="is empty"):
        make_run("a", 0.1, 4, [])
    with pytest.raises(ValueError, match="name of one run"):
        save_results([], "a", None, (0, 0), tmp_path)


# --- entry by entry ------------------------------------------------------------------------


def test_entry_table_shows_what_disagrees():
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    up = np.ones_like(x)
    right = compare_entries(lambda v: v**2, 2 * x, x, up)
    assert right.agrees.all() and "All 4 entries agree" in right.verdict
    wrong = compare_entries(lambda v: v**2, 2 * x - [[0, 0], [1, 0]], x, up)
    assert wrong.agrees.tolist() == [[True, True], [False, True]]
    assert "3 of 4 entries agree" in str(wrong) and "NO" in str(wrong)
    assert "<caption>3 of 4" in wrong._repr_html_()
    with pytest.raises(ValueError, match="small example"):
        compare_entries(lambda v: v, np.zeros(100), np.zeros(100), np.zeros(100))
