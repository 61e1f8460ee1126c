"""labkit's values: frozen, without behavior, and without imports from the rest of labkit.

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
    """The role of their account as which attendees sign in: path and name, possibly with ``*``."""
    settings: dict[str, Any] = field(default_factory=dict)
    """The scenario's own settings (``[scenario]``), checked by the scenario."""
    folder: Path = Path()
    """The folder of ``workshop.toml``. Caches, snapshots, and reports go to its subfolder ``.labkit/``."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A server of a lab. ``public_address`` is None while it's stopped."""

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
    """None if the scenario has no threat list, and for an attendee, who may not read it."""
    topic_arn: str
    athena_workgroup: str
    athena_database: str
    athena_table: str
    attendee_role_arn: str
    operator_role_arn: str
    responder_role_arn: str
    grader_role_arn: str


class SeatState(StrEnum):
    """The state of a seat's lab."""

    ABSENT = "absent"
    DEPLOYING = "deploying"
    PREPARING = "preparing"
    READY = "ready"
    INCIDENT = "incident"
    FAILED = "failed"
    REMOVING = "removing"


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

    It's a tuple, not a dataclass, because a seat has tens of thousands of them, and creating a tuple is several
    times as fast.
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


@dataclass(frozen=True, slots=True)
class Marks:
    """What shows in a seat's logs that they cover an incident to its end."""

    in_command: tuple[str, ...] = ()
    """The incident's line in the command log contains one of these texts."""
    called: tuple[str, ...] = ()
    """The incident calls one of these addresses, if there are any."""
    finding_types: tuple[str, ...] = ()
    """The types of findings that the incident raises; if empty, any finding with a called address counts."""
    trail_events: tuple[str, ...] = ()
    """The incident makes all of these API calls."""


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


@dataclass(frozen=True, slots=True)
class Answer:
    """What an attendee submitted for a task, as typed. ``attempts`` counts the submissions."""

    task: str
    values: tuple[str, ...]
    attempts: int = 1
    submitted_at: datetime | None = None
    problem: str | None = None
    """Why the stored answer is unreadable, if it is: a SecureString, no JSON array …"""


@dataclass(frozen=True, slots=True)
class Activity:
    """A recorded act of an attendee: a search, a query, a submission. ``times`` counts its API calls."""

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
    """What the attendee did, by time; None if it wasn't collected."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A log line and what it shows; ``task`` is the task whose answer it proves, if any.

    Without a ``line``, it says that something isn't in the logs.
    """

    at: datetime
    source: Source
    what: str
    line: str
    task: str | None = None


class Outcome(StrEnum):
    """The outcome of one task for one seat, in the order in which labkit checks them."""

    UNANSWERED = "unanswered"
    ERROR = "error"
    PENDING = "pending"
    WRONG = "wrong"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a task, with the message for the attendee."""

    task: str
    outcome: Outcome
    message: str
    points: float
    max_points: float
    attempts: int = 0
    hints_used: int = 0
    submitted_at: datetime | None = None
    """When the judged answer was submitted."""
    after: timedelta | None = None
    """How long that was after the incident."""


@dataclass(frozen=True, slots=True)
class Question:
    """A task as reports show it: its text, points, and hints."""

    task: str
    text: str
    points: float
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PossibleCopy:
    """A seat's wrong answer would be right in the seat ``other``: a hint at copying, not a verdict."""

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
    """What the attendee did, by time; None if it wasn't collected."""


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
    """One step of a plan; ``--dry-run`` prints these."""

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
class SelfRemoving:
    """Something that AWS removes on its own, and when."""

    kind: str
    id: str
    until: datetime | None
