"""Say which mistake explains a wrong gradient.

A wrong backward pass usually has one slip. For a known graph the slips are
tried one by one: a path that was left out, a sign, a missing local derivative,
a missing upstream gradient, swapped factors of a product. The slip that
reproduces all of the student's numbers is the diagnosis. It names the place
and the kind of the mistake, never the right line.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from chainrule.checks.arrays import near

#: Two gradients count as the same when they differ by less than this, relatively.
SAME = 1e-7


def diagnose(yours: np.ndarray, expected: np.ndarray, names: list[str], graphs: list) -> str:
    """Explain the difference between two sets of gradients.

    Parameters
    ----------
    yours, expected : ndarray, (points, inputs)
        The student's gradients and the numeric ones.
    names : list of str
        Names of the inputs.
    graphs : list of Graph
        The task's graph at each point after ``backward``; empty for the student's own graph.

    Returns
    -------
    str
        One or two sentences, or a hint where to look when no single slip fits.
    """
    explanations = (
        _swapped(yours, expected, names),
        _slip_in_graph(yours, names, graphs),
        _common_factor(yours, expected, names),
        _each_gradient(yours, expected, names),
    )
    for explanation in explanations:
        if explanation:
            return explanation
    wrong = [name for i, name in enumerate(names) if not near(yours[:, i], expected[:, i], SAME)]
    return (
        f"Wrong: {_listed(wrong)}. No single slip explains the numbers. "
        "Print the gradient after each line of the backward pass, and compare it with the drawing: "
        "one line for each edge, upstream gradient times local derivative."
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"grad_{name}" for name in names)


def _swapped(yours: np.ndarray, expected: np.ndarray, names: list[str]) -> str:
    """Find gradients that are right but stand in each other's place."""
    for i in range(len(names)):
        for j in range(i + 1, len(names)):
            exchanged = expected.copy()
            exchanged[:, [i, j]] = expected[:, [j, i]]
            if near(yours, exchanged, SAME) and not near(expected[:, i], expected[:, j], SAME):
                return (
                    f"grad_{names[i]} and grad_{names[j]} are swapped. Either they are returned in "
                    "the wrong order, or each factor of a product was given the other's gradient."
                )
    return ""


def _slip_in_graph(yours: np.ndarray, names: list[str], graphs: list) -> str:
    if not graphs:
        return ""
    for describe, overrides in _slips(graphs[0]):
        if all(
            near(yours[k], _with(graph, overrides, names), SAME) for k, graph in enumerate(graphs)
        ) and not near(yours[0], _with(graphs[0], (), names), SAME):
            return describe
    return ""


def _with(graph, overrides, names: list[str]) -> np.ndarray:
    local = {graph.edges[place]: change(graph, graph.edges[place]) for place, change in overrides}
    gradients = graph.gradients(local)
    return np.array([gradients[name] for name in names])


def _slips(graph) -> Iterator[tuple[str, tuple]]:
    """Yield every single slip as a sentence and the edges that it changes."""
    shared = set(graph.shared)
    for place, edge in enumerate(graph.edges):
        start, end = _label(edge.source), _label(edge.target)
        if edge.source in shared:
            yield (
                f"`{start}` is used more than once, and only one of its paths is counted: the path "
                f"through `{end}` is missing. The gradients of the copies add.",
                ((place, _times(0.0)),),
            )
    for place, edge in enumerate(graph.edges):
        start, end = _label(edge.source), _label(edge.target)
        yield (
            f"The sign is wrong on the way back from `{end}` to `{start}`. "
            f"What happens to `{end}` when `{start}` grows a little?",
            ((place, _times(-1.0)),),
        )
        yield (
            f"A factor is missing on the way back from `{end}` to `{start}`: the upstream gradient "
            "has to be multiplied by the local derivative of that operator.",
            ((place, lambda graph, edge: 1.0),),
        )
        yield (
            f"On the way back from `{end}` to `{start}` only the local derivative is there; "
            "the upstream gradient is missing. The downstream gradient is their product.",
            ((place, _without_upstream),),
        )
        for factor, slip in (
            (0.5, "A factor of 2 is missing"),
            (2.0, "There is one factor of 2 too many"),
        ):
            yield (
                f"{slip} on the way back from `{end}` to `{start}`. "
                "Look at the local derivative there.",
                ((place, _times(factor)),),
            )
    for pair in _products(graph):
        end = _label(graph.edges[pair[0]].target)
        yield (
            f"The local derivatives of the product `{end}` look swapped. "
            "By how much does a product change when one of its factors grows a little?",
            tuple((place, _other_local(pair)) for place in pair),
        )


def _times(factor: float) -> Callable:
    return lambda graph, edge: factor * edge.local


def _without_upstream(graph, edge) -> float:
    return edge.local / edge.upstream if edge.upstream else edge.local


def _other_local(pair: tuple[int, int]) -> Callable:
    def local_of_the_other(graph, edge) -> float:
        first, second = (graph.edges[place] for place in pair)
        return second.local if edge is first else first.local

    return local_of_the_other


def _products(graph) -> Iterator[tuple[int, int]]:
    for node in graph.operators:
        places = tuple(k for k, edge in enumerate(graph.edges) if edge.target is node)
        if node.operator == "*" and len(places) == 2:
            yield places


def _label(node) -> str:
    return node.label or str(node.operator)


def _common_factor(yours: np.ndarray, expected: np.ndarray, names: list[str]) -> str:
    ratio = _constant_ratio(yours, expected)
    if ratio is None:
        return ""
    if ratio == 0.0:
        return "All gradients are zero. Do the lines of the backward pass set the names you return?"
    if np.isclose(ratio, -1.0):
        return "All gradients have the wrong sign. Look at the first line of the backward pass."
    return (
        f"All gradients are {ratio:.4g} times what they should be. "
        "A factor is off near the output, where the backward pass begins."
    )


def _each_gradient(yours: np.ndarray, expected: np.ndarray, names: list[str]) -> str:
    """Explain each wrong gradient on its own: sign, constant factor, zero."""
    sentences = []
    for i, name in enumerate(names):
        if near(yours[:, i], expected[:, i], SAME):
            continue
        ratio = _constant_ratio(yours[:, i], expected[:, i])
        if ratio is None:
            return ""
        if ratio == 0.0:
            sentences.append(f"grad_{name} is always zero: is its edge missing?")
        elif np.isclose(ratio, -1.0):
            sentences.append(f"grad_{name} has the right size and the wrong sign.")
        else:
            sentences.append(f"grad_{name} is {ratio:.4g} times what it should be.")
    return " ".join(sentences)


def _constant_ratio(yours: np.ndarray, expected: np.ndarray) -> float | None:
    usable = np.abs(expected) > 1e-6
    if not usable.any():
        return None
    ratio = float(np.median(yours[usable] / expected[usable]))
    if near(yours, ratio * expected, SAME) and not np.isclose(ratio, 1.0):
        return 0.0 if abs(ratio) < SAME else ratio
    return None
