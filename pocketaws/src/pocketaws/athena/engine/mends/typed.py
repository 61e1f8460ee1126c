"""Where DuckDB answers otherwise than Athena for some types only."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, walk_in_scope

from ..inference import DOUBLE, Inference
from .tree import call


def mend_by_type(types: Inference) -> None:
    """``cardinality`` of maps, and divisions of doubles by nought, which are infinite and no errors."""
    for scope in types.scopes:
        for node in reversed(list(walk_in_scope(scope.expression))):
            mended = _mended(node, types, scope)
            if mended is not None:
                node.replace(mended)


def _mended(node: exp.Expr, types: Inference, scope: Scope) -> exp.Expr | None:
    if isinstance(node, exp.ArraySize):
        of = types.type_of(node.this, scope)
        return call("cardinality", node.this) if of is not None and of.kind == "map" else None
    if isinstance(node, exp.Div) and types.type_of(node, scope) == DOUBLE:
        return call("double_quotient", node.this, node.expression)
    return None
