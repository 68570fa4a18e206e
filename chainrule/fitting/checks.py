"""Checks for the assignment ``fitting``: an affine map fitted by gradient descent.

The loss is compared with a small example whose numbers are kept here, and with
second moments of the points; the gradients with central differences of the student's
own loss, which are exact for a quadratic function but for rounding. A fit is checked
step by step against the student's own gradients, so that a mistake in the gradients
does not count again there. Results that are handed in are evaluated, never fitted anew:
where gradient descent on a quadratic loss stands after k steps is known in closed form
(Boyd and Vandenberghe, *Convex Optimization*, 2004, section 9.3).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import numpy as np

from chainrule.checks.arrays import as_array
from chainrule.checks.core import as_float, close, describe, fail, passed
from chainrule.data import load_correspondences
from chainrule.gradcheck import numeric_gradient

SEED = 442
TARGET_LOSS = 1e-4
#: Five seconds at a thousandth of a second for one step over all correspondences.
MOST_STEPS = 5_000
#: Enough for gradients that are half as long as they should be: that mistake counts elsewhere.
FIT_STEPS = 300
#: How far a result that was handed in may be from what its settings lead to.
ROUNDING = 5e-3

# The small example: three points, a map, where the points go, and what is wrong with each.
EXAMPLE_P = ((1.0, 0.0), (0.0, 1.0), (2.0, -1.0))
EXAMPLE_P_PRIME = ((0.5, 3.0), (2.5, 5.0), (0.5, 1.0))
EXAMPLE_S = ((1.0, 2.0), (3.0, 4.0))
EXAMPLE_T = (0.5, -1.0)
EXAMPLE_PREDICTION = ((1.5, 2.0), (2.5, 3.0), (0.5, 1.0))
EXAMPLE_LOSS = 2.0

_WRONG_PREDICTIONS = (
    (
        ((1.5, 1.0), (3.5, 3.0), (-0.5, -1.0)),
        "The matrix acts from the wrong side: that is the result for the transpose of S. "
        "The points are the rows of P, and each of them is a column in the formula S p + t.",
    ),
    (((1.0, 3.0), (2.0, 4.0), (0.0, 2.0)), "t is missing."),
    (((0.5, 4.0), (1.5, 5.0), (-0.5, 3.0)), "t has the wrong sign."),
    (((1.0, -1.0), (-1.0, -2.0), (0.0, 0.0)), "These are residuals, not predictions."),
    (((1.0, 0.0), (0.0, 1.0), (2.0, -1.0)), "That is P itself: S and t are not used."),
)
_WRONG_LOSSES = (
    (6.0, "That is a sum over the points; the loss is the mean: something is not divided by N."),
    (1.0, "That is half of it: is the mean taken over 2N numbers instead of N points?"),
    (2 / 3, "Something is divided by N twice."),
    (4.0, "That is twice as much. The factor 2 belongs to the gradient, not to the loss."),
    (np.sqrt(2.0), "That is the root of it: the loss is made of squared distances."),
    ((np.sqrt(2.0) + 2.0) / 3, "Those are distances; the loss is made of squared distances."),
    (4 / 3, "Those are absolute values; the loss is made of squared distances."),
    (-1 / 3, "Residuals are added without being squared, so they cancel each other."),
    (-2.0, "The sign is wrong."),
)


def check_loss_forward(affine_transform_loss: Callable, seed: int = SEED) -> None:
    """Check the predictions and the loss.

    Parameters
    ----------
    affine_transform_loss : callable
        ``(P, P_prime, S, t) -> loss, prediction, grad_S, grad_t``, the student's.
    seed : int
        Seed of the random points.

    Raises
    ------
    CheckFailed
        With what is probably wrong.
    """
    loss, prediction, _, _ = _evaluate(
        affine_transform_loss, EXAMPLE_P, EXAMPLE_P_PRIME, EXAMPLE_S, EXAMPLE_T
    )
    _check_example_prediction(prediction)
    _check_example_loss(loss)
    rng = np.random.default_rng(seed)
    for count in (1, 2, 7, 50):
        points, partners = rng.normal(size=(2, count, 2))
        matrix, shift = rng.normal(size=(2, 2)), rng.normal(size=2)
        loss, prediction, _, _ = _evaluate(
            affine_transform_loss, points, partners, matrix, shift, unchanged=True
        )
        expected = _loss(_moments(points, partners), matrix, shift)
        if not close(loss, expected, 1e-9):
            fail(
                f"affine_transform_loss: with {count} random point{'s' if count > 1 else ''} your "
                f"loss is {loss:.8g}; it should be {expected:.8g}. The small example of three "
                "points is right. What is different for another N?"
            )
    passed("affine_transform_loss: predictions and loss are right.")


def _check_example_prediction(yours: np.ndarray) -> None:
    if np.allclose(yours, EXAMPLE_PREDICTION, rtol=0, atol=1e-9):
        return
    text = (
        "affine_transform_loss: the predictions for the example of three points are\n"
        f"{yours}\ninstead of\n{np.array(EXAMPLE_PREDICTION)}\n"
    )
    for wrong, reason in _WRONG_PREDICTIONS:
        if np.allclose(yours, wrong, rtol=0, atol=1e-9):
            fail(text + reason)
    fail(text + "Work out S p + t for the first point, (1, 0), on paper, and compare.")


def _check_example_loss(yours: float) -> None:
    if close(yours, EXAMPLE_LOSS, 1e-9):
        return
    text = (
        f"affine_transform_loss: the loss of the example of three points is {yours:.6g} instead of "
        f"{EXAMPLE_LOSS:g}, although the predictions are right. "
    )
    for wrong, reason in _WRONG_LOSSES:
        if close(yours, wrong, 1e-9):
            fail(text + reason)
    fail(text + "The squared distances of its points are 2, 4 and 0.")


def check_loss_gradients(affine_transform_loss: Callable, seed: int = SEED) -> None:
    """Compare grad_S and grad_t with central differences of the student's own loss.

    Raises
    ------
    CheckFailed
        With the gradient that differs and what is probably wrong with it.
    """
    rng = np.random.default_rng(seed)
    worst = 0.0
    for count in (5, 12):
        points, partners = rng.normal(size=(2, count, 2))
        matrix, shift = rng.normal(size=(2, 2)), rng.normal(size=2)
        yours = _evaluate(affine_transform_loss, points, partners, matrix, shift, unchanged=True)

        def loss_at(matrix, shift, points=points, partners=partners):
            return _evaluate(affine_transform_loss, points, partners, matrix, shift)[0]

        # The loss is quadratic, so a long step costs nothing and keeps rounding small.
        numeric = numeric_gradient(loss_at, (matrix, shift), h=1e-2)
        for name, mine, measured in zip(("grad_S", "grad_t"), yours[2:], numeric, strict=True):
            error = float(np.max(np.abs(mine - measured) / np.maximum(1.0, np.abs(measured))))
            if error > 1e-8:
                fail(_gradient_message(name, mine, measured, count))
            worst = max(worst, error)
    passed(
        "affine_transform_loss: the gradients agree with central differences "
        f"(largest difference {worst:.0e})."
    )


def _gradient_message(name: str, yours: np.ndarray, numeric: np.ndarray, count: int) -> str:
    text = (
        f"affine_transform_loss: {name} for {count} random points is\n{yours}\n"
        f"and central differences of your own loss give\n{numeric}\n"
    )
    ratios = {
        0.0: "It is zero everywhere.",
        -1.0: "The sign is wrong: is the difference taken the other way round than in the loss?",
        0.5: "A factor of 2 is missing. What is the derivative of a square?",
        2.0: "It is twice as large as it should be.",
        float(count): "It is N times too large: the loss is a mean, and so is its gradient.",
        count / 2: "It is N / 2 times too large. Look at the constant factors.",
        1 / count: "It is N times too small: something is divided by N twice.",
        0.5 / count: "It is 2N times too small. Look at the constant factors.",
    }
    shapes = [("", numeric)] if name == "grad_t" else [("", numeric), (_TRANSPOSED, numeric.T)]
    for remark, expected in shapes:
        if _same(yours, expected):
            return text + remark
        for ratio, reason in ratios.items():
            if _same(yours, ratio * expected):
                return f"{text}{reason} {remark}".strip()
    if name == "grad_t" and yours[0] == yours[1]:
        return f"{text}Both entries are equal: was something added up over both axes?"
    return text + "Write the loss of one point, differentiate it on paper, then add up the points."


_TRANSPOSED = (
    "It is transposed: the entry in row a and column b belongs to the entry of S in that place."
)


def check_fit_steps(
    logged_fit: Callable, affine_transform_loss: Callable, seed: int = SEED
) -> None:
    """Check the first steps of a fit, one after the other, and what was logged.

    Parameters
    ----------
    logged_fit : callable
        ``(P, P_prime, learning_rate, steps) -> result, steps, losses, predictions``: given
        code that calls the student's ``fit_affine_transform`` and returns what it logged.
    affine_transform_loss : callable
        The student's own; the steps are compared with its gradients.
    seed : int
        Seed of the points and of the learning rate.

    Raises
    ------
    CheckFailed
        With the step that is wrong.
    """
    rng = np.random.default_rng(seed)
    points, partners = rng.normal(size=(2, 20, 2)) + rng.normal(size=(2, 1, 2))
    rate = float(rng.uniform(0.02, 0.05))

    def fit(learning_rate, steps):
        before = points.copy(), partners.copy()
        answer = _logged(logged_fit, points, partners, learning_rate, steps)
        if not (np.array_equal(points, before[0]) and np.array_equal(partners, before[1])):
            fail(
                "fit_affine_transform changes P or P_prime. Look for `+=`, `-=` or `*=` on an "
                "argument."
            )
        return answer

    here = fitted(fit(0.0, 1)[0])
    _check_start(*here)
    results = [here]
    for count in (1, 2, 3, 4):
        answer = fit(rate, count)
        there = fitted(answer[0])
        gradients = _evaluate(affine_transform_loss, points, partners, *here)[2:]
        _check_step(count, here, there, gradients, rate)
        results.append(there)
        here = there
    states = [_evaluate(affine_transform_loss, points, partners, *result) for result in results]
    _check_log(answer[1:], states[:-1], 4)
    again = fitted(fit(rate, 4)[0])
    if not all(np.array_equal(a, b) for a, b in zip(again, here, strict=True)):
        fail(
            "fit_affine_transform gives another result when it is called again in the same way. "
            "It should start anew each time and remember nothing."
        )
    passed("fit_affine_transform: the first steps go where your gradients point.")


def _check_start(matrix: np.ndarray, shift: np.ndarray) -> None:
    if _same(matrix, np.eye(2)) and _same(shift, np.zeros(2)):
        return
    if _same(matrix, np.zeros((2, 2))):
        fail("fit_affine_transform starts at S = 0; the fit should start at the identity.")
    fail(
        "fit_affine_transform: with a learning rate of 0 the result is\n"
        f"S = {matrix.tolist()}, t = {shift.tolist()}.\n"
        "Nothing should have moved: S starts as the identity, t as zero. Is the learning rate used?"
    )


def _check_step(count: int, here: tuple, there: tuple, gradients: tuple, rate: float) -> None:
    """Compare the move of the last of ``count`` steps with the gradients where it began."""
    for name, before, after, gradient in zip("St", here, there, gradients, strict=True):
        moved, expected = after - before, -rate * gradient
        if _same(moved, expected):
            continue
        text = f"fit_affine_transform: with {count} step{'s' if count > 1 else ''}, "
        if not np.any(moved):
            if count > 1 and all(np.array_equal(a, b) for a, b in zip(here, there, strict=True)):
                fail(f"{text}the result is the same as with {count - 1}. Are all steps taken?")
            fail(
                f"{text}{name} has not moved in the last of them. Is its update written, "
                "and can the array hold numbers that are not whole?"
            )
        if np.array_equal(after, np.round(after)):
            fail(
                f"{text}{name} holds whole numbers only: {after.tolist()}. "
                "With which type of number did the array start?"
            )
        if _same(moved, -expected):
            fail(f"{text}{name} moves uphill: the gradient points where the loss grows.")
        ratio = float(np.sum(moved * expected) / np.sum(expected * expected))
        if _same(moved, ratio * expected):
            fail(
                f"{text}the last move of {name} has the right direction and is {ratio:.4g} times "
                "as long as the learning rate times the gradient."
            )
        fail(
            f"{text}the last of them moves {name} by\n{moved}\ninstead of\n{expected}\n"
            "Both gradients belong to the S and t before the step: compute them first, "
            "then change S and t. And is each gradient computed anew in every step?"
        )


def _check_log(logged: tuple, states: list, count: int) -> None:
    steps, losses, predictions = logged
    if len(steps) != count:
        fail(
            f"fit_affine_transform called logger.log {len(steps)} times in {count} steps. "
            "Call it once in each step: logger.log(i, loss, prediction)."
        )
    numbers = [as_float(step, "The number of the step that was logged") for step in steps]
    if numbers not in ([*range(count)], [*range(1, count + 1)]):
        fail(f"fit_affine_transform logged the steps {numbers}; 0, 1, 2, ... are expected.")
    mine = [as_float(loss, "The loss that was logged") for loss in losses]
    expected = [state[0] for state in states]
    for i, (loss, wanted) in enumerate(zip(mine, expected, strict=True)):
        if not close(loss, wanted, 1e-9):
            fail(
                f"fit_affine_transform logged the loss {loss:.6g} in step {i}; before that step "
                f"it was {wanted:.6g}. Log the loss and the prediction of the S and t with which "
                "the step begins, so that the first ones belong to the identity."
            )
    shape = np.shape(states[0][1])
    for i, prediction in enumerate(predictions):
        logged_one = _array(prediction, shape, "The prediction that was logged")
        if not _same(logged_one, states[i][1]):
            fail(
                f"fit_affine_transform: the prediction logged in step {i} does not belong to the "
                "S and t with which the step began."
            )


def check_fit_result(logged_fit: Callable) -> None:
    """Fit the course's correspondences with a good learning rate, and evaluate the result.

    Raises
    ------
    CheckFailed
        When the loss of the result is 1e-4 or more.
    """
    points, partners = load_correspondences()
    moments = _moments(points, partners)  # before the fit, which might change the points
    # A fit that diverges is a result like any other here; the message below names it.
    with np.errstate(over="ignore", invalid="ignore"):
        result, _, losses, _ = _logged(logged_fit, points, partners, 0.5, FIT_STEPS)
    matrix, shift = fitted(result)
    loss = _loss(moments, matrix, shift)
    if loss < TARGET_LOSS:
        passed(f"fit_affine_transform: {FIT_STEPS} steps lead to the loss {loss:.2e}.")
        return
    text = (
        f"fit_affine_transform: {FIT_STEPS} steps with learning rate 0.5 lead to the loss "
        f"{loss:.4g} on the course's correspondences; it should be below {TARGET_LOSS:.0e}. "
    )
    if _loss(moments, matrix.T, shift) < TARGET_LOSS:
        fail(text + "The transpose of your S has it. Look at your predictions.")
    if not losses:
        fail(f"{text}No loss was logged: call logger.log in each step, and look at the losses.")
    first = as_float(losses[0], "The first loss that was logged")
    last = as_float(losses[-1], "The last loss that was logged")
    if last > 10 * first:
        fail(
            f"{text}Your logged loss grows, from {first:.4g} to {last:.4g}: look at the gradients."
        )
    fail(f"{text}Your logged loss goes from {first:.4g} to {last:.4g}. Look at your loss first.")


def check_best_fit(best_fit: Callable) -> None:
    """Evaluate the settings and the result that were handed in; nothing is fitted anew.

    The time limit of five seconds is counted in steps, at a thousandth of a second each,
    so that it does not depend on the machine or on who else uses it.

    Parameters
    ----------
    best_fit : callable
        ``() -> learning_rate, steps, S, t``, the student's.

    Raises
    ------
    CheckFailed
        For a loss of 1e-4 or more, too many steps, or a result that the settings do not give.
    """
    rate, steps, matrix, shift = _settings(best_fit)
    points, partners = load_correspondences()
    moments = _moments(points, partners)
    loss = _loss(moments, matrix, shift)
    if loss >= TARGET_LOSS:
        fail(
            f"best_fit: the loss of your S and t is {loss:.4g}; it should be below "
            f"{TARGET_LOSS:.0e}. {_transpose_hint(moments, matrix, shift)}"
            "Copy the numbers once more, or go on tuning."
        )
    if steps > MOST_STEPS:
        fail(
            f"best_fit: {steps:,} steps are too many. The limit of five seconds is counted as "
            f"{MOST_STEPS:,} steps, on every machine. Another learning rate needs far fewer."
        )
    expected = descent_after(points, partners, rate, steps)
    apart = max(
        float(np.max(np.abs(a - b))) for a, b in zip((matrix, shift), expected, strict=True)
    )
    if not apart <= ROUNDING:
        fail(
            f"best_fit: {steps} steps with learning rate {rate:g} lead to another S and t: they "
            f"end at a loss of {_loss(moments, *expected):.4g}. Copy the settings and the result "
            "of one and the same fit."
        )
    passed(f"best_fit: loss {loss:.2e} with learning rate {rate:g} in {steps} steps.")


def _settings(best_fit: Callable) -> tuple[float, int, np.ndarray, np.ndarray]:
    try:
        answer = best_fit()
    except NotImplementedError:
        _open("best_fit")
    if not isinstance(answer, (tuple, list)) or len(answer) != 4:
        fail(f"best_fit returned {describe(answer)}; return learning_rate, steps, S, t.")
    rate = as_float(answer[0], "The learning rate that best_fit returned")
    steps = as_float(answer[1], "The number of steps that best_fit returned")
    if rate <= 0 or steps < 1 or steps != int(steps):
        fail(
            f"best_fit returned learning rate {rate:g} and {steps:g} steps. The learning rate is "
            "positive, the number of steps a whole number from 1. Are they in the wrong order?"
        )
    return (rate, int(steps), *fitted(answer[2:], "best_fit"))


def _transpose_hint(moments: np.ndarray, matrix: np.ndarray, shift: np.ndarray) -> str:
    if _loss(moments, matrix.T, shift) < TARGET_LOSS:
        return "Your S is transposed: its first row makes the first coordinate. "
    return ""


def _evaluate(function: Callable, points, partners, matrix, shift, unchanged: bool = False):
    """Call the student's loss; return loss, prediction, grad_S, grad_t, with shapes checked."""
    given = [np.array(a, dtype=float) for a in (points, partners, matrix, shift)]
    try:
        result = function(*given)
    except NotImplementedError:
        _open("affine_transform_loss")
    if not isinstance(result, (tuple, list)) or len(result) != 4:
        fail(
            f"affine_transform_loss returned {describe(result)}; four things are expected: "
            "loss, prediction, grad_S, grad_t."
        )
    if unchanged:
        names = ("P", "P_prime", "S", "t")
        originals = (points, partners, matrix, shift)
        for name, now, before in zip(names, given, originals, strict=True):
            if not np.array_equal(now, before):
                fail(
                    f"affine_transform_loss changes its input {name}. Look for `+=`, `-=` or `*=`, "
                    "and use a new name."
                )
    return (
        as_float(result[0], "The loss"),
        _array(result[1], np.shape(points), "The prediction"),
        _array(result[2], (2, 2), "grad_S"),
        _array(result[3], (2,), "grad_t"),
    )


def _logged(logged_fit: Callable, *arguments) -> tuple:
    """Call the given code that calls the student's fit."""
    try:
        return logged_fit(*arguments)
    except NotImplementedError:
        _open("fit_affine_transform, or affine_transform_loss,")


def fitted(result: object, name: str = "fit_affine_transform") -> tuple[np.ndarray, np.ndarray]:
    """Take S and t from what a fit returned; they need not be finite.

    Raises
    ------
    CheckFailed
        When it is not S, ndarray, (2, 2), and t, ndarray, (2,).
    """
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        fail(f"{name} returned {describe(result)}; return two things: S, t.")
    if np.shape(result[0]) == (2,) and np.shape(result[1]) == (2, 2):
        fail(f"{name} returned t before S; return S, t.")
    return (
        _array(result[0], (2, 2), f"The S that {name} returned", finite=False),
        _array(result[1], (2,), f"The t that {name} returned", finite=False),
    )


def _array(value, shape: tuple, what: str, finite: bool = True) -> np.ndarray:
    return as_array(value, what, shape, _shape_hint, finite)


def _shape_hint(array: np.ndarray, shape: tuple) -> str:
    if array.shape == shape[::-1] and len(shape) == 2:
        return "It is transposed: the points are rows."
    if array.size == int(np.prod(shape)):
        return "The numbers are there; an axis too many or too few is kept along."
    if array.shape == () and shape == (2,):
        return "Over which axis are the points added up?"
    return ""


def _open(name: str) -> NoReturn:
    fail(f"{name} is not written yet: replace `raise NotImplementedError` by your own lines.")


def _same(a: np.ndarray, b: np.ndarray, tolerance: float = 1e-8) -> bool:
    scale = max(1e-3, float(np.max(np.abs(b))))
    return bool(np.all(np.abs(np.asarray(a) - b) <= tolerance * scale))


def _moments(points: np.ndarray, partners: np.ndarray) -> np.ndarray:
    """Return the second moments of (x, y, 1, x', y'): ndarray, (5, 5)."""
    columns = np.column_stack([points, np.ones(len(points)), partners])
    return columns.T @ columns / len(points)


def _loss(moments: np.ndarray, matrix: np.ndarray, shift: np.ndarray) -> float:
    """Return the loss of a map from second moments alone, without any prediction."""
    rows = np.column_stack([matrix, shift, -np.eye(2)])
    with np.errstate(over="ignore", invalid="ignore"):
        value = float(np.sum((rows @ moments) * rows))
    return max(value, 0.0) if np.isfinite(value) else np.inf


def descent_after(
    points: np.ndarray, partners: np.ndarray, rate: float, steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the S and t where gradient descent from the identity stands after some steps.

    The loss is quadratic: each step shrinks the way that is left to the lowest point by
    the same matrix, so no descent is needed to know where it ends.

    Parameters
    ----------
    points, partners : ndarray, (N, 2)
    rate : float
        The learning rate.
    steps : int
    """
    moments = _moments(points, partners)
    curvature, target = moments[:3, :3], moments[:3, 3:]
    lowest = np.linalg.solve(curvature, target).T
    way_left = np.column_stack([np.eye(2), np.zeros(2)]) - lowest
    with np.errstate(over="ignore", invalid="ignore"):
        shrink = np.linalg.matrix_power(np.eye(3) - 2.0 * rate * curvature, steps)
        reached = lowest + way_left @ shrink
    return reached[:, :2], reached[:, 2]
