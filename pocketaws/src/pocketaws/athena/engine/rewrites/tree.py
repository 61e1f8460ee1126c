"""Changes a tree from its leaves up, so that a change sees the changed children."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp


def change_each(tree: exp.Query, change: Callable[[exp.Expr], exp.Expr]) -> exp.Query:
    """Put ``change(node)`` in place of every node below the root, inner ones first."""
    for node in reversed(list(tree.walk(bfs=True))):
        if node is not tree:
            changed = change(node)
            if changed is not node:
                node.replace(changed)
    return tree


def call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    """A call of a function of DuckDB's by its name, whatever sqlglot knows of such a name."""
    return exp.Anonymous(this=name, expressions=[argument.copy() for argument in arguments])
