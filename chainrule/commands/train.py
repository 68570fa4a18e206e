"""``chainrule train``: train your own network from the command line."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console


def command(
    folder: Annotated[
        Path, typer.Option(help="Where your layers.ipynb and cifar.ipynb lie.")
    ] = Path("."),
    num_train: Annotated[int, typer.Option(help="Training images.")] = 20000,
    hidden_dim: Annotated[int, typer.Option(help="Hidden units.")] = 16,
    batch_size: Annotated[int, typer.Option(help="Examples in a minibatch.")] = 128,
    num_epochs: Annotated[int, typer.Option(help="Passes through the training images.")] = 10,
    learning_rate: Annotated[float, typer.Option(help="Length of the steps.")] = 1e-4,
    reg: Annotated[float, typer.Option(help="Strength of the L2 penalty.")] = 1.0,
    weight_scale: Annotated[
        float, typer.Option(help="Standard deviation of the first weights.")
    ] = 1e-3,
    decay: Annotated[
        bool, typer.Option("--decay", help="Let the learning rate fall to 0, linearly.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Seed of weights and order.")] = 442,
    print_every: Annotated[int, typer.Option(help="Print the loss every so many steps.")] = 25,
    plot_file: Annotated[
        Path | None, typer.Option(help="Draw the curves into this file: .pdf, .svg or .png.")
    ] = None,
    checkpoint_file: Annotated[
        Path | None, typer.Option(help="Save the parameters into this .npz file.")
    ] = None,
) -> None:
    """Train your TwoLayerNet on CIFAR-10, with your layers and your training step.

    Your functions are taken from layers.ipynb and cifar.ipynb, or their Python backups;
    nothing else of these files runs. The defaults are the badly tuned ones of the notebook.
    """
    import numpy as np

    from chainrule.neuralnet import TrainingDiverged, linear_decay, load_images, save_results, train
    from chainrule.neuralnet.driver import DriverError, check_files, load_network, save_plot

    console = Console(highlight=False, soft_wrap=True)
    settings = {
        "num_train": num_train, "hidden_dim": hidden_dim, "batch_size": batch_size,
        "num_epochs": num_epochs, "learning_rate": learning_rate, "reg": reg,
        "weight_scale": weight_scale, "schedule": "linear_decay" if decay else None, "seed": seed,
    }  # fmt: skip
    try:
        check_files(plot_file, checkpoint_file)
        network, step = load_network(folder)
        data = load_images(num_train=num_train)
        model = network(
            hidden_dim=hidden_dim, weight_scale=weight_scale, dtype=np.float32, seed=seed
        )
        history = train(
            model, step, data, num_epochs=num_epochs, batch_size=batch_size,
            learning_rate=learning_rate, reg=reg, schedule=linear_decay if decay else None,
            print_every=print_every, seed=seed,
        )  # fmt: skip
        console.print(f"{len(history.losses)} iterations in {history.seconds:.1f} s")
        if checkpoint_file is not None:
            save_results(checkpoint_file, model, settings, data["index_train"])
            console.print(f"saved {checkpoint_file}")
        if plot_file is not None:
            save_plot(history, plot_file)
            console.print(f"saved {plot_file}")
    except (DriverError, TrainingDiverged, ValueError) as error:
        console.print(f"[red]{error}[/]")
        raise typer.Exit(2) from None
