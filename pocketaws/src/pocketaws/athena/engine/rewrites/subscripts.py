"""Arrays and maps: an out-of-range subscript is an error in Athena but NULL in DuckDB."""

from __future__ import annotations

from sqlglot import exp

from .tree import call, change_each

_MATCHES = {"ANY_MATCH": "list_bool_or", "ALL_MATCH": "list_bool_and", "NONE_MATCH": "list_bool_or"}


def check_range(tree: exp.Query) -> exp.Query:
    """Turn ``a[i]`` into a call that fails when out of range; ``element_at`` stays lenient."""

    def checked(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Bracket) or node.args.get("safe"):
            return node
        index = node.expressions[0]
        if len(node.expressions) != 1 or isinstance(index, exp.Slice):
            return node
        if isinstance(index, exp.Literal) and index.is_string:
            return call("map_at", node.this, index)
        return call("array_at", node.this, _from_one(index))

    return change_each(tree, checked)


def _from_one(index: exp.Expr) -> exp.Expr:
    """Add back the 1 that sqlglot subtracts: Athena and DuckDB count from 1."""
    if isinstance(index, exp.Literal):
        return exp.Literal.number(int(index.name) + 1)
    if isinstance(index, exp.Neg) and isinstance(index.this, exp.Literal):
        return exp.Literal.number(1 - int(index.this.name))
    if isinstance(index, exp.Sub) and index.expression == exp.Literal.number(1):
        return index.this.copy()
    return exp.Add(this=exp.paren(index.copy()), expression=exp.Literal.number(1))


def match_elements(tree: exp.Query) -> exp.Query:
    """Rewrite ``any_match``, ``all_match``, and ``none_match`` as aggregates over the elements."""

    def matched(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Anonymous) or node.name.upper() not in _MATCHES:
            return node
        name = node.name.upper()
        seen = call("list_transform", *node.expressions)
        whole = exp.Coalesce(
            this=call(_MATCHES[name], seen),
            expressions=[exp.Boolean(this=name == "ALL_MATCH")],
        )
        return exp.Not(this=whole) if name == "NONE_MATCH" else whole

    return change_each(tree, matched)
