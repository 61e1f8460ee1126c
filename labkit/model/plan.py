"""The steps of a plan, and what remains after a teardown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan; ``--dry-run`` prints these."""

    seat: str | None
    """None if the account's seats share the resource."""
    action: str
    kind: str
    id: str
    account: str


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
