"""Rewrites for operations that differ from Athena only for certain types."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, walk_in_scope

from ..inference import DOUBLE, Inference
from .tree import call


def rewrite_by_type(types: Inference) -> None:
    """Rewrite ``cardinality`` of maps, and let doubles divided by zero be infinite."""
    for scope in types.scopes:
        for node in reversed(list(walk_in_scope(scope.expression))):
            rewritten = _rewritten(node, types, scope)
            if rewritten is not None:
                node.replace(rewritten)


def _rewritten(node: exp.Expr, types: Inference, scope: Scope) -> exp.Expr | None:
    if isinstance(node, exp.ArraySize):
        of = types.type_of(node.this, scope)
        return call("cardinality", node.this) if of is not None and of.kind == "map" else None
    if isinstance(node, exp.Div) and types.type_of(node, scope) == DOUBLE:
        return call("double_quotient", node.this, node.expression)
    return None
