"""The text of a check, written so that values pass the guard on their way.

Each value that the student's code may have brought about (what a call, an operator, an
attribute, an item, a step of a loop gives) becomes the right side of ``guard @ value``. The
guard gives the value back and compares meanwhile. Its own object stands among the constants
of the code, where no name leads; the code means what it meant before.
"""

from __future__ import annotations
import __future__

import ast
from ast import (
    AST,
    AnnAssign,
    Assign,
    AsyncFor,
    AsyncFunctionDef,
    AsyncWith,
    Attribute,
    AugAssign,
    Await,
    BinOp,
    Call,
    ClassDef,
    Compare,
    Constant,
    Del,
    Delete,
    Expr,
    For,
    FormattedValue,
    FunctionDef,
    If,
    Import,
    ImportFrom,
    Interactive,
    JoinedStr,
    List,
    Load,
    Match,
    MatMult,
    Module,
    Name,
    Starred,
    Store,
    Subscript,
    Try,
    TryStar,
    Tuple,
    UnaryOp,
    While,
    With,
    comprehension,
    match_case,
)  # fmt: skip
from collections.abc import Callable, Collection, Mapping
from types import CodeType
from typing import Any, TypeVar

_Node = TypeVar("_Node", ast.Constant, ast.BinOp, ast.Expr, ast.Name, ast.Tuple)

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
#: Before the beginning of their blocks, code has run or names have been bound.
_FIRST = (For, AsyncFor, With, AsyncWith, While, match_case)
_BLOCKS = (*_FIRST, If, Match, Try, TryStar)
_BINDING = (
    Assign, AnnAssign, AugAssign, Delete, FunctionDef, AsyncFunctionDef, ClassDef, Import,
    ImportFrom,
)  # fmt: skip
_FUTURE = 0
for _name in __future__.all_feature_names:
    _FUTURE |= getattr(__future__, _name).compiler_flag
_OPERATIONS = (BinOp, UnaryOp, Compare)


def rewritten(
    tree: ast.Module,
    mark: str,
    bound: str = "",
    hide: str = "",
    hidden: Collection[str] = (),
    untouched: Collection[str] = (),
) -> ast.Module:
    """Return the tree with a placeholder beside each value that passes.

    Parameters
    ----------
    tree : ast.Module
        Of the check. It is changed.
    mark : str
        Stands for the guard until the code has been made.
    bound : str, optional
        Stands for what is told that the check itself has bound a name of the notebook.
    hide : str, optional
        Stands for what gives the values of names that are not kept in the notebook.
    hidden : collection of str, optional
        These names, none of which is bound in a function or comprehension.
    untouched : collection of str, optional
        Functions of the check whose values need not pass.
    """
    tree = _Writer(mark, bound).module(tree, untouched)
    return _hidden(tree, hide, frozenset(hidden)) if hidden else tree  # type: ignore[return-value]


def _hidden(node: ast.AST, mark: str, names: frozenset[str]) -> ast.AST:
    """Let names be asked for in place of being read from the notebook."""
    if type(node) is Name and type(node.ctx) is Load and node.id in names:
        return marked(_like(Constant(node.id), node), mark)
    for name in _FIELDS[type(node)]:
        value = getattr(node, name, None)
        if isinstance(value, list):
            kept = [_hidden(one, mark, names) if isinstance(one, AST) else one for one in value]
            setattr(node, name, kept)
        elif isinstance(value, AST):
            setattr(node, name, _hidden(value, mark, names))
    return node


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
    constants: list[object] = []
    for constant in code.co_consts:
        if type(constant) is CodeType:
            constants.append(placed(constant, objects))
        elif type(constant) is str:
            constants.append(objects.get(constant, constant))
        else:
            constants.append(constant)
    return code.replace(co_consts=tuple(constants))


class _Writer:
    def __init__(self, mark: str, bound: str):
        self.mark, self.bound = mark, bound

    def module(self, tree: ast.Module, untouched: Collection[str]) -> ast.Module:
        body: list[Any] = [
            one if type(one) is FunctionDef and one.name in untouched else self._node(one)
            for one in tree.body
        ]
        tree.body = body
        if self.bound:
            tree.body = self._telling(tree.body)
        return tree

    def _telling(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """Add a word after each statement of the notebook's own level that binds names."""
        found: list[ast.stmt] = []
        for statement in body:
            found.append(statement)
            if type(statement) in _BLOCKS:
                self._inner(statement)
            if type(statement) in _BINDING:
                found.append(_word(statement, self.bound))
        return found

    def _inner(self, node: ast.AST) -> None:
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(node, name, None)
            if inner:
                told = self._telling(inner)
                first = type(node) in _FIRST and name == "body"
                setattr(node, name, [_word(inner[0], self.bound), *told] if first else told)
        for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            self._inner(part)

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
            node.ifs.insert(0, marked(_targets(node.target), self.mark))  # type: ignore[attr-defined]
        elif kind in _FIRST:
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
        value: ast.expr = _like(Constant(None), body[0])
        if type(node) in (For, AsyncFor):
            value = _targets(node.target)  # type: ignore[attr-defined]
        body.insert(0, _like(Expr(marked(value, self.mark)), body[0]))


def _word(place: ast.stmt, mark: str) -> ast.stmt:
    return _like(Expr(marked(_like(Constant(None), place), mark)), place)


def _like(node: _Node, place: ast.expr | ast.stmt) -> _Node:
    """Let a node stand where another does, as tracebacks tell."""
    node.lineno, node.col_offset = place.lineno, place.col_offset
    node.end_lineno, node.end_col_offset = place.end_lineno, place.end_col_offset
    return node


def _targets(target: ast.expr) -> ast.expr:
    """Return a tuple of the names that a loop binds; it is true where it stands as a condition."""
    names: list[ast.expr] = [_like(Name(name, Load()), target) for name in _names_in(target)]
    return _like(Tuple(names or [_like(Constant(None), target)], Load()), target)


def _names_in(target: ast.expr) -> list[str]:
    if type(target) is Name:
        return [target.id]
    if type(target) is Starred:
        return _names_in(target.value)
    if type(target) in (Tuple, List):
        return [name for one in target.elts for name in _names_in(one)]  # type: ignore[attr-defined]
    return []


def _is_constant(node: AST) -> bool:
    if type(node) is Constant:
        return True
    if type(node) is UnaryOp:
        return _is_constant(node.operand)
    if type(node) is BinOp:
        return _is_constant(node.left) and _is_constant(node.right)
    return False


def parts(
    tree: ast.Module, file: str, flags: int, interactive: bool, step: str = ""
) -> tuple[list[CodeType], int]:
    """Make code of a tree: each statement by itself, as the shell does.

    Parameters
    ----------
    tree : ast.Module
        Perhaps rewritten.
    file : str
        The name that tracebacks show.
    flags : int
        For `compile`.
    interactive : bool
        Whether the last statement is an expression whose value is shown.
    step : str, optional
        Stands for what is told that a part was run to its end; a shown value tells itself.

    Returns
    -------
    codes : list of CodeType
        One for each statement.
    flags : int
        With those that statements from ``__future__`` have set for what comes after.
    """
    make: Callable[..., CodeType] = compile
    found: list[CodeType] = []
    for statement in tree.body[:-1] if interactive else tree.body:
        word = [_word(statement, step)] if step else []
        found.append(make(Module([statement, *word], []), file, "exec", flags, True))
        flags |= found[-1].co_flags & _FUTURE
    if interactive:
        found.append(make(Interactive(tree.body[-1:]), file, "single", flags, True))
    return found, flags
