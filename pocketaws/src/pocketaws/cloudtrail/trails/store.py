"""The trails of an account in all Regions, because a multi-Region trail appears in every Region."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...world import World


@dataclass
class Position:
    """How far a trail has delivered one Region's events."""

    management: int
    data: int


@dataclass(frozen=True)
class LogFile:
    """A delivered log file, as the next digest lists it; times are in the records' format."""

    bucket: str
    key: str
    hash_value: str
    newest: str
    oldest: str


@dataclass(frozen=True)
class Digest:
    """A delivered digest, as the next one refers to it."""

    bucket: str
    key: str
    hash_value: str
    signature: str


@dataclass
class DigestChain:
    """One Region's digests: the log files since ``started``, and the previous digest."""

    started: datetime
    files: list[LogFile] = field(default_factory=list)
    previous: Digest | None = None


@dataclass
class Trail:
    """A trail's settings and the state of its deliveries."""

    name: str
    arn: str
    account: str
    home_region: str
    bucket: str
    prefix: str | None = None
    topic_arn: str | None = None
    global_events: bool = True
    multi_region: bool = False
    validation: bool = False
    log_group_arn: str | None = None
    logs_role_arn: str | None = None
    kms_key: str | None = None
    recursive: bool = True
    tags: dict[str, str] = field(default_factory=dict)
    event_selectors: list[dict[str, Any]] = field(default_factory=list)
    advanced_selectors: list[dict[str, Any]] = field(default_factory=list)
    is_logging: bool = False
    started: datetime | None = None
    stopped: datetime | None = None
    positions: dict[str, Position] = field(default_factory=dict)
    """Region -> the next event to deliver."""
    ends: dict[str, Position] = field(default_factory=dict)
    """Region -> where the deliveries of a stopped trail end."""
    logs_key: str | None = None
    """The access key of the session that writes to the log group."""
    last_delivery: datetime | None = None
    last_attempt: datetime | None = None
    delivery_error: str | None = None
    last_logs_delivery: datetime | None = None
    logs_error: str | None = None
    validated_since: datetime | None = None
    chains: dict[str, DigestChain] = field(default_factory=dict)
    last_digest: datetime | None = None
    digest_error: str | None = None
    last_notice: datetime | None = None
    last_notice_attempt: datetime | None = None
    notice_error: str | None = None

    @property
    def log_group(self) -> str | None:
        """The ``NAME`` in ``arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*``."""
        return None if self.log_group_arn is None else self.log_group_arn.split(":")[6]


@dataclass
class TrailStore:
    """The trails of one account by ARN, and deleted trails whose last delivery is pending."""

    trails: dict[str, Trail] = field(default_factory=dict)
    leaving: list[Trail] = field(default_factory=list)


def trails_of(world: World, account: str) -> TrailStore:
    return world.store(TrailStore, account, "")
