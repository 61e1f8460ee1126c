"""Text functions that return something else in DuckDB when nothing matches."""

from __future__ import annotations

import re

from sqlglot import exp

from .tree import call, change_each


def return_null_on_miss(tree: exp.Query) -> exp.Query:
    """Return NULL for ``split_part`` past the end and ``regexp_extract`` without a match."""

    def missed(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.SplitPart):
            return call("split_piece", node.this, node.args["delimiter"], node.args["part_index"])
        if isinstance(node, exp.RegexpExtract):
            group = node.args.get("group") or exp.Literal.number(0)
            return call("regexp_piece", node.this, node.expression, group)
        if isinstance(node, exp.Anonymous) and node.name.upper() == "URL_EXTRACT_HOST":
            return call("host_of", *node.expressions)
        return node

    return change_each(tree, missed)


def translate_group_references(tree: exp.Query) -> exp.Query:
    r"""Translate group references in replacements from Athena's ``$1`` to DuckDB's ``\1``."""
    for node in tree.find_all(exp.RegexpReplace):
        replacement = node.args.get("replacement")
        if isinstance(replacement, exp.Literal):
            text = re.sub(r"\$(\d)", r"\\\1", replacement.name)
            node.set("replacement", exp.Literal.string(text))
    return tree
