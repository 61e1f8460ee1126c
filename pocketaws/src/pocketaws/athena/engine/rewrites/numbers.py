"""Numbers: uses Athena's types where DuckDB chooses different ones."""

from __future__ import annotations

from sqlglot import exp

from .tree import change_each


def cast_fractions_to_doubles(tree: exp.Query) -> exp.Query:
    """Treat ``1.5`` as a double, as Athena does.

    Source: Athena user guide, "CREATE TABLE" (decimal literals are written ``decimal '0.12'``).
    """

    def taken(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Literal) and not node.is_string and "." in node.name:
            return exp.cast(node.copy(), "DOUBLE")
        return node

    return change_each(tree, taken)


def size_decimals(tree: exp.Query) -> exp.Query:
    """Size a bare ``DECIMAL`` to fit its literal, or else to 38 digits and scale 0."""
    for cast in tree.find_all(exp.Cast):
        if cast.to.is_type("DECIMAL") and not cast.to.expressions:
            cast.set("to", exp.DataType.build(f"DECIMAL({_size(cast.this)})"))
    return tree


def _size(value: exp.Expr) -> str:
    if not (isinstance(value, exp.Literal) and value.is_string):
        return "38, 0"
    whole, _, fraction = value.name.strip().lstrip("+-").partition(".")
    return f"{max(1, len(whole.lstrip('0')) + len(fraction))}, {len(fraction)}"
