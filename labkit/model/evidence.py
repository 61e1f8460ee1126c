"""What the logs of one seat show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from labkit.model.incident import Run
from labkit.model.workshop import Instance


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """One line of the command log: a command typed on a server."""

    instance_id: str
    logged_at: datetime
    user: str
    pid: int
    command: str
    exit_status: int
    line: str
    """The line exactly as logged."""


class FlowRecord(NamedTuple):
    """One line of a flow log. Addresses and numbers are None in NODATA and SKIPDATA lines.

    It's a tuple, not a dataclass, because a seat has tens of thousands of them, and creating a tuple is several times
    faster.
    """

    interface_id: str
    source: str | None
    destination: str | None
    source_port: int | None
    destination_port: int | None
    protocol: int | None
    packets: int | None
    bytes: int | None
    started_at: datetime
    ended_at: datetime
    action: str | None
    status: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A GuardDuty finding about a server or about a key of its role."""

    finding_id: str
    type: str
    instance_id: str | None
    """The server that the finding is about, or whose role's key it's about."""
    remote_address: str | None
    list_name: str | None
    first_seen: datetime
    last_seen: datetime
    sample: bool = False
    access_key_id: str | None = None
    """The key that the finding is about, if any."""


@dataclass(frozen=True, slots=True)
class ApiEvent:
    """One API call, from event history or a trail's file; ``record`` is the full record."""

    event_id: str
    name: str
    source: str
    time: datetime
    read_only: bool
    user: str | None
    """The calling session, user, or service."""
    address: str | None
    error_code: str | None
    resources: tuple[str, ...] = ()
    record: dict[str, Any] = field(default_factory=dict)


class Source(StrEnum):
    """Where evidence comes from."""

    COMMANDS = "commands"
    FLOWS = "flows"
    FINDINGS = "findings"
    HISTORY = "history"
    TRAIL = "trail"


class SourceState(StrEnum):
    """Whether a source has delivered for a seat's runs."""

    DELIVERED = "arrived"
    LATE = "late"
    GONE = "gone"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SourceReport:
    """The result of collecting one source. ``normal_until`` is set while the source is late.

    ``runs`` are the numbers of the runs for which it has delivered. labkit can judge an answer by these while
    evidence of a later run is still missing.
    """

    source: Source
    state: SourceState
    detail: str = ""
    normal_until: datetime | None = None
    runs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the logs of one seat show around its runs. Nothing in it is judged."""

    seat: str
    account: str
    region: str
    collected_at: datetime
    instances: tuple[Instance, ...] = ()
    runs: tuple[Run, ...] = ()
    commands: tuple[CommandRecord, ...] = ()
    flows: Sequence[FlowRecord] = ()
    findings: tuple[Finding, ...] = ()
    history: tuple[ApiEvent, ...] = ()
    trail: tuple[ApiEvent, ...] = ()
    sources: tuple[SourceReport, ...] = ()
    threat_addresses: tuple[str, ...] = ()
    """The addresses on the lab's threat list."""
    server_role: str = ""
    """The name of the role of the lab's servers; empty in snapshots of older versions."""
