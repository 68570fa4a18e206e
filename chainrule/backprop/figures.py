"""Figures of computational graphs: the worked examples, and f1, f2 and f3.

The figures of f1, f2 and f3 show structure and names, as their tasks state them,
and never a gradient: those are for you to find.
"""

from __future__ import annotations

from chainrule.graph import Graph, choose, constant, copy, exp, log, square, variable
from chainrule.graph.drawing import Drawing


def f1_graph(x1: float, w1: float, x2: float, w2: float, b: float, y: float) -> Graph:
    """Return the graph of L = (w1·x1 + w2·x2 + b − y)²: two products, sum, difference, square.

    Parameters
    ----------
    x1, w1, x2, w2, b, y : float
        All six are variables.

    Raises
    ------
    TypeError, ValueError
        If an input is not a finite number.
    """
    first = variable("w1", w1) * variable("x1", x1)
    second = variable("w2", w2) * variable("x2", x2)
    difference = first + second + variable("b", b) - variable("y", y)
    return Graph(square(difference).named("L"))


def f2_graph(x: float) -> Graph:
    """Return the graph of d = 2x, e = exp d, t = e − 1, b = e + 1, y = t / b.

    Parameters
    ----------
    x : float
        The only variable.

    Raises
    ------
    OverflowError
        If x is greater than about 354, where exp(2x) is too large.
    TypeError, ValueError
        If x is not a finite number.
    """
    d = (2 * variable("x", x)).named("d")
    e = exp(d).named("e")
    t = (e - 1).named("t")
    b = (e + 1).named("b")
    return Graph((t / b).named("y"))


def f3_graph(s1: float, s2: float, y: int) -> Graph:
    """Return the graph of softmax and cross-entropy for two scores.

    e1 = exp s1, e2 = exp s2, d = e1 + e2, p1 = e1 / d, p2 = e2 / d,
    p+ = choose(p1, p2, y), L = −log p+.

    Parameters
    ----------
    s1, s2 : float
        The scores, both variables.
    y : {1, 2}
        The number of the right class, a constant.

    Raises
    ------
    OverflowError
        If a score is greater than about 709, where exp is too large.
    TypeError, ValueError
        If a score is not a finite number, or y is neither 1 nor 2.
    """
    e1 = exp(variable("s1", s1)).named("e1")
    e2 = exp(variable("s2", s2)).named("e2")
    d = (e1 + e2).named("d")
    p1 = (e1 / d).named("p1")
    p2 = (e2 / d).named("p2")
    chosen = choose(p1, p2, constant(y).named("y")).named("p+")
    return Graph((-log(chosen)).named("L"))


def sum_graph(a: float = 2.0, b: float = 3.0, c: float = 4.0) -> Graph:
    """Return the graph of L = c + a·b, a worked example."""
    d = (variable("a", a) * variable("b", b)).named("d")
    return Graph((variable("c", c) + d).named("L"))


def shared_graph(a: float = 2.0, b: float = 3.0, c: float = 4.0) -> Graph:
    """Return the graph of L = a·b + c·b, in which b is used twice."""
    shared = variable("b", b)
    d = (variable("a", a) * shared).named("d")
    e = (variable("c", c) * shared).named("e")
    return Graph((d + e).named("L"))


def copy_graph(a: float = 2.0, b: float = 3.0, c: float = 4.0) -> Graph:
    """Return the graph of L = a·b + c·b with an explicit copy of b."""
    b1, b2 = copy(variable("b", b))
    d = (variable("a", a) * b1).named("d")
    e = (variable("c", c) * b2).named("e")
    return Graph((d + e).named("L"))


def f1() -> Drawing:
    """Draw the structure of f1, without values or gradients."""
    return f1_graph(1, 1, 1, 1, 1, 1).draw(
        "names",
        title="f1: two products, a sum, a difference and a square",
        alt=(
            "The graph of f1, from left to right. x1 and w1 enter a product, x2 and w2 enter "
            "another. The two products are added. Then b is added, y is subtracted, and the "
            "difference is squared. The result is L. No value is used twice."
        ),
    )


def f2() -> Drawing:
    """Draw the structure of f2, without values or gradients."""
    return f2_graph(0).draw(
        "names",
        title="f2: e is used twice",
        alt=(
            "The graph of f2, from left to right. x is multiplied by 2, which gives d. The "
            "exponential of d is e. Two edges leave e: one goes to e minus 1, which is t, the "
            "other to e plus 1, which is b. t divided by b is the output y."
        ),
    )


def f3(y: int = 1) -> Drawing:
    """Draw the structure of f3, without values or gradients.

    Parameters
    ----------
    y : {1, 2}
        Which probability is chosen.

    Raises
    ------
    ValueError
        If y is neither 1 nor 2.
    """
    return f3_graph(0, 0, y).draw(
        "names",
        title=f"f3: softmax and cross-entropy of two scores, y = {y}",
        alt=(
            "The graph of f3, from left to right. s1 goes through an exponential to e1, s2 "
            "through another to e2. e1 and e2 are added to d. Both are also divided by d: e1 "
            "divided by d is p1, e2 divided by d is p2. So e1, e2 and d are each used twice. "
            f"p1 and p2 enter a choose operator, which passes on p{y} because the dashed input "
            f"y is {y}; its result is p+. The logarithm of p+ with the opposite sign is L."
        ),
    )


def example_sum() -> Drawing:
    """Draw L = c + a·b with values and gradients at a = 2, b = 3, c = 4."""
    return sum_graph().draw(
        "gradients",
        title="L = c + a · b",
        alt=(
            "The graph of L = c + a b at a = 2, b = 3, c = 4. a and b enter a product, which is "
            "d = 6; c and d are added, which gives L = 10. Backward from L, with gradient 1: the "
            "sum hands 1 to c and 1 to d. The product hands a the gradient 1 times 3, which is "
            "3, and b the gradient 1 times 2, which is 2."
        ),
    )


def example_shared() -> Drawing:
    """Draw L = a·b + c·b, b used twice, with values and gradients at a = 2, b = 3, c = 4."""
    return shared_graph().draw(
        "gradients",
        title="L = a · b + c · b: b is used twice",
        alt=(
            "The graph of L = a b + c b at a = 2, b = 3, c = 4. Two edges leave b: one to the "
            "product with a, d = 6, one to the product with c, e = 12. Their sum is L = 18. "
            "Backward, both products receive 1. The gradients of a and c are 3 each. b receives "
            "2 along one edge and 4 along the other, together 6."
        ),
    )


def example_copy() -> Drawing:
    """Draw L = a·b + c·b with an explicit copy operator, at a = 2, b = 3, c = 4."""
    return copy_graph().draw(
        "gradients",
        title="L = a · b + c · b: the copy operator made explicit",
        alt=(
            "The graph of L = a b + c b at a = 2, b = 3, c = 4, with a copy operator behind b. "
            "One copy enters the product with a, d = 6, the other the product with c, e = 12; "
            "their sum is L = 18. Backward, the copies receive 2 and 4. The copy operator adds "
            "them, and b receives the single gradient 6. The gradients of a and c are 3 each."
        ),
    )
