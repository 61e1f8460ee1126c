"""Preserves the evaluation order of conditions, because evaluating a condition can fail.

``WHERE cardinality(a) >= 1 AND a[1] = 'x'`` never fails in Athena. DuckDB evaluates conditions in
any order, and merges a CTE's conditions with those of the query that uses it.
"""

from __future__ import annotations

from sqlglot import exp

from .tree import change_each

_CAN_FAIL = {"array_at", "map_at"}


def keep_order(tree: exp.Query) -> exp.Query:
    """Evaluate the right side of AND only if the left isn't false, and materialize CTEs."""
    if not any(_can_fail(node) for node in tree.walk()):
        return tree
    for named in tree.find_all(exp.CTE):
        named.set("materialized", True)  # noqa: FBT003 - sqlglot's way

    def ordered(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.And):
            return node
        if not any(_can_fail(inner) for inner in node.expression.walk()):
            return node
        is_false = exp.Is(this=exp.paren(node.left.copy()), expression=exp.false())
        both = exp.And(this=exp.paren(node.left.copy()), expression=exp.paren(node.right.copy()))
        return exp.Case(ifs=[exp.If(this=is_false, true=exp.false())], default=both)

    return change_each(tree, ordered)


def _can_fail(node: exp.Expr) -> bool:
    if isinstance(node, (exp.Div, exp.Mod)):
        return not (isinstance(node.expression, exp.Literal) and node.expression.name != "0")
    return isinstance(node, exp.Anonymous) and node.name.lower() in _CAN_FAIL
