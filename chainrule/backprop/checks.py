"""Checks for the assignment ``backprop``: forward and backward passes of small figures.

The forward pass is compared with stored samples, the backward pass with central
differences of the student's own forward pass. The numeric gradient combines the
differences at two step sizes (Richardson's extrapolation), so that its error
stays far below the tolerances; see Griewank and Walther, *Evaluating
Derivatives*, 2008, chapter 1, for why one step size alone cannot be that exact.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np

from chainrule.backprop import figures
from chainrule.backprop.operator_count import count_operators
from chainrule.checks.arrays import near, worst
from chainrule.checks.core import CheckFailed, as_float, close, describe, fail, passed
from chainrule.checks.diagnosis import diagnose
from chainrule.checks.inspect_source import input_names, source_of
from chainrule.runtime import call_each

SEED = 442
POINTS = 100
STEP = 1e-3

#: Inputs of the student's own graph are drawn from this interval.
OWN_RANGE = (0.5, 1.5)
OWN_TOLERANCE = 1e-8
FEWEST_OPERATORS = 5


@dataclass(frozen=True)
class Task:
    """What a check has to know about one function."""

    inputs: tuple[str, ...]
    output: str
    tolerance: float
    graph: Callable
    variants: tuple[tuple[str, tuple], ...]
    """Name of the sample file and the arguments that follow the inputs, one pair each."""


TASKS = {
    "f1": Task(("x1", "w1", "x2", "w2", "b", "y"), "L", 1e-10, figures.f1_graph, (("f1", ()),)),
    "f2": Task(("x",), "y", 1e-8, figures.f2_graph, (("f2", ()),)),
    "f3": Task(("s1", "s2"), "L", 1e-8, figures.f3_graph, (("f3_y1", (1,)), ("f3_y2", (2,)))),
}


def check_forward(name: str, function: Callable, samples: str | Path | None = None) -> None:
    """Compare a forward pass with stored samples.

    Parameters
    ----------
    name : {"f1", "f2", "f3"}
        The task.
    function : callable
        The student's function, which returns ``output, gradients``.
    samples : path, optional
        A CSV file of your own: one column for each input, then the output.
        For ``f3`` it replaces the samples of both classes.

    Raises
    ------
    CheckFailed
        With the first sample that differs and a guess at the reason.
    """
    task = _task(name)
    worst = 0.0
    for variant, extra in task.variants:
        stored = _read_samples(samples or variant, len(task.inputs))
        found = _outputs(name, task.output, function, [(*point, *extra) for point, _ in stored])
        for (point, expected), yours in zip(stored, found, strict=True):
            if not close(yours, expected, task.tolerance):
                fail(_forward_message(name, task, (*point, *extra), yours, expected))
            worst = max(worst, abs(yours - expected))
    passed(f"{name} forward: all stored samples agree (largest difference {worst:.0e}).")


def check_backward(name: str, function: Callable, seed: int = SEED) -> None:
    """Compare a backward pass with central differences at random points.

    Parameters
    ----------
    name : {"f1", "f2", "f3"}
        The task.
    function : callable
        The student's function, which returns ``output, gradients``.
    seed : int
        Seed of the 100 points, drawn uniformly from [0, 1).

    Raises
    ------
    CheckFailed
        With the worst entry and the slip that explains it, where one does.
    """
    task = _task(name)
    generator = np.random.default_rng(seed)
    worst = 0.0
    for _, extra in task.variants:
        points = generator.uniform(size=(POINTS, len(task.inputs)))

        def values(points, extra=extra):
            rows = [(*point, *extra) for point in points]
            return _outputs(name, task.output, function, rows)

        yours = _gradients(name, task.inputs, function, [(*p, *extra) for p in points.tolist()])
        numeric = _extrapolated(values, points, STEP)
        if not near(yours, numeric, task.tolerance):
            same_graph = [_graph_at(task, point, extra) for point in points[:5]]
            message = _backward_message(name, task.inputs, points, yours, numeric, same_graph)
            if not _same_forward(same_graph, values(points[: len(same_graph)].tolist())):
                message = (
                    f"{name} backward: your forward pass computes another function than the one "
                    f"that is drawn. Mend it first, with the check above. For now: {message}"
                )
            fail(message)
        worst = max(worst, float(np.max(np.abs(yours - numeric))))
    passed(
        f"{name} backward: gradients and central differences agree "
        f"(largest difference {worst:.0e})."
    )


def check_own_operators(function: Callable, at_least: int = FEWEST_OPERATORS) -> None:
    """Count the operators between the inputs and the output of your own function.

    Raises
    ------
    CheckFailed
        When there are fewer than ``at_least``; lists those that were found.
    """
    if "NotImplementedError" in source_of(function):
        fail("f4 is not written yet: replace `raise NotImplementedError` by your own lines.")
    input_names(function)  # says what to do about *args before anything is counted
    found = count_operators(function)
    listing = ", ".join(found) if found else "none"
    if len(found) < at_least:
        fail(
            f"Your graph has {len(found)} operators on the way from its inputs to its output "
            f"({listing}); at least {at_least} are asked for. Lines that the output does not "
            "depend on, gradients and arithmetic on constants do not count."
        )
    passed(f"f4 has {len(found)} operators: {listing}.")


def check_own_backward(function: Callable, seed: int = SEED) -> None:
    """Compare the gradients of your own function, of any arity, with central differences.

    The 100 points are drawn uniformly from [0.5, 1.5). Points where the function
    is not smooth enough to be measured, such as a kink, are left out; at least half
    of them must remain.

    Raises
    ------
    CheckFailed
        With the worst entry, or with the reason why the gradient cannot be measured.
    """
    names = input_names(function)
    points = np.random.default_rng(seed).uniform(*OWN_RANGE, size=(POINTS, len(names)))

    def values(points):
        return _outputs("f4", "the output", function, points)

    numeric, doubts, scales = _measured_gradients(values, points)
    certain = doubts <= OWN_TOLERANCE * scales
    kept, numeric, scales = points[certain], numeric[certain], scales[certain]
    if len(kept) < POINTS // 2:
        fail(
            f"The gradient of f4 could be measured at {len(kept)} of {POINTS} points only. "
            "f4 should be smooth where every input lies between 0.5 and 1.5, and give the same "
            "output every time it gets the same inputs."
        )
    yours = _gradients("f4", names, function, [tuple(p) for p in kept.tolist()])
    if np.any(np.abs(yours - numeric) > OWN_TOLERANCE * scales[:, np.newaxis]):
        fail(_backward_message("f4", names, kept, yours, numeric, []))
    _check_depends_on_inputs(names, numeric)
    passed(f"f4 backward: gradients and central differences agree at {len(kept)} points.")


def _check_depends_on_inputs(names: list[str], numeric: np.ndarray) -> None:
    for i, name in enumerate(names):
        if not np.any(np.abs(numeric[:, i]) > 1e-12):
            fail(f"The output of f4 does not depend on its input {name}. Use it, or leave it out.")


def _task(name: str) -> Task:
    if name not in TASKS:
        raise ValueError(f"there is no task {name!r} here; choose one of {', '.join(TASKS)}")
    return TASKS[name]


def _read_samples(source: str | Path, count: int) -> list[tuple[tuple[float, ...], float]]:
    """Read a sample file: a stored one by its name, or the student's own by its path."""
    stored = resources.files("chainrule.backprop") / "samples" / f"{source}.csv"
    path = stored if stored.is_file() else Path(source)
    if not path.is_file():
        raise FileNotFoundError(f"there is no sample file {str(source)!r}")
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))[1:]
    samples = []
    for line, row in enumerate(rows, start=2):
        try:
            numbers = tuple(float(entry) for entry in row)
        except ValueError as error:
            raise ValueError(f"{path}, line {line}: {error}") from None
        if len(numbers) != count + 1:
            raise ValueError(
                f"{path}, line {line}: {len(numbers)} columns, expected {count + 1} "
                "(the inputs, then the output)"
            )
        samples.append((numbers[:-1], numbers[-1]))
    return samples


def _results(name: str, function: Callable, rows: list[tuple]) -> list:
    """Call the function for each row of arguments; return pairs of output and gradients."""
    try:
        results = call_each(function, rows)
    except NotImplementedError:
        raise CheckFailed(
            f"{name} is not written yet: replace `raise NotImplementedError` by your own lines."
        ) from None
    for result in results:
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            fail(
                f"{name} returned {describe(result)}; two things are expected: the output, "
                "and a tuple of gradients. End it with `return output, (gradient, ...)`."
            )
    return results


def _outputs(name: str, output: str, function: Callable, rows: list[tuple]) -> list[float]:
    results = _results(name, function, rows)
    return [as_float(result[0], f"{output}, the output of {name},") for result in results]


def _gradients(name: str, inputs, function: Callable, rows: list[tuple]) -> np.ndarray:
    return np.array([_gradient(name, inputs, found) for _, found in _results(name, function, rows)])


def _gradient(name: str, inputs, gradients) -> list[float]:
    if not isinstance(gradients, (tuple, list)) and np.ndim(gradients) != 1:
        hint = " A tuple of one needs a comma: (grad_x,)." if len(inputs) == 1 else ""
        fail(f"The second thing that {name} returns is {describe(gradients)}, not a tuple.{hint}")
    if len(gradients) != len(inputs):
        fail(
            f"{name} returned {len(gradients)} gradients; {len(inputs)} are expected, one for each "
            f"of {', '.join(inputs)}, in this order."
        )
    return [as_float(g, f"grad_{n}") for n, g in zip(inputs, gradients, strict=True)]


def _measured_gradients(
    values: Callable, points: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return numeric gradients, how far two estimates of each differ, and their scales."""
    coarse = _extrapolated(values, points, STEP)
    fine = _extrapolated(values, points, STEP / 2)
    sizes = [np.ones(len(points)), np.abs(values(points.tolist())), np.max(np.abs(fine), axis=1)]
    return coarse, np.max(np.abs(coarse - fine), axis=1), np.max(sizes, axis=0)


def _extrapolated(values: Callable, points: np.ndarray, step: float) -> np.ndarray:
    wide = _central_differences(values, points, step)
    narrow = _central_differences(values, points, step / 2)
    return (4.0 * narrow - wide) / 3.0


def _central_differences(values: Callable, points: np.ndarray, step: float) -> np.ndarray:
    """Return the slopes at `points`, ndarray, (N, D), from 2·N·D values asked for at once."""
    moves = step * np.eye(points.shape[1])
    above, below = points[:, np.newaxis] + moves, points[:, np.newaxis] - moves
    rows = np.stack([above, below]).reshape(-1, points.shape[1])
    high, low = np.array(values([tuple(row) for row in rows.tolist()])).reshape(2, *points.shape)
    # The steps that were really made, sums being rounded.
    return (high - low) / np.diagonal(above - below, axis1=1, axis2=2)


def _graph_at(task: Task, point: np.ndarray, extra: tuple):
    graph = task.graph(*point.tolist(), *extra)
    graph.backward()
    return graph


def _same_forward(same_graph: list, values: list[float]) -> bool:
    pairs = zip(same_graph, values, strict=True)
    return all(close(value, graph.output.value, 1e-8) for graph, value in pairs)


def _forward_message(name: str, task: Task, arguments: tuple, yours: float, expected: float) -> str:
    where = ", ".join(
        f"{n} = {v:.4g}" for n, v in zip((*task.inputs, "y"), arguments, strict=False)
    )
    return (
        f"{name} forward: at {where} your output is {yours:.10g}; the stored one is "
        f"{expected:.10g}. {_forward_hint(task, arguments, yours, expected)}"
    )


def _forward_hint(task: Task, arguments: tuple, yours: float, expected: float) -> str:
    graph = task.graph(*arguments)
    if close(yours, -expected, 1e-9):
        return "The size is right and the sign is wrong."
    for node in graph.nodes:
        if node is not graph.output and node.operator and close(yours, node.value, 1e-9):
            name = node.label or node.operator
            return f"That is the value after `{name}`: the graph goes on from there."
    if expected > 0 and close(yours, expected**2, 1e-9):
        return "That is its square."
    if close(yours, 2.0 * expected, 1e-9) or close(2.0 * yours, expected, 1e-9):
        return "A factor of 2 is off."
    if len(arguments) > len(task.inputs):
        other = task.graph(*arguments[:-1], 3 - arguments[-1])
        if close(yours, other.output.value, 1e-9):
            return f"That is the output for y = {3 - arguments[-1]}. Which value does y = 1 choose?"
    return "Print the value of each node, and compare it with the drawing from left to right."


def _backward_message(name, inputs, points, yours, numeric, same_graph) -> str:
    row, column = worst(yours, numeric)
    at = ", ".join(f"{n} = {v:.4g}" for n, v in zip(inputs, points[row], strict=True))
    text = (
        f"{name} backward: grad_{inputs[column]} is {yours[row, column]:.8g} at {at}; "
        f"central differences give {numeric[row, column]:.8g}."
    )
    count = len(same_graph) or len(points)
    hint = diagnose(yours[:count], numeric[:count], list(inputs), same_graph)
    return f"{text}\n{hint}"
