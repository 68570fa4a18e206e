"""``chainrule fit``: run your own affine fit from the command line."""

import time
from pathlib import Path
from typing import Annotated, NoReturn

import numpy as np
import typer

app = typer.Typer(
    no_args_is_help=True,
    help="Run the affine fit of your own notebook or Python file.",
)

DEFAULT_FILE = Path("affine")
_FILE_HELP = "Your notebook or Python file; affine.ipynb or affine.py where none is named."

File = Annotated[Path, typer.Argument(help=_FILE_HELP, show_default=False)]


@app.command()
def gradcheck(
    file: File = DEFAULT_FILE,
    seed: Annotated[int, typer.Option(help="Seed of the random points.")] = 442,
) -> None:
    """Check your loss and compare your gradients with central differences.

    Ends with 0 if all is right, with 1 if a check fails, with 2 if the file cannot be used.
    """
    from chainrule.checks.core import CheckFailed
    from chainrule.fitting.checks import check_loss_forward, check_loss_gradients

    code = _load(file, ["affine_transform_loss"])
    failed = False
    for check in (check_loss_forward, check_loss_gradients):
        try:
            check(code.affine_transform_loss, seed=seed)
        except CheckFailed as error:
            typer.echo(f"failed: {error}", err=True)
            failed = True
    if failed:
        raise typer.Exit(1)


@app.command()
def fit(
    file: File = DEFAULT_FILE,
    learning_rate: Annotated[float, typer.Option(help="How long a step is.")] = 1e-4,
    steps: Annotated[int, typer.Option(help="How many steps to take.", min=1)] = 100,
    data_file: Annotated[
        Path | None,
        typer.Option(
            help="Correspondences of your own: .npz with P and P_prime, or .npy of shape (N, 4). "
            "The course's where none is named.",
            show_default=False,
        ),
    ] = None,
    print_loss_every: Annotated[
        int, typer.Option(help="Print the loss each so many steps; 0 for never.", min=0)
    ] = 50,
    loss_plot: Annotated[
        Path | None, typer.Option(help="Write a plot of the loss: .png, .svg or .pdf.")
    ] = None,
    animated_gif: Annotated[
        Path | None, typer.Option(help="Write an animation of the fit: .gif.")
    ] = None,
) -> None:
    """Fit S and t with your own functions, and print the loss and the result.

    Ends with 1 if the fit diverges, and with 2 if a file cannot be used.
    """
    from chainrule.fitting import FitLogger, as_code

    _check_suffix(loss_plot, ".png", ".svg", ".pdf")
    _check_suffix(animated_gif, ".gif")
    points, partners = _correspondences(data_file)
    code = _load(file, ["affine_transform_loss", "fit_affine_transform"])
    logger = FitLogger(print_every=print_loss_every)
    begun = time.perf_counter()
    with np.errstate(over="ignore", invalid="ignore"):  # said in words below
        result = _called(code.fit_affine_transform, points, partners, logger, learning_rate, steps)
    seconds = time.perf_counter() - begun
    matrix, shift = _result(result)
    loss = _final_loss(code, points, partners, matrix, shift)
    if logger.losses and (loss_plot or animated_gif):
        _write_pictures(logger, partners, loss_plot, animated_gif)
    _stop_if_diverged(logger.losses, loss, learning_rate)
    typer.echo(f"final loss {loss:.6g} in {seconds:.2f} s")
    typer.echo(as_code(learning_rate, steps, matrix, shift))


def _load(file: Path, names: list[str]):
    from chainrule.handin.student_code import StudentCodeError, load_definitions

    try:
        return load_definitions(file, needs=names)
    except StudentCodeError as error:
        _stop(str(error))


def _correspondences(path: Path | None):
    from chainrule.data import DataDamaged, load_correspondences, read_correspondences

    if path is None:
        return load_correspondences()
    try:
        return read_correspondences(path)
    except FileNotFoundError:
        _stop(f"There is no file {path}.")
    except DataDamaged as error:
        _stop(str(error))


def _called(function, *arguments):
    try:
        return function(*arguments)
    except NotImplementedError:
        _stop(f"{function.__name__}, or something that it calls, is not written yet.")


def _result(result) -> tuple:
    from chainrule.checks.core import CheckFailed
    from chainrule.fitting.checks import fitted

    try:
        return fitted(result)
    except CheckFailed as error:
        _stop(str(error))


def _final_loss(code, points, partners, matrix, shift) -> float:
    from chainrule.checks.core import CheckFailed, as_float

    if not (np.all(np.isfinite(matrix)) and np.all(np.isfinite(shift))):
        return np.inf
    with np.errstate(over="ignore", invalid="ignore"):
        answer = _called(code.affine_transform_loss, points, partners, matrix, shift)
    try:
        loss = answer[0]
    except (TypeError, IndexError):
        _stop("affine_transform_loss should return loss, prediction, grad_S, grad_t.")
    if isinstance(loss, float | np.floating) and not np.isfinite(loss):
        return np.inf
    try:
        return as_float(loss, "The loss")
    except CheckFailed as error:
        _stop(str(error))


def _write_pictures(logger, partners, loss_plot: Path | None, animated_gif: Path | None) -> None:
    from chainrule import fitting

    try:
        if loss_plot:
            fitting.loss_plot(logger.losses, loss_plot)
            typer.echo(f"wrote {loss_plot}")
        if animated_gif:
            fitting.animate(partners, logger.predictions, animated_gif, logger.labels)
            typer.echo(f"wrote {animated_gif}")
    except (ValueError, OSError) as error:
        _stop(str(error))


def _stop_if_diverged(losses: list, loss: float, learning_rate: float) -> None:
    first = float(losses[0]) if losses else np.inf
    if np.isfinite(loss) and loss <= first:
        return
    grew = f"from {first:.4g} to {loss:.4g}" if np.isfinite(loss) else "beyond all numbers"
    typer.echo(
        f"The fit diverged: the loss grew {grew}. With right gradients, a learning rate smaller "
        f"than {learning_rate:g} helps; `chainrule fit gradcheck` checks the gradients.",
        err=True,
    )
    raise typer.Exit(1)


def _check_suffix(path: Path | None, *suffixes: str) -> None:
    if path is not None and path.suffix.lower() not in suffixes:
        _stop(f"{path} should end in {' or '.join(suffixes)}.")
    if path is not None and not path.parent.is_dir():
        _stop(f"There is no folder {path.parent} for {path.name}.")


def _stop(message: str) -> NoReturn:
    """End with the exit status for a file or a function that cannot be used."""
    typer.echo(message, err=True)
    raise typer.Exit(2)
