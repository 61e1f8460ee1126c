"""JSON functions: NULL for a missing path or invalid JSON, where DuckDB returns text or fails."""

from __future__ import annotations

import re

from sqlglot import exp

from .tree import call, change_each

_STEP = re.compile(r"\.\*|\.([^.\[\]]+)|\[(\d+)\]|\[\"([^\"]+)\"\]|\['([^']+)'\]")
_MODE = re.compile(r"^\s*(?:lax|strict)\s+")


def guard(tree: exp.Query) -> exp.Query:
    """Rewrite ``json_extract_scalar``, ``json_extract``, and an extract that's cast to text."""

    def guarded(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.JSONExtractScalar):
            return call("json_scalar", node.this, _path(node.expression))
        if isinstance(node, exp.JSONExtract):
            return call("json_part", node.this, _path(node.expression))
        if isinstance(node, exp.Cast) and node.to.is_type("VARCHAR", "TEXT"):
            inner = node.this
            if isinstance(inner, exp.Anonymous) and inner.name == "json_part":
                return call("json_extract_string", inner, exp.Literal.string("$"))
        if isinstance(node, exp.Anonymous) and node.name.upper() == "JSON_ARRAY_LENGTH":
            return call("json_array_length_of", *node.expressions)
        return node

    return change_each(tree, guarded)


def _path(node: exp.Expr) -> exp.Expr:
    """Quote every name in a path, as DuckDB requires for names like ``x-amz-acl``."""
    text = node.name if isinstance(node, exp.Literal) else node.sql("athena")
    if not isinstance(node, exp.Literal):
        text = text.strip("'").replace("''", "'")
    return exp.Literal.string(quoted_path(text))


def quoted_path(text: str) -> str:
    """Rewrite ``$.a-b[0]`` as ``$."a-b"[0]``; a path without ``$`` is a name."""
    bare = _MODE.sub("", text)
    if not bare.startswith("$"):
        bare = f"$.{bare}"
    parts = ["$"]
    position = 1
    while position < len(bare):
        step = _STEP.match(bare, position)
        if step is None:
            return bare
        name = step[1] or step[3] or step[4]
        if name is not None:
            parts.append('."' + name.replace('"', "") + '"')
        else:
            parts.append(step[0])
        position = step.end()
    return "".join(parts)
