"""Plans: what a command is going to change, and what remains after a teardown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a plan, and why labkit may take it; ``--dry-run`` prints these."""

    account: str
    region: str
    seat: str | None
    """None if the account's seats share the resource."""
    verb: str
    """``create``, ``update``, ``delete``, ``empty``, ``stop`` … ``wait`` changes nothing."""
    kind: str
    id: str
    reason: str
    """Why it's labkit's business: "tag labkit:workshop=acme", "inside VPC vpc-1 of stack X" …"""
    target: str | None = None
    """What the call names, if that isn't ``id``, such as a stack's ARN."""
    required: bool = True
    """Whether later actions for this seat depend on it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The actions in one account, in stages: a stage starts when the one before it has ended."""

    account: str
    region: str
    stages: tuple[tuple[Action, ...], ...] = ()

    @property
    def actions(self) -> tuple[Action, ...]:
        """Every action, in order."""
        return tuple(action for stage in self.stages for action in stage)


@dataclass(frozen=True, slots=True)
class Leftover:
    """Anything of a lab that still exists after teardown."""

    kind: str
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class SelfRemoving:
    """Something that AWS removes on its own, and when."""

    kind: str
    id: str
    until: datetime | None
