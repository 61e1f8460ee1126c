"""Infers the types of a query's expressions from the tables that it reads.

A type that can't be inferred is ``None``; callers must not draw conclusions from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from .hive_types import HiveType

Columns = Mapping[str, HiveType]
_BIGGEST_INTEGER = 2**31 - 1


def _primitive(name: str) -> HiveType:
    return HiveType("primitive", name)


TEXT, BOOLEAN, INTEGER, BIGINT, DOUBLE = map(
    _primitive, ("VARCHAR", "BOOLEAN", "INTEGER", "BIGINT", "DOUBLE")
)
UNKNOWN = HiveType("unknown")
"""The inner type of an array, map, or row whose contents are unknown."""
DATE, TIMESTAMP, TIMESTAMPTZ = map(_primitive, ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"))

# Functions whose result type doesn't depend on their arguments.
_RESULTS: tuple[tuple[HiveType, tuple[type[exp.Expr], ...]], ...] = (
    (TEXT, (exp.Lower, exp.Upper, exp.Substring, exp.Trim, exp.JSONExtractScalar, exp.RegexpExtract,
            exp.RegexpReplace, exp.TimeToStr, exp.SplitPart, exp.DPipe, exp.ArrayToString, exp.Replace)),
    (BIGINT, (exp.Count, exp.ApproxDistinct, exp.Length, exp.StrPosition, exp.ArraySize, exp.Extract,
              exp.DateDiff, exp.Year, exp.Month, exp.Day, exp.Hour)),
    (BOOLEAN, (exp.RegexpLike, exp.ArrayContains, exp.Predicate, exp.Not, exp.And, exp.Or)),
    (DATE, (exp.CurrentDate, exp.Date, exp.FromISO8601Date)),
    (TIMESTAMP, (exp.StrToTime,)),
    (TIMESTAMPTZ, (exp.CurrentTimestamp, exp.UnixToTime, exp.FromISO8601Timestamp)),
    (DOUBLE, (exp.Avg,)),
)  # fmt: skip
_OF_ARGUMENT = (
    exp.Paren,
    exp.Neg,
    exp.Max,
    exp.Min,
    exp.Distinct,
    exp.AnyValue,
    exp.TimestampTrunc,
)
_NAMED = {
    "VARCHAR": TEXT, "TEXT": TEXT, "CHAR": TEXT, "BOOLEAN": BOOLEAN, "INT": INTEGER, "BIGINT": BIGINT,
    "DOUBLE": DOUBLE, "DATE": DATE, "TIMESTAMP": TIMESTAMP, "TIMESTAMPTZ": TIMESTAMPTZ,
    "TINYINT": _primitive("TINYINT"), "SMALLINT": _primitive("SMALLINT"), "FLOAT": _primitive("FLOAT"),
}  # fmt: skip
_WHOLE = (_NAMED["TINYINT"], _NAMED["SMALLINT"], INTEGER, BIGINT)
_NESTED = {"ARRAY": "array", "LIST": "array", "MAP": "map", "STRUCT": "struct"}


class Inference:
    """The types in one query over tables with the given columns."""

    def __init__(self, tree: exp.Query, tables: Mapping[str, Columns]) -> None:
        self._tables = tables
        self.scopes = list(traverse_scope(tree))

    def type_of(self, node: exp.Expr | None, scope: Scope) -> HiveType | None:
        """Return an expression's type in a scope; a container's type can be only partly known."""
        for kinds, infer in self._INFERRED:
            if isinstance(node, kinds):
                return infer(self, node, scope)
        return next((of for of, kinds in _RESULTS if isinstance(node, kinds)), None)

    def _of_argument(self, node: exp.Expr, scope: Scope) -> HiveType | None:
        return self.type_of(node.this, scope)

    def _dot(self, node: exp.Dot, scope: Scope) -> HiveType | None:
        return _field(self.type_of(node.this, scope), [node.expression.name])

    def _bracket(self, node: exp.Bracket, scope: Scope) -> HiveType | None:
        return self._element(self.type_of(node.this, scope))

    def _array(self, node: exp.Array, scope: Scope) -> HiveType:
        inner = [self.type_of(each, scope) or UNKNOWN for each in node.expressions[:1]]
        return HiveType("array", inner=tuple(inner or [UNKNOWN]))

    def _map(self, node: exp.Expr, scope: Scope) -> HiveType:
        sides = [self.type_of(node.args.get(side), scope) for side in ("keys", "values")]
        return HiveType("map", inner=tuple(self._element(side) or UNKNOWN for side in sides))

    def _arithmetic(self, node: exp.Expr, scope: Scope) -> HiveType | None:
        left, right = node.args["this"], node.args["expression"]
        if isinstance(right, exp.Interval):
            return self.type_of(left, scope)
        both = [self.type_of(side, scope) for side in (left, right)]
        if any(of in {DOUBLE, _NAMED["FLOAT"]} for of in both):
            return DOUBLE
        known = [_WHOLE.index(of) for of in both if of in _WHOLE]
        return _WHOLE[max(known)] if len(known) == 2 else None

    def _element(self, of: HiveType | None) -> HiveType | None:
        return of.inner[-1] if of is not None and of.kind in {"array", "map"} else None

    def _column(self, column: exp.Column, scope: Scope) -> HiveType | None:
        if not isinstance(column.this, exp.Identifier):
            return None
        parts = [part.name.lower() for part in column.parts]
        sources = {name.lower(): source for name, source in scope.sources.items()}
        if len(parts) > 1 and parts[0] in sources:
            return _field(self._of_source(sources[parts[0]], parts[1]), parts[2:])
        found = [
            of for source in sources.values() if (of := self._of_source(source, parts[0])) is not None
        ]  # fmt: skip
        return _field(found[0], parts[1:]) if len(found) == 1 else None

    def _of_source(self, source: exp.Expr | Scope, name: str) -> HiveType | None:
        """The type of a column of a table, a CTE, a subquery, or an ``UNNEST``."""
        if isinstance(source, exp.Table):
            return self._tables.get(source.name, {}).get(name)
        if isinstance(source, Scope):
            if isinstance(source.expression, exp.Unnest):
                return dict(self.unnested(source.expression, source)).get(name)
            return self._of_query(source.expression, name)
        return None

    def _of_query(self, query: exp.Expr, name: str) -> HiveType | None:
        while isinstance(query, exp.SetOperation):
            query = query.left
        inner = next((each for each in self.scopes if each.expression is query), None)
        if inner is None or not isinstance(query, exp.Select):
            return None
        for projection in query.expressions:
            if projection.alias_or_name.lower() == name:
                return self.type_of(projection.unalias(), inner)
        if not any(projection.is_star for projection in query.expressions):
            return None
        found = [self._of_source(each, name) for each in inner.sources.values()]
        known = [of for of in found if of is not None]
        return known[0] if len(known) == 1 else None

    def unnested(self, unnest: exp.Unnest, scope: Scope) -> Iterator[tuple[str, HiveType]]:
        """Yield the columns of an ``UNNEST`` by alias, as far as their types are known."""
        alias = unnest.args.get("alias")
        names = [column.name.lower() for column in alias.columns] if alias is not None else []
        types: list[HiveType | None] = []
        alone = len(unnest.expressions) == 1
        for expression in unnest.expressions:
            of = self.type_of(expression, scope)
            if of is not None and of.kind == "map":
                types += of.inner
            elif of is not None and of.kind == "array" and alone and len(names) > 1:
                types += of.inner[0].inner  # each row's fields become columns
            else:
                types.append(self._element(of))
        for name, known in zip(names, types, strict=False):
            if known is not None:
                yield name, known

    _INFERRED: ClassVar[tuple[tuple[Any, Callable[..., HiveType | None]], ...]] = (
        (exp.Column, _column),
        (exp.Literal, lambda _self, node, _scope: _literal(node)),
        (exp.Boolean, lambda _self, _node, _scope: BOOLEAN),
        (exp.Cast, lambda _self, node, _scope: _named(node.to)),
        (_OF_ARGUMENT, _of_argument),
        (exp.Dot, _dot),
        (exp.Bracket, _bracket),
        ((exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod), _arithmetic),
        (exp.Array, _array),
        ((exp.Map, exp.VarMap), _map),
    )


def _named(to: exp.Expr) -> HiveType | None:
    """The target type of a cast."""
    if not isinstance(to, exp.DataType):
        return None
    kind = _NESTED.get(to.this.name)
    if kind is None:
        return _NAMED.get(to.this.name)
    names, inner = [], []
    for part in to.expressions:
        names.append(part.name.lower() if isinstance(part, exp.ColumnDef) else "")
        inner.append(
            _named(part.args["kind"] if isinstance(part, exp.ColumnDef) else part) or UNKNOWN
        )
    return HiveType(kind, inner=tuple(inner), fields=tuple(names) if kind == "struct" else ())


def _literal(node: exp.Literal) -> HiveType:
    if node.is_string:
        return TEXT
    if not node.name.isdigit():
        return DOUBLE
    return INTEGER if int(node.name) <= _BIGGEST_INTEGER else BIGINT


def _field(of: HiveType | None, names: list[str]) -> HiveType | None:
    for name in names:
        if of is None or of.kind != "struct" or name.lower() not in of.fields:
            return None
        of = of.inner[of.fields.index(name.lower())]
    return of
