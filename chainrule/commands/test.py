"""``chainrule test``: measure your trained network on the test set, once."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console


def command(
    checkpoint_file: Annotated[
        Path, typer.Option(help="The parameters: what chainrule train or your notebook saved.")
    ] = Path("best.npz"),
    folder: Annotated[
        Path, typer.Option(help="Where your layers.ipynb and cifar.ipynb lie.")
    ] = Path("."),
    record: Annotated[
        Path, typer.Option(help="The file that remembers the run; you hand it in.")
    ] = Path("test_run.json"),
    again: Annotated[
        bool, typer.Option("--again", help="Run once more all the same. Say why in your report.")
    ] = False,
) -> None:
    """Print the test accuracy of a trained network, and write the run down.

    A second run is refused: a test set that is looked at again and again becomes a
    validation set.
    """
    import numpy as np

    from chainrule.handin.single_test import refuse_second_run
    from chainrule.neuralnet import AlreadyTested, load_images, run_test_once
    from chainrule.neuralnet.driver import DriverError, load_network
    from chainrule.neuralnet.saved_network import as_two_layers, load_results

    console = Console(highlight=False, soft_wrap=True)
    try:
        results = load_results(checkpoint_file)
        hidden = as_two_layers(results.parameters).first.shape[1]
        network, _ = load_network(folder)
        model = network(hidden_dim=hidden, dtype=np.float32)
        model.load(checkpoint_file)
        if not again:
            refuse_second_run(record)  # before the images are loaded
        data = load_images(num_train=0, num_val=0, num_test=10000)
        reached = run_test_once(model, data["X_test"], data["y_test"], record, again=again)
    except (DriverError, AlreadyTested, ValueError) as error:
        console.print(f"[red]{error}[/]")
        raise typer.Exit(2) from None
    console.print(f"test accuracy: {100 * reached:.2f} %")
    console.print(f"written down in {record}")
