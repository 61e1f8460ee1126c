"""Names: Athena ignores case and names every result column."""

from __future__ import annotations

from sqlglot import exp

UNNAMED = "__unnamed_"


def fold_case(tree: exp.Query) -> exp.Query:
    """Lowercase and quote every identifier, so that none collides with a DuckDB keyword."""
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("this", identifier.name.lower())
        identifier.set("quoted", True)  # noqa: FBT003 - sqlglot's way
    return tree


def name_columns(tree: exp.Query) -> exp.Query:
    """Name unnamed columns: after their field, or ``_col0``, ``_col1``, … by position.

    In the outermost query, positions are known only after stars are expanded. Those columns get a
    marker here, and ``result_names`` names them later.
    """
    outermost = set(map(id, _outermost(tree)))
    for select in tree.find_all(exp.Select):
        for place, column in enumerate(select.expressions):
            if isinstance(column, exp.Dot) and isinstance(column.expression, exp.Identifier):
                column.replace(exp.alias_(column.copy(), column.expression.name, quoted=True))
            elif not isinstance(column, (exp.Alias, exp.Aliases, exp.Column, exp.Star, exp.Dot)):
                name = f"{UNNAMED}{place}" if id(select) in outermost else f"_col{place}"
                column.replace(exp.alias_(column.copy(), name, quoted=True))
    return tree


def _outermost(tree: exp.Expr) -> list[exp.Select]:
    if isinstance(tree, exp.Select):
        return [tree]
    if isinstance(tree, exp.SetOperation):
        return [*_outermost(tree.this), *_outermost(tree.expression)]
    if isinstance(tree, exp.Subquery):
        return _outermost(tree.this)
    return []


def result_names(names: list[str]) -> list[str]:
    """Return the names that Athena gives a result's columns."""
    return [
        f"_col{place}" if name.startswith(UNNAMED) else name.lower()
        for place, name in enumerate(names)
    ]
