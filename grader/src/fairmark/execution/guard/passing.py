"""The text of a check, written so that values pass the guard on their way.

Each value that the student's code may have brought about (what a call, an operator, an
attribute, an item, a step of a loop gives) becomes the right side of ``guard @ value``. The
guard gives the value back and compares meanwhile. Its own object stands among the constants
of the code, where no name leads; the code means what it meant before.
"""

from __future__ import annotations

import ast
from ast import (
    AST, AsyncFor, AsyncWith, Attribute, Await, BinOp, Call, Compare, Constant, Del, Expr, For,
    FormattedValue, Interactive, JoinedStr, MatMult, Module, Store, Subscript, UnaryOp, While,
    With, comprehension, match_case,
)  # fmt: skip
from collections.abc import Callable, Mapping
from types import CodeType
from typing import TypeVar

_Node = TypeVar("_Node", ast.expr, ast.stmt, ast.Constant, ast.BinOp, ast.Expr)

#: The fields of each kind of node; who changes a class of nodes later changes nothing here.
_FIELDS = {
    kind: tuple(kind._fields)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, AST)
}
_PASSING = (
    Call, Attribute, Subscript, BinOp, UnaryOp, Compare, Await,
    JoinedStr,
)  # fmt: skip
#: Fields that must stay as they are: annotations may be kept as text, patterns are no values.
_LEFT = frozenset(
    {"annotation", "returns", "pattern", "ctx", "op", "ops", "type_params", "type_comment"}
)
_OPERATIONS = (BinOp, UnaryOp, Compare)


def rewritten(tree: Module, mark: str) -> Module:
    """Return the tree with a placeholder beside each value that passes.

    Parameters
    ----------
    tree : Module
        Of the check. It is changed.
    mark : str
        Stands for the guard until the code has been made.
    """
    return _Writer(mark).module(tree)


def marked(value: ast.expr, mark: str) -> ast.expr:
    """Return an expression whose value passes what the mark stands for.

    Parameters
    ----------
    value : ast.expr
        The expression.
    mark : str
        The placeholder.
    """
    sign = _like(Constant(mark), value)
    return _like(BinOp(left=sign, op=MatMult(), right=value), value)


def placed(code: CodeType, objects: Mapping[str, object]) -> CodeType:
    """Return the code with objects in place of their marks.

    Parameters
    ----------
    code : CodeType
        Made from a tree with marks.
    objects : mapping
        Mark to object.
    """
    constants = []
    for constant in code.co_consts:
        if type(constant) is CodeType:
            constants.append(placed(constant, objects))
        elif type(constant) is str:
            constants.append(objects.get(constant, constant))
        else:
            constants.append(constant)
    return code.replace(co_consts=tuple(constants))


class _Writer:
    def __init__(self, mark: str):
        self.mark = mark

    def module(self, tree: Module) -> Module:
        tree.body = self._block(tree.body)
        return tree

    def _block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        return [self._node(statement) for statement in body]  # type: ignore[misc]

    def _node(self, node: AST) -> AST:
        kind = type(node)
        if kind is Call:
            self._call(node)  # type: ignore[arg-type]
        elif kind is Attribute:
            node.value = self._chain(node.value)  # type: ignore[attr-defined]
        elif kind is FormattedValue:
            node.value = self._node(node.value)  # type: ignore[attr-defined]
            self._specification(node)  # type: ignore[arg-type]
        elif kind is JoinedStr:
            for part in node.values:  # type: ignore[attr-defined]
                if type(part) is FormattedValue:
                    self._node(part)
        else:
            self._fields(node)
        if kind in _PASSING and self._can_pass(node):
            return marked(node, self.mark)  # type: ignore[arg-type]
        if kind is comprehension:
            node.ifs.insert(0, marked(_like(Constant(True), node.iter), self.mark))  # type: ignore[attr-defined]
        elif kind in (For, AsyncFor, With, AsyncWith, While, match_case):
            self._first(node)
        return node

    def _fields(self, node: AST) -> None:
        for name in _FIELDS[type(node)]:
            value = getattr(node, name, None)
            if name in _LEFT or value is None:
                continue
            if isinstance(value, list):
                kept = [self._node(one) if isinstance(one, AST) else one for one in value]
                setattr(node, name, kept)
            elif isinstance(value, AST):
                setattr(node, name, self._node(value))

    def _call(self, node: Call) -> None:
        # What is called is not looked at by itself: its call passes right afterwards.
        node.func = self._chain(node.func)
        node.args = [self._node(one) for one in node.args]  # type: ignore[misc]
        for keyword in node.keywords:
            keyword.value = self._node(keyword.value)  # type: ignore[assignment]

    def _chain(self, node: ast.expr) -> ast.expr:
        """Write an expression that goes on: of ``a.b.c`` only the whole passes."""
        if type(node) is Attribute:
            node.value = self._chain(node.value)
            return node
        return self._node(node)  # type: ignore[return-value]

    def _specification(self, node: FormattedValue) -> None:
        # It must stay a JoinedStr.
        for part in getattr(node.format_spec, "values", ()):
            if type(part) is FormattedValue:
                self._node(part)

    def _can_pass(self, node: AST) -> bool:
        if type(getattr(node, "ctx", None)) in (Store, Del):
            return False
        # Operations on constants are done when the code is made.
        return not (isinstance(node, _OPERATIONS) and _is_constant(node))

    def _first(self, node: AST) -> None:
        """Let the guard look at the beginning of a block, before which code has run."""
        body: list[ast.stmt] = node.body  # type: ignore[attr-defined]
        look = Expr(marked(_like(Constant(None), body[0]), self.mark))
        body.insert(0, _like(look, body[0]))


def _like(node: _Node, place: ast.expr | ast.stmt) -> _Node:
    """Let a node stand where another does, as tracebacks tell."""
    node.lineno, node.col_offset = place.lineno, place.col_offset
    node.end_lineno, node.end_col_offset = place.end_lineno, place.end_col_offset
    return node


def _is_constant(node: AST) -> bool:
    if type(node) is Constant:
        return True
    if type(node) is UnaryOp:
        return _is_constant(node.operand)
    if type(node) is BinOp:
        return _is_constant(node.left) and _is_constant(node.right)
    return False


def parts(tree: Module, file: str, flags: int, interactive: bool) -> list[CodeType]:
    """Make code of a tree: all statements, and the last one by itself where it is shown.

    Parameters
    ----------
    tree : Module
        Perhaps rewritten.
    file : str
        The name that tracebacks show.
    flags : int
        For `compile`.
    interactive : bool
        Whether the last statement is an expression whose value is shown.
    """
    make: Callable[..., CodeType] = compile
    found = []
    body = tree.body[:-1] if interactive else tree.body
    for statement in body:
        found.append(make(Module([statement], []), file, "exec", flags, True))
    if interactive:
        found.append(make(Interactive(tree.body[-1:]), file, "single", flags, True))
    return found
