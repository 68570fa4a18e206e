"""Count the operators on the way from a function's inputs to its output.

The count follows the data through the source, so it is honest in both
directions: an operator counts once for each line that uses it, and only if it
depends on an input and the output depends on it. Gradients, unused lines and
arithmetic on constants do not count.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from chainrule.checks.inspect_source import definition_of, source_with_helpers

SYMBOLS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**",
    ast.Mod: "%", ast.FloorDiv: "//", ast.MatMult: "@",
}  # fmt: skip

#: Calls that hand a value on without computing anything.
PASS_THROUGH = frozenset({"float", "int", "float64", "float32", "array", "asarray", "copy", "item"})

#: A loop over ``range(n)`` with a literal n is followed this many times at most.
MOST_ROUNDS = 100


@dataclass(frozen=True)
class Flow:
    """What one value depends on."""

    operators: frozenset = frozenset()
    from_input: bool = False
    items: tuple[Flow, ...] | None = None


CONSTANT = Flow()


def count_operators(function: Callable) -> list[str]:
    """List the operators between the inputs of a function and its first return value.

    Parameters
    ----------
    function : callable
        A function with readable source that returns ``output, gradients``.

    Returns
    -------
    list of str
        One entry for each operator, for example ``["*", "exp", "+"]``.

    Raises
    ------
    CheckFailed
        When the source cannot be read.
    """
    definition = definition_of(function)
    helpers = {
        node.name: node
        for node in ast.walk(ast.parse(source_with_helpers(function)))
        if isinstance(node, ast.FunctionDef) and node.name != definition.name
    }
    arguments = definition.args.posonlyargs + definition.args.args + definition.args.kwonlyargs
    inputs = {a.arg: Flow(from_input=True) for a in arguments}
    result = _Tracer(helpers, path=()).run(definition, inputs)
    output = result.items[0] if result.items else result
    return [symbol for _, symbol in sorted(output.operators)]


class _Tracer:
    """Follow the data through one call of one function."""

    def __init__(self, helpers: dict, path: tuple) -> None:
        self.helpers = helpers
        self.path = path
        self.values: dict[str, Flow] = {}
        self.returned = CONSTANT
        self.round = 0

    def run(self, definition: ast.FunctionDef, inputs: dict) -> Flow:
        self.values = dict(inputs)
        self.block(definition.body)
        return self.returned

    # -- statements -------------------------------------------------------
    def block(self, statements: list) -> None:
        for statement in statements:
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Assign):
            value = self.flow(node.value)
            for target in node.targets:
                self.assign(target, value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            self.assign(node.target, self.flow(node.value))
        elif isinstance(node, ast.AugAssign):
            old = self.flow(ast.copy_location(ast.Name(_name(node.target), ast.Load()), node))
            self.assign(
                node.target,
                self.operator(node, SYMBOLS.get(type(node.op), "?"), old, self.flow(node.value)),
            )
        elif isinstance(node, ast.Return) and node.value is not None:
            self.returned = _larger(self.returned, self.flow(node.value))
        elif isinstance(node, ast.If):
            self.branches(node.body, node.orelse)
        elif isinstance(node, (ast.For, ast.While)):
            self.loop(node)
        elif isinstance(node, ast.With):
            self.block(node.body)
        elif isinstance(node, ast.Try):
            self.block(node.body)
            self.block(node.orelse + node.finalbody)

    def branches(self, first: list, second: list) -> None:
        before = dict(self.values)
        self.block(first)
        after_first, self.values = self.values, dict(before)
        self.block(second)
        for name, value in after_first.items():
            self.values[name] = _larger(value, self.values.get(name, CONSTANT))

    def loop(self, node: ast.For | ast.While) -> None:
        for _ in range(_rounds(node)):
            self.round += 1
            if isinstance(node, ast.For):
                self.assign(node.target, self.flow(node.iter))
            self.block(node.body)

    def assign(self, target: ast.expr, value: Flow) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            items = value.items or (value,) * len(target.elts)
            for part, item in zip(target.elts, items, strict=False):
                self.assign(part, item)
        elif _name(target):
            self.values[_name(target)] = value

    # -- expressions ------------------------------------------------------
    def flow(self, node: ast.expr) -> Flow:
        if isinstance(node, ast.Name):
            return self.values.get(node.id, CONSTANT)
        if isinstance(node, ast.Constant):
            return CONSTANT
        if isinstance(node, ast.BinOp):
            return self.operator(
                node, SYMBOLS.get(type(node.op), "?"), self.flow(node.left), self.flow(node.right)
            )
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return self.operator(node, "negate", self.flow(node.operand))
        if isinstance(node, ast.IfExp):
            return _larger(self.flow(node.body), self.flow(node.orelse))
        if isinstance(node, (ast.Tuple, ast.List)):
            return _merged(tuple(self.flow(item) for item in node.elts), keep_items=True)
        if isinstance(node, ast.Subscript):
            return self.subscript(node)
        if isinstance(node, ast.Call):
            return self.call(node)
        children = [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        return _merged(tuple(self.flow(child) for child in children))

    def subscript(self, node: ast.Subscript) -> Flow:
        whole = self.flow(node.value)
        index = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if whole.items and isinstance(index, int) and -len(whole.items) <= index < len(whole.items):
            return whole.items[index]
        return whole

    def call(self, node: ast.Call) -> Flow:
        arguments = [self.flow(argument) for argument in node.args]
        named = {word.arg: self.flow(word.value) for word in node.keywords}
        name = _name(node.func)
        if isinstance(node.func, ast.Name) and name in self.helpers and len(self.path) < 20:
            return self.helper(node, self.helpers[name], arguments, named)
        if isinstance(node.func, ast.Attribute):
            arguments.append(self.flow(node.func.value))
        if name in PASS_THROUGH:
            return _merged((*arguments, *named.values()))
        return self.operator(node, name or "call", *arguments, *named.values())

    def helper(self, node: ast.Call, definition, arguments: list, named: dict) -> Flow:
        names = [a.arg for a in definition.args.posonlyargs + definition.args.args]
        inputs = dict(zip(names, arguments, strict=False)) | named
        place = (*self.path, self.round, node.lineno, node.col_offset)
        return _Tracer(self.helpers, place).run(definition, inputs)

    def operator(self, node: ast.expr | ast.stmt, symbol: str, *operands: Flow) -> Flow:
        merged = _merged(operands)
        if not merged.from_input:
            return CONSTANT
        place = (*self.path, self.round, node.lineno, node.col_offset, node.end_col_offset)
        return Flow(merged.operators | {(place, symbol)}, True)


def _name(node: ast.expr) -> str:
    return getattr(node, "id", None) or getattr(node, "attr", None) or ""


def _merged(flows: tuple, keep_items: bool = False) -> Flow:
    operators = frozenset().union(*(flow.operators for flow in flows))
    from_input = any(flow.from_input for flow in flows)
    return Flow(operators, from_input, tuple(flows) if keep_items else None)


def _larger(first: Flow, second: Flow) -> Flow:
    return first if _size(first) > _size(second) else second


def _size(flow: Flow) -> tuple:
    # A returned pair is as large as its first item: the output, not the gradients.
    output = flow.items[0] if flow.items else flow
    return len(output.operators), output.from_input


def _rounds(node: ast.For | ast.While) -> int:
    call = getattr(node, "iter", None)
    if isinstance(call, ast.Call) and _name(call.func) == "range" and len(call.args) == 1:
        if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, int):
            return min(call.args[0].value, MOST_ROUNDS)
    return 1
