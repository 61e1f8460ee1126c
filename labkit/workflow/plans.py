"""The plan of a command for a class, and the entries of it in the contract's JSON."""

from __future__ import annotations

from dataclasses import dataclass, field

from labkit.model import Action
from labkit.workflow.rows import Row


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """The actions of a command's first round, and the rows of seats for which there's no plan."""

    actions: tuple[Action, ...]
    failed: tuple[Row, ...] = field(default=())


def action_row(action: Action) -> Row:
    """Return the entry of an action under the contract's ``plan``."""
    return {
        "seat": action.seat,
        "action": action.verb,
        "kind": action.kind,
        "id": action.id,
        "account": action.account,
        "region": action.region,
        "reason": action.reason,
    }
