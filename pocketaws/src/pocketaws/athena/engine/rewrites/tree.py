"""Changes a tree bottom-up, so that a change sees the changed children."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp


def change_each(tree: exp.Query, change: Callable[[exp.Expr], exp.Expr]) -> exp.Query:
    """Replace every node below the root with ``change(node)``, innermost nodes first."""
    for node in reversed(list(tree.walk(bfs=True))):
        if node is not tree:
            changed = change(node)
            if changed is not node:
                node.replace(changed)
    return tree


def call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    """Build a call to a DuckDB function, bypassing sqlglot's own function classes."""
    return exp.Anonymous(this=name, expressions=[argument.copy() for argument in arguments])
