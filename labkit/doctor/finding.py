"""A finding of ``labkit doctor``: what's right, doubtful, or in the way in one account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from labkit.aws import Account
from labkit.deploy.stacks import Stack
from labkit.model import Seat, Workshop
from labkit.names import seat_stack


class Level(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    WARNING = "warning"
    BLOCKER = "blocker"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found in one account."""

    account: str
    """An empty text stands for this machine or the whole workshop."""
    region: str
    check: str
    level: Level
    detail: str
    next_step: str = ""
    request: str = ""
    """A message to send, if someone else must act."""


@dataclass(frozen=True, slots=True)
class Subject:
    """An account of the workshop, with what's known about it."""

    account: Account
    workshop: Workshop
    seats: tuple[Seat, ...]
    """The seats in this account."""
    templates: Mapping[str, str]
    """The workshop's templates by role."""
    stacks: Mapping[str, Stack]
    """Every existing stack of the account, by name."""

    @property
    def new_seats(self) -> tuple[Seat, ...]:
        """The seats that don't have a stack yet."""
        return tuple(s for s in self.seats if seat_stack(self.workshop, s.id) not in self.stacks)

    @property
    def has_threat_list(self) -> bool:
        """Whether the scenario has a threat list."""
        return "threat_list" in self.templates

    def ok(self, check: str, detail: str) -> Finding:
        """Return the finding of a check that has nothing to say against the account."""
        return Finding(self.account.id, self.account.region, check, Level.OK, detail)

    def warning(self, check: str, detail: str, next_step: str, request: str = "") -> Finding:
        """Return a finding that might spoil the workshop."""
        return Finding(
            self.account.id, self.account.region, check, Level.WARNING, detail, next_step, request
        )

    def blocker(self, check: str, detail: str, next_step: str, request: str = "") -> Finding:
        """Return a finding that makes ``up`` or ``simulate`` fail."""
        return Finding(
            self.account.id, self.account.region, check, Level.BLOCKER, detail, next_step, request
        )
