"""Figures of neuralnet say in words what they show."""

import json

import pytest

from chainrule.neuralnet import History, figures

RUN = {
    "losses": [2.3 - 0.001 * i for i in range(200)],
    "train_accuracy": [0.2, 0.5],
    "val_accuracy": [0.2, 0.4],
    "batches": 100,
}


@pytest.mark.parametrize(
    "draw", [figures.layer, figures.two_layer_network, figures.default_run, figures.cifar_examples]
)
def test_given_figures_have_alt_text_and_are_the_same_each_time(draw):
    figure = draw()
    assert len(figure.alt) > 80
    assert figure.svg == draw().svg


def test_curves_say_where_they_end():
    figure = figures.training_curves(RUN, "My run")
    assert figure.alt.startswith("My run.")
    assert "from 2.30 to" in figure.alt
    assert "training accuracy is 50 percent, the validation accuracy 40 percent" in figure.alt


def test_curves_of_a_history():
    history = History(losses=[2.0, 1.0], train_accuracy=[0.5], val_accuracy=[0.4], batches=2)
    assert "in 2 iterations" in figures.training_curves(history).alt


def test_comparisons_name_each_run():
    figure = figures.training_comparison({"plain": RUN, "momentum": RUN})
    assert "plain goes from" in figure.alt and "momentum goes from" in figure.alt


def test_nothing_to_draw():
    with pytest.raises(ValueError, match="empty"):
        figures.training_curves(History())
    with pytest.raises(ValueError, match="0 runs"):
        figures.training_comparison({})
    with pytest.raises(ValueError, match="5 runs"):
        figures.training_comparison({str(i): RUN for i in range(5)})


def test_a_run_that_broke_off_can_be_drawn():
    assert figures.training_curves({**RUN, "train_accuracy": [], "val_accuracy": []}).alt


@pytest.mark.parametrize("rows", [0, 11])
def test_rows_of_examples(rows):
    with pytest.raises(ValueError, match="rows"):
        figures.cifar_examples(rows)


def test_the_text_agrees_with_the_stored_default_run(root):
    text = (root / "source" / "neuralnet" / "cifar.ipynb").read_text()
    run = json.loads((root / "chainrule/neuralnet/measured/default_run.json").read_text())
    assert len(run["losses"]) == 1570
    assert f"starts at {run['losses'][0]:.3f}" in text
    assert f"ends at {run['losses'][-1]:.3f}" in text
    assert f"{100 * run['val_accuracy'][-1]:.0f} percent of the validation images" in text
