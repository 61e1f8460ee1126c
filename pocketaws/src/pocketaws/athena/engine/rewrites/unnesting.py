"""``UNNEST`` forms that DuckDB lacks: several arrays, maps, and rows split into columns.

Source: Trino documentation, "SELECT", "UNNEST". With a single alias, a row per element stays one
column, as in the Athena user guide's queries over ``resources``.
"""

from __future__ import annotations

from sqlglot import exp

from ..failure import QueryError
from ..hive_types import HiveType
from ..inference import Inference
from .tree import call

_ELEMENT = "element"


def expand_unnest(types: Inference) -> None:
    """Replace each such ``UNNEST`` with a query over its elements."""
    for scope in types.scopes:
        unnest = scope.expression
        if not isinstance(unnest, exp.Unnest):
            continue
        kinds = [types.type_of(each, scope) for each in unnest.expressions]
        alias = unnest.args.get("alias")
        names = [column.name for column in alias.columns] if alias is not None else []
        ordinal = unnest.args.get("offset")
        fields = _fields(kinds) if len(names) > 1 else ()
        if len(kinds) > 1 or _is_map(kinds[0]) or fields:
            columns = _columns(kinds, fields)
            if names and len(names) != len(columns):
                table = alias.name if alias is not None else ""
                message = f"Column alias list has {len(names)} entries but '{table}' has {len(columns)} columns available"  # fmt: skip
                raise QueryError(f"MISMATCHED_COLUMN_ALIASES: line 1:1: {message}")
            _replace(unnest, kinds, columns, names, ordinal)


def _is_map(kind: HiveType | None) -> bool:
    return kind is not None and kind.kind == "map"


def _fields(kinds: list[HiveType | None]) -> tuple[str, ...]:
    """The field names if this is a single array of rows, or else an empty tuple."""
    (kind, *others) = kinds
    return kind.inner[0].fields if not others and kind is not None and kind.kind == "array" else ()


def _columns(kinds: list[HiveType | None], fields: tuple[str, ...]) -> list[exp.Expr]:
    """Return the columns of an element: a row's fields, a map entry, or one value per array."""
    element = exp.column(_ELEMENT, quoted=True)
    if fields:
        return [_part(element, exp.Literal.string(field)) for field in fields]
    columns: list[exp.Expr] = []
    for place, kind in enumerate(kinds, start=1):
        one = _part(element, exp.Literal.number(place)) if len(kinds) > 1 else element
        if _is_map(kind):
            columns += [_part(one, exp.Literal.string(key)) for key in ("key", "value")]
        else:
            columns.append(one)
    return columns


def _part(of: exp.Expr, key: exp.Expr) -> exp.Expr:
    return call("struct_extract", of, key)


def _replace(
    unnest: exp.Unnest,
    kinds: list[HiveType | None],
    columns: list[exp.Expr],
    names: list[str],
    ordinal: exp.Expr | None,
) -> None:
    lists = [
        call("map_entries", each) if _is_map(kind) else each.copy()
        for each, kind in zip(unnest.expressions, kinds, strict=True)
    ]
    rows = lists[0] if len(lists) == 1 else call("list_zip", *lists)
    alias = exp.TableAlias(this=exp.to_identifier("u"), columns=[exp.to_identifier(_ELEMENT)])
    elements = exp.Unnest(expressions=[rows], alias=alias, offset=ordinal or False)
    called = names or [f"_col{place}" for place in range(len(columns))]
    picked = [
        exp.alias_(column.copy(), name, quoted=True)
        for column, name in zip(columns, called, strict=True)
    ]
    if isinstance(ordinal, exp.Expr):
        picked.append(exp.column(ordinal.name, quoted=True))
    outer = unnest.args.get("alias")
    table = exp.TableAlias(this=exp.to_identifier(outer.name)) if outer is not None else None
    unnest.replace(exp.Subquery(this=exp.select(*picked).from_(elements), alias=table))
