"""The incident: what happened in a run, and what it leaves in the logs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from labkit.model.workshop import Via


@dataclass(frozen=True, slots=True)
class ExternalUse:
    """API calls from this machine with credentials that a server's terminal showed, without the credentials."""

    access_key_id: str
    outside_address: str | None
    """This machine's public address, if known."""
    outside_calls: tuple[str, ...]
    """All calls in order, as ``service:Operation``."""
    denied_calls: tuple[str, ...]
    """The calls that AWS refused."""
    picked: Mapping[str, str] = field(default_factory=dict)
    """Values chosen at random from what a call returned, by the scenario's names for them."""


@dataclass(frozen=True, slots=True)
class Incident:
    """One run as the instructor sees it. Not for attendees."""

    instance_id: str
    command: str
    callout_address: str | None
    """The called address from the threat list; None if the scenario has no list."""
    operator_address: str | None
    operator_session: str
    via: Via
    started_at: datetime
    finished_at: datetime
    outside: ExternalUse | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the incident, as recorded in the ledger in the seat's account."""

    number: int
    started_at: datetime
    finished_at: datetime
    via: Via


@dataclass(frozen=True, slots=True)
class Marks:
    """What to look for in a seat's logs to know that they cover an incident to its end."""

    in_command: tuple[str, ...] = ()
    """The incident's line in the command log contains one of these texts."""
    called: tuple[str, ...] = ()
    """The incident calls one of these addresses, if there are any."""
    finding_types: tuple[str, ...] = ()
    """The types of findings that the incident raises; if empty, any finding with a called address counts."""
    trail_events: tuple[str, ...] = ()
    """The incident makes all of these API calls."""
