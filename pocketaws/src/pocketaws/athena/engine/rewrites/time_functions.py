"""Time functions that count differently in DuckDB."""

from __future__ import annotations

from sqlglot import exp

from .tree import call, change_each


def count_whole_units(tree: exp.Query) -> exp.Query:
    """Make ``date_diff`` count elapsed units; DuckDB's version counts boundaries crossed."""

    def counted(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.DateDiff):
            unit = exp.Literal.string(node.args["unit"].name.lower())
            return call("date_sub", unit, node.expression, node.this)
        if isinstance(node, exp.Anonymous) and node.name.upper() == "TO_ISO8601":
            return call("iso8601", *node.expressions)
        return node

    return change_each(tree, counted)


def number_weekdays_from_monday(tree: exp.Query) -> exp.Query:
    """Number weekdays from 1 (Monday) to 7 (Sunday)."""
    for node in tree.find_all(exp.Extract):
        if node.name.upper() in {"DOW", "DAY_OF_WEEK", "DAYOFWEEK"}:
            node.set("this", exp.var("ISODOW"))
    return tree


def keep_dates(tree: exp.Query) -> exp.Query:
    """A date plus or minus days is a date, not a timestamp."""

    def kept(node: exp.Expr) -> exp.Expr:
        if isinstance(node, (exp.Add, exp.Sub)) and _is_date(node.this) and _is_days(node.expression):  # fmt: skip
            return exp.cast(exp.paren(node.copy()), "DATE")
        return node

    return change_each(tree, kept)


def _is_date(node: exp.Expr) -> bool:
    if isinstance(node, exp.Paren):
        return _is_date(node.this)
    if isinstance(node, (exp.Add, exp.Sub)):
        return _is_date(node.this) and _is_days(node.expression)
    return isinstance(node, (exp.CurrentDate, exp.Date)) or (
        isinstance(node, exp.Cast) and node.to.is_type("DATE")
    )


def _is_days(node: exp.Expr) -> bool:
    units = {"DAY", "WEEK", "MONTH", "QUARTER", "YEAR"}
    return isinstance(node, exp.Interval) and str(node.args.get("unit") or "").upper() in units
