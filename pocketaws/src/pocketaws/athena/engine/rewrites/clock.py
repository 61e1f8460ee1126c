"""Current time: uses the emulator's clock instead of the machine's."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlglot import exp

from .tree import change_each


def set_time(tree: exp.Query, now: datetime) -> exp.Query:
    """Replace ``current_date``, ``current_timestamp``, ``now()``, and similar with literals."""
    moment = now.astimezone(UTC)
    stamp = moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond // 1000:03d}"

    def at(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.CurrentDate):
            return exp.cast(exp.Literal.string(stamp[:10]), "DATE")
        if isinstance(node, (exp.CurrentTimestamp, exp.CurrentDatetime)):
            return exp.cast(exp.Literal.string(f"{stamp}+00"), "TIMESTAMPTZ")
        if isinstance(node, exp.Localtimestamp):
            return exp.cast(exp.Literal.string(stamp), "TIMESTAMP")
        if isinstance(node, (exp.CurrentTime, exp.Localtime)):
            return exp.cast(exp.Literal.string(stamp[11:]), "TIME")
        return node

    return change_each(tree, at)
