"""Rejects what DuckDB accepts but Athena doesn't: unknown functions and implicit casts.

Source: Trino documentation, "Comparison functions and operators", "Mathematical functions and
operators" (Trino never converts implicitly between text and numbers); the messages are Athena's.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.scope import Scope, walk_in_scope

from .failure import QueryError
from .functions import MISSING, SAME
from .hive_types import HiveType
from .inference import Inference

_READS_FILES = (exp.ReadCSV, exp.ReadParquet)
_FAMILIES = {
    "VARCHAR": "text", "BOOLEAN": "boolean", "DATE": "time", "TIMESTAMP": "time",
    "TIMESTAMP WITH TIME ZONE": "time",
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL"), "number"),
}  # fmt: skip
_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<=",
}  # fmt: skip
_ARITHMETIC: dict[type[exp.Expr], str] = {
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%",
}  # fmt: skip
_WRITTEN = {"!=", "NOT", "BETWEEN", "IN", "LIKE", *_COMPARISONS.values(), *_ARITHMETIC.values()}
_TRINO = {"FLOAT": "real", "TIMESTAMP": "timestamp(3)", "TIMESTAMP WITH TIME ZONE": "timestamp(3) with time zone"}  # fmt: skip


def place_of(node: exp.Expr) -> str:
    """Return a node's position in the query, such as ``line 2:15``."""
    line, end = node.meta.get("line", 1), node.meta.get("col", 1)
    length = int(node.meta.get("end", 0)) - int(node.meta.get("start", 0))
    return f"line {line}:{max(1, int(end) - length)}"


def check_names(tree: exp.Query) -> None:
    """Raise ``QueryError`` for table functions and for functions that Athena doesn't have."""
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier):
            name = table.this.name or table.this.sql("athena")
            message = f"SYNTAX_ERROR: line 1:1: Table function {name.lower()} not registered"
            raise QueryError(message)
    for function in tree.find_all(*_READS_FILES):
        name = function.sql_name().lower()
        raise QueryError(f"FUNCTION_NOT_FOUND: line 1:1: Function '{name}' not registered")
    for function in tree.find_all(exp.Anonymous):
        name = function.name.upper()
        if name in MISSING:
            raise QueryError(
                f"NOT_SUPPORTED: pocketaws doesn't emulate the function {name.lower()}"
            )
        if name not in SAME:
            message = f"Function '{name.lower()}' not registered"
            raise QueryError(f"FUNCTION_NOT_FOUND: {place_of(function)}: {message}")


def check_types(types: Inference, text: str) -> None:
    """Raise ``QueryError`` (``TYPE_MISMATCH``) if an operator doesn't support its operands' types.

    ``text`` is the original query; the error gives positions in it.
    """
    for scope in types.scopes:
        for node in walk_in_scope(scope.expression):
            problem = _problem(node, types, scope)
            if problem is not None:
                raise QueryError(f"TYPE_MISMATCH: {_place(node, text)}: {problem}")


def _problem(node: exp.Expr, types: Inference, scope: Scope) -> str | None:
    kind = type(node)
    if kind in _COMPARISONS or kind in _ARITHMETIC:
        left, right = node.args["this"], node.args["expression"]
        operator = _COMPARISONS.get(kind) or _ARITHMETIC[kind]
        pair = _known(types, scope, left, right)
        if pair is not None and not _fit(pair[0], pair[1], arithmetic=kind in _ARITHMETIC):
            both = f"{_name(left, pair[0])} {operator} {_name(right, pair[1])}"
            return f"Cannot apply operator: {both}"
    elif isinstance(node, exp.Between):
        bounds = (node.this, node.args["low"], node.args["high"])
        known = _known(types, scope, *bounds)
        if known is not None and len(set(map(_family, known))) > 1:
            value, low, high = (_name(each, of) for each, of in zip(bounds, known, strict=True))
            return f"Cannot check if {value} is BETWEEN {low} and {high}"
    elif isinstance(node, exp.In) and node.expressions:
        return _in_list(node, types, scope)
    elif isinstance(node, exp.Like):
        of = types.type_of(node.this, scope)
        if of is not None and _family(of) not in {"text", None}:
            return f"Left side of LIKE expression must evaluate to a varchar (actual: {_name(node.this, of)})"  # fmt: skip
    return None


def _in_list(node: exp.In, types: Inference, scope: Scope) -> str | None:
    value = types.type_of(node.this, scope)
    if value is None or _family(value) is None:
        return None
    for item in node.expressions:
        of = types.type_of(item, scope)
        if of is not None and _family(of) not in {_family(value), None}:
            names = [_name(node.this, value), _name(item, of)]
            return (
                "IN value and list items must be the same type or coercible to a common type. "
                f"Cannot find common type between {names[0]} and {names[1]}, "
                f"all types (without duplicates): [{', '.join(dict.fromkeys(names))}]"
            )
    return None


def _known(types: Inference, scope: Scope, *nodes: exp.Expr) -> list[HiveType] | None:
    """The types of all nodes, or ``None`` unless every type is known and primitive."""
    found = [types.type_of(node, scope) for node in nodes]
    known = [of for of in found if of is not None and _family(of) is not None]
    return known if len(known) == len(nodes) else None


def _family(of: HiveType) -> str | None:
    return _FAMILIES.get(of.name.partition("(")[0]) if of.kind == "primitive" else None


def _fit(left: HiveType, right: HiveType, *, arithmetic: bool) -> bool:
    families = {_family(left), _family(right)}
    return families == {"number"} if arithmetic else len(families) == 1


def _name(node: exp.Expr, of: HiveType) -> str:
    """Return Trino's name for a type; a string literal's type includes its length."""
    if isinstance(node, exp.Literal) and node.is_string:
        return f"varchar({len(node.name)})"
    return _TRINO.get(
        of.name, of.name.lower().replace(" ", "") if "(" in of.name else of.name.lower()
    )


def _place(node: exp.Expr, text: str) -> str:
    """Return an operator's position: the first operator token after its left operand."""
    end = max(_ends(node.this), default=-1)
    for token in sqlglot.tokenize(text, read="trino"):
        if token.start > end and token.text.upper() in _WRITTEN:
            return f"line {token.line}:{token.col - (token.end - token.start)}"
    return "line 1:1"


def _ends(node: exp.Expr) -> Iterator[int]:
    for inner in node.walk():
        if "end" in inner.meta:
            yield int(inner.meta["end"])
