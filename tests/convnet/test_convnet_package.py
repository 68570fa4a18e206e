"""What the assignment `convnet` gives: convolution, files, loaders, practice model."""

import json
import zipfile

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from chainrule.convnet import (  # noqa: E402  # noqa: E402
    average_pool,
    conv_forward,
    example,
    history,
    images,
    max_pool,
    numeric_gradients,
    predictions,
    receptive_field,
    try_formula,
    weights,
)
from chainrule.convnet.loaders import best_device, make_loader, progress  # noqa: E402
from chainrule.convnet.mistakes import (  # noqa: E402
    confident_mistakes,
    confusion_matrix,
    scores_of,
)
from chainrule.convnet.practice import practice_model, practice_report  # noqa: E402
from chainrule.convnet.single_test import run_test_once  # noqa: E402
from chainrule.data import CIFAR10, DataUnavailable  # noqa: E402
from chainrule.handin.single_test import AlreadyTested  # noqa: E402


@pytest.mark.parametrize("kernel", [(3, 3), (1, 5), (5, 3)])
def test_convolution_is_that_of_pytorch(kernel):
    case = example(1, kernel)
    X, W, b = (torch.tensor(a, requires_grad=True) for a in (case.X, case.W, case.b))
    padding = (kernel[0] // 2, kernel[1] // 2)
    Y = torch.nn.functional.conv2d(
        X.permute(2, 0, 1)[None], W.permute(3, 2, 0, 1), b, padding=padding
    )
    Y = Y[0].permute(1, 2, 0)
    assert np.allclose(conv_forward(case.X, case.W, case.b), Y.detach().numpy(), atol=1e-12)
    Y.backward(torch.tensor(case.dY))
    for name, numeric in numeric_gradients(case).items():
        exact = {"X": X, "W": W, "b": b}[name].grad.numpy()
        assert np.allclose(numeric, exact, atol=1e-9)


def test_pooling_is_that_of_pytorch():
    X = np.random.default_rng(0).normal(size=(6, 4, 3))
    stacked = torch.tensor(X).permute(2, 0, 1)
    for own, theirs in (
        (max_pool, torch.nn.functional.max_pool2d),
        (average_pool, torch.nn.functional.avg_pool2d),
    ):
        assert np.allclose(own(X), theirs(stacked, 2).permute(1, 2, 0).numpy())
    with pytest.raises(ValueError, match="blocks of 4"):
        max_pool(X, 4)


def test_convolution_says_which_shapes_do_not_fit():
    with pytest.raises(ValueError, match="odd"):
        conv_forward(np.zeros((4, 4, 1)), np.zeros((2, 3, 1, 1)), np.zeros(1))
    with pytest.raises(ValueError, match="do not fit"):
        conv_forward(np.zeros((4, 4, 1)), np.zeros((3, 3, 2, 1)), np.zeros(1))


def test_receptive_field():
    assert receptive_field([(3, 1), (2, 2), (3, 1), (2, 2), (3, 1)]) == [3, 4, 8, 10, 18]
    with pytest.raises(ValueError, match="at least 1"):
        receptive_field([(0, 1)])


def test_a_formula_is_compared_entry_by_entry():
    report = try_formula("b", lambda f, dY, X, W: dY[:, :, f].sum())
    assert report.agrees.all() and "all 3 entries agree" in report.verdict
    report = try_formula("b", lambda f, dY, X, W: dY.sum())
    assert "0 of 3 entries agree" in str(report)
    assert "Three heat maps" in report._repr_mimebundle_()["text/html"]
    with pytest.raises(TypeError, match="one number is expected"):
        try_formula("X", lambda x, y, c, dY, X, W: dY)


def test_images_are_standardized_and_apart():
    data = images.load_fashion(1000, 300, source="subset")
    assert data["X_train"].shape[1:] == (1, 28, 28) and data["X_train"].dtype == torch.float32
    assert (
        abs(float(data["X_train"].mean())) < 0.05 and abs(float(data["X_train"].std()) - 1) < 0.05
    )
    data = images.load_cifar(1000, 300, source="subset")
    assert data["X_val"].shape[1:] == (3, 32, 32)
    assert abs(float(data["X_train"].mean())) < 0.1
    test, labels = images.load_fashion_test("subset")
    assert len(test) == len(labels) == 1000


def test_the_test_order_comes_from_the_images_alone():
    subset = CIFAR10.open("subset")
    order = images.hash_order(subset)
    assert sorted(order) == list(range(1000))
    labels = subset.test_labels[order]
    # neighbours share a class as often as chance lets them
    assert 0.05 < np.mean(labels[1:] == labels[:-1]) < 0.16
    with pytest.raises(DataUnavailable, match="chainrule data cifar10"):
        images.cifar_test_images("subset")


def test_places_of_the_bundled_test_images_fit_the_whole(whole_data):
    from chainrule.convnet import training_checks as convnet_training

    whole = CIFAR10.open("cache", folder=whole_data("cifar10"))
    subset = CIFAR10.open("subset")
    stored = (
        convnet_training.resources.files("chainrule.convnet") / "samples/cifar10_test_places.npy"
    )
    with stored.open("rb") as stream:
        places = np.load(stream)
    assert np.array_equal(images.hash_order(whole)[places], subset.test_index)


def test_loader_and_progress(capsys):
    loader = make_loader(torch.zeros(10, 1, 2, 2), torch.arange(10), 4)
    assert [len(y) for _, y in progress(loader, "epoch 1")] == [4, 4, 2]
    assert "100 %" in capsys.readouterr().err
    with pytest.raises(ValueError, match="do not belong together"):
        make_loader(torch.zeros(3, 1), torch.zeros(2), 1)
    assert best_device().type in ("cpu", "cuda", "mps")


# --- weights ------------------------------------------------------------------------------


def test_weights_survive_a_round_trip(tmp_path):
    model = torch.nn.Linear(3, 2)
    state = weights.read_weights(weights.save_weights(model, tmp_path / "w.pt"))
    assert torch.equal(state["weight"], model.weight)
    assert weights.fingerprint(state) == weights.fingerprint(model.state_dict())


class Harm:
    def __reduce__(self):
        return (open, ("harm.txt", "w"))


def test_nothing_but_weights_is_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"w": Harm()}, "harm.pt")
    with pytest.raises(weights.WeightsError, match="more than weights"):
        weights.read_weights("harm.pt")
    assert not (tmp_path / "harm.txt").exists()
    torch.save([torch.zeros(2)], "list.pt")
    with pytest.raises(weights.WeightsError, match="no weights by name"):
        weights.read_weights("list.pt")
    (tmp_path / "text.pt").write_text("nonsense")
    with pytest.raises(weights.WeightsError, match="damaged"):
        weights.read_weights("text.pt")
    torch.save({"w": torch.tensor([float("inf")])}, "inf.pt")
    with pytest.raises(weights.WeightsError, match="diverged"):
        weights.read_weights("inf.pt")
    with pytest.raises(weights.WeightsError, match="no file"):
        weights.read_weights("missing.pt")


def test_large_and_swelling_files_are_not_read(tmp_path):
    large = tmp_path / "large.pt"
    large.write_bytes(bytes(27_000_000))
    with pytest.raises(weights.WeightsError, match="27 MB"):
        weights.read_weights(large)
    bomb = tmp_path / "bomb.pt"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data/0", bytes(60_000_000))
    assert bomb.stat().st_size < 1_000_000
    with pytest.raises(weights.WeightsError, match="unpacks to 60 MB"):
        weights.read_weights(bomb)
    huge = tmp_path / "huge.pt"
    torch.save({"w": torch.zeros(1).expand(10_000_000)}, huge)
    with pytest.raises(weights.WeightsError, match="too large"):
        weights.read_weights(huge)
    with pytest.raises(weights.WeightsError, match="handed in"):
        weights.save_weights(torch.nn.Linear(3000, 3000), tmp_path / "w.pt")


# --- curves and predictions ---------------------------------------------------------------


def test_history_round_trip_and_messages(tmp_path):
    file = tmp_path / "h.json"
    history.save_history(file, [2, 1], [0.5, torch.tensor(0.6)], np.array([0.5, 0.55]))
    assert history.read_history(file).loss == (2.0, 1.0)
    with pytest.raises(history.HistoryError, match="not percent"):
        history.save_history(file, [2], [50], [0.5])
    with pytest.raises(history.HistoryError, match="found: loss 2"):
        history.save_history(file, [2, 1], [0.5], [0.5])
    file.write_text(json.dumps({"loss": [1, "x"], "train_accuracy": [1], "val_accuracy": [1]}))
    with pytest.raises(history.HistoryError, match="no finite number"):
        history.read_history(file)
    file.write_text("{")
    with pytest.raises(history.HistoryError, match="damaged"):
        history.read_history(file)


def test_predictions_round_trip_and_messages(tmp_path):
    file = tmp_path / "p.csv"
    predictions.write_predictions(torch.tensor([3, 8, 0]), file)
    assert file.read_text() == "Id,Category\n1,3\n2,8\n3,0\n"
    assert predictions.read_predictions(file, 3).tolist() == [3, 8, 0]
    for text, message in (
        ("Id,Category\n0,3\n", "line 2 has Id 0; 1 is expected.*Ids begin at 1"),
        ("Id,Category\n1,3\n2,10\n", "line 3 has Category 10"),
        ("Id,Category\n1,3\n2,-1\n", "line 3 has Category -1"),
        ("Id,Category\n1,3\n2,4.0\n", "line 3: Category is “4.0”"),
        ("Id,Category\n1,3\n\n3,1\n", "line 3 has 0 columns"),
        ("Id,Category\n1,3,1\n", "line 2 has 3 columns"),
        ("Id,Category\n1,3\n", "line 2 is the last: 1 predictions; 3"),
        ("1,3\n", "line 1 is “1,3”"),
        ("", "line 1 is “”"),
    ):
        file.write_text(text)
        with pytest.raises(predictions.PredictionsError, match=message):
            predictions.read_predictions(file, 3)
    with pytest.raises(ValueError, match="0 to 9"):
        predictions.write_predictions([10], file)
    with pytest.raises(ValueError, match="one whole number"):
        predictions.write_predictions([0.5], file)


# --- mistakes, the single test, the practice model ----------------------------------------


def test_scores_leave_the_modes_as_they_were():
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Dropout(0.5), torch.nn.Linear(4, 3))
    model.train()
    model[1].eval()
    one = scores_of(model, torch.ones(5, 1, 2, 2), 2)
    assert one.shape == (5, 3) and np.allclose(one, one[0])
    assert model.training and not model[1].training and model[2].training


def test_confusion_and_confident_mistakes():
    labels, scores = np.array([0, 1, 2, 2]), np.eye(3)[[0, 2, 1, 2]] * [[1], [5], [2], [1]]
    assert confusion_matrix(labels, scores.argmax(1), 3).tolist() == [
        [1, 0, 0],
        [0, 0, 1],
        [0, 1, 1],
    ]
    found = confident_mistakes(scores, labels)
    assert [m["row"] for m in found] == [1, 2] and found[0]["confidence"] > 0.98
    with pytest.raises(ValueError, match="classes run"):
        confusion_matrix([3], [0], 3)


def test_the_test_images_are_used_once(tmp_path):
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 3))
    X, y, record = torch.ones(6, 1, 2, 2), torch.zeros(6, dtype=torch.long), tmp_path / "r.json"
    first = run_test_once(model, X, y, record)
    with pytest.raises(AlreadyTested, match="second run is refused"):
        run_test_once(model, X, y, record)
    assert run_test_once(model, X, y, record, again=True) == first
    assert len(json.loads(record.read_text())["runs"]) == 2


def test_the_practice_model_notices_old_gradients():
    for clear, stale in ((True, False), (False, True)):
        model = practice_model("learner")
        stepper = torch.optim.SGD(model.parameters(), 0.1)
        X = torch.randn(8, 1, 4, 4, generator=torch.Generator().manual_seed(0))
        for _ in range(3):
            if clear:
                stepper.zero_grad()
            torch.nn.functional.cross_entropy(model(X), torch.arange(8) % 3).backward()
            stepper.step()
        assert any(e["stale"] for e in practice_report(model)["backwards"]) is stale
