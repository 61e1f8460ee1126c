"""The words of labkit as values: frozen, without behaviour, importing nothing else of labkit.

Times are aware datetimes in UTC. Addresses are text in their usual notation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, NamedTuple

Via = Literal["ssh", "ssm"]


@dataclass(frozen=True, slots=True)
class Seat:
    """One attendee's place. ``account`` is twelve digits, or None for the caller's own account."""

    id: str
    account: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Workshop:
    """One event, as its ``workshop.toml`` describes it."""

    name: str
    scenario: str
    region: str
    ttl: timedelta
    seats: tuple[Seat, ...]
    access_role: str | None = None
    attendee_sign_in: str | None = None
    """As which role of their account attendees sign in: path and name, perhaps with ``*``."""
    settings: dict[str, Any] = field(default_factory=dict)
    """The scenario's own settings (``[scenario]``), checked by the scenario."""
    folder: Path = Path()
    """Where ``workshop.toml`` is; caches, snapshots and reports go to ``.labkit/`` in it."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A server of a lab. ``public_address`` is None while it is stopped."""

    instance_id: str
    interface_id: str
    private_address: str
    public_address: str | None


@dataclass(frozen=True, slots=True)
class Lab:
    """What is deployed for one seat; the fields are the contract's keys under ``lab``."""

    instances: tuple[Instance, ...]
    trail_name: str
    trail_bucket: str
    trail_log_group: str
    flow_log_group: str
    detector_id: str
    threat_list_id: str | None
    """None where the scenario has no threat list, and for an attendee, who may not look at it."""
    topic_arn: str
    athena_workgroup: str
    athena_database: str
    athena_table: str
    attendee_role_arn: str
    operator_role_arn: str
    responder_role_arn: str
    grader_role_arn: str


class SeatState(StrEnum):
    """Where the lab of a seat stands."""

    ABSENT = "absent"
    DEPLOYING = "deploying"
    PREPARING = "preparing"
    READY = "ready"
    INCIDENT = "incident"
    FAILED = "failed"
    REMOVING = "removing"


@dataclass(frozen=True, slots=True)
class ExternalUse:
    """What was done from outside with credentials that a server's terminal showed; they are not in it."""

    access_key_id: str
    outside_address: str | None
    """Under which address this machine is seen, as far as it knows."""
    outside_calls: tuple[str, ...]
    """All calls in their order, as ``service:Operation``."""
    denied_calls: tuple[str, ...]
    """Those of them that were refused."""
    picked: Mapping[str, str] = field(default_factory=dict)
    """What was chosen at random among what a call found, by the names that the scenario gives."""


@dataclass(frozen=True, slots=True)
class Incident:
    """One run as the instructor sees it. Not for attendees."""

    instance_id: str
    command: str
    callout_address: str | None
    """The address of the threat list that was called; None where the scenario has none."""
    operator_address: str | None
    operator_session: str
    via: Via
    started_at: datetime
    finished_at: datetime
    outside: ExternalUse | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One time the incident was made to happen, as the ledger in the seat's account keeps it."""

    number: int
    started_at: datetime
    finished_at: datetime
    via: Via


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """One line of the command log: what was typed on a server."""

    instance_id: str
    logged_at: datetime
    user: str
    pid: int
    command: str
    exit_status: int
    line: str
    """The line as it stands in the log."""


class FlowRecord(NamedTuple):
    """One line of a flow log. Addresses and numbers are None in NODATA and SKIPDATA lines.

    A tuple and not a dataclass because there are tens of thousands of them for each seat: it is made
    several times as fast.
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
    """What GuardDuty found, about a server or about a key of its role."""

    finding_id: str
    type: str
    instance_id: str | None
    """The server that it is about, or whose role's key it is about."""
    remote_address: str | None
    list_name: str | None
    first_seen: datetime
    last_seen: datetime
    sample: bool = False
    access_key_id: str | None = None
    """The key that it is about, if it is about one."""


@dataclass(frozen=True, slots=True)
class ApiEvent:
    """One API call, from event history or from a trail's file (``record`` is the record itself)."""

    event_id: str
    name: str
    source: str
    time: datetime
    read_only: bool
    user: str | None
    """The session name, the user name or the service that called."""
    address: str | None
    error_code: str | None
    resources: tuple[str, ...] = ()
    record: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Marks:
    """By what one recognises in a seat's logs that they show the end of an incident."""

    in_command: tuple[str, ...] = ()
    """Texts; the incident's line in the command log has one of them."""
    called: tuple[str, ...] = ()
    """Addresses; the incident calls one of them, if there are any."""
    finding_types: tuple[str, ...] = ()
    """The findings that the incident raises; empty: any with an address that was called."""
    trail_events: tuple[str, ...] = ()
    """Names of calls; the incident makes all of them."""


class Source(StrEnum):
    """Where evidence comes from."""

    COMMANDS = "commands"
    FLOWS = "flows"
    FINDINGS = "findings"
    HISTORY = "history"
    TRAIL = "trail"


class SourceState(StrEnum):
    """How far a source has delivered for the windows of a seat's runs."""

    DELIVERED = "arrived"
    LATE = "late"
    GONE = "gone"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What became of collecting one source. ``normal_until`` is set while it is merely late.

    ``runs`` are the numbers of the runs for which it has delivered: an answer can be judged by these
    while the evidence of a later run is still on its way.
    """

    source: Source
    state: SourceState
    detail: str = ""
    normal_until: datetime | None = None
    runs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the logs of one seat say in the windows of its runs. Nothing in it is judged."""

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


@dataclass(frozen=True, slots=True)
class Answer:
    """What an attendee submitted for a task, as typed. ``attempts`` counts submissions."""

    task: str
    values: tuple[str, ...]
    attempts: int = 1
    submitted_at: datetime | None = None
    problem: str | None = None
    """Why the stored answer cannot be read, if so (a SecureString, not a JSON array …)."""


@dataclass(frozen=True, slots=True)
class Activity:
    """Something an attendee did that was recorded: a search, a query, a hand-in. ``times`` counts its calls."""

    at: datetime
    kind: str
    detail: str
    times: int = 1
    error_code: str | None = None


@dataclass(frozen=True, slots=True)
class EvidenceBundle:
    """Everything that grading one seat needs: what the logs say and what the attendee submitted."""

    evidence: Evidence
    answers: tuple[Answer, ...] = ()
    hints_used: Mapping[str, int] = field(default_factory=dict)
    """How many hints the attendee took, by task."""
    activity: tuple[Activity, ...] | None = None
    """What the attendee did, by time; None where nobody asked."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A line of a log and what it shows; ``task`` is the one whose answer it proves, if it does.

    Without a ``line`` it says that something is not in the logs.
    """

    at: datetime
    source: Source
    what: str
    line: str
    task: str | None = None


class Outcome(StrEnum):
    """Outcome of one task for one seat, in the order in which they are looked at."""

    UNANSWERED = "unanswered"
    ERROR = "error"
    PENDING = "pending"
    WRONG = "wrong"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a task with what the attendee is told."""

    task: str
    outcome: Outcome
    message: str
    points: float
    max_points: float
    attempts: int = 0
    hints_used: int = 0
    submitted_at: datetime | None = None
    """When the answer that was judged was handed in."""
    after: timedelta | None = None
    """How long that was after the incident."""


@dataclass(frozen=True, slots=True)
class Question:
    """A task as a report needs it: what was asked, for how many points, with which hints."""

    task: str
    text: str
    points: float
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PossibleCopy:
    """A seat's wrong answer to a task would be right in another seat: a sign, not a verdict."""

    seat: str
    task: str
    other: str


@dataclass(frozen=True, slots=True)
class SeatGrade:
    """All verdicts of one seat, in the order of the tasks."""

    seat: str
    account: str
    verdicts: tuple[Verdict, ...]
    activity: tuple[Activity, ...] | None = None
    """What the attendee did, by time; None where nobody asked."""


@dataclass(frozen=True, slots=True)
class Grades:
    """The verdicts of a workshop."""

    workshop: str
    scenario: str
    graded_at: datetime
    seats: tuple[SeatGrade, ...]
    questions: tuple[Question, ...] = ()
    possible_copies: tuple[PossibleCopy, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a verb would do; ``--dry-run`` prints these."""

    seat: str | None
    """None for what an account's seats share."""
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
class GoesByItself:
    """Something that AWS removes by itself, and by when."""

    kind: str
    id: str
    until: datetime | None
