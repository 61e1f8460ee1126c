"""The state of CloudWatch Logs in one account and Region."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..errors import AwsError
from .segment import Key
from .stream import LogStream

DAY_MS = 24 * 60 * 60 * 1000


@dataclass(slots=True)
class LogGroup:
    """A log group. ``created`` is in ms since 1970, UTC; ``salt`` makes its event IDs unique."""

    name: str
    arn: str
    """Without the ``:*`` that some responses append."""
    created: int
    salt: int
    log_class: str = "STANDARD"
    kms_key_id: str | None = None
    deletion_protection: bool = False
    retention_days: int | None = None
    tags: dict[str, str] = field(default_factory=dict)
    streams: dict[str, LogStream] = field(default_factory=dict)
    sequence: int = 0
    """The sequence number of the newest event."""

    @property
    def stored_bytes(self) -> int:
        return sum(stream.stored_bytes for stream in self.streams.values())

    def stream(self, name: str) -> LogStream:
        """Return a stream; raises ``AwsError`` (``ResourceNotFoundException``)."""
        if name not in self.streams:
            message = "The specified log stream does not exist."
            raise AwsError("ResourceNotFoundException", message)
        return self.streams[name]

    def stream_arn(self, name: str) -> str:
        return f"{self.arn}:log-stream:{name}"

    def add(self, stream: LogStream, events: Iterable[tuple[int, bytes]], ingested: int) -> None:
        """Store ``(timestamp, message)`` pairs that arrive at the time ``ingested``."""
        for timestamp, message in events:
            self.sequence += 1
            stream.add((timestamp, self.sequence), ingested, message)
            stream.last_ingestion = ingested

    def expired_before(self, now: int) -> int:
        """Return the timestamp before which events have expired, or 0 if events don't expire."""
        return 0 if self.retention_days is None else now - self.retention_days * DAY_MS

    def forget_expired(self, now: int) -> int:
        """Drop what has expired by ``now``; returns ``expired_before``."""
        expired = self.expired_before(now)
        if expired > 0:
            for stream in self.streams.values():
                stream.drop_before(expired)
        return expired

    def event_id(self, timestamp: int, sequence: int) -> str:
        """Return 56 decimal digits that sort like the keys; ``key_of_id`` decodes them."""
        mixed = (sequence * 0x9E3779B97F4A7C15 + self.salt) & 0xFFFFFFFFFFFFFFFFFFFF
        return str(timestamp << 144 | sequence << 80 | mixed).zfill(56)


def key_of_id(event_id: str) -> Key:
    """Decode an event ID's key, which can also be a position between events."""
    number = int(event_id)
    return number >> 144, (number >> 80) & 0xFFFFFFFFFFFFFFFF


@dataclass(slots=True)
class Query:
    """An Insights query and its results. ``start`` and ``end`` are in s, ``created`` is in ms."""

    id: str
    text: str
    groups: tuple[str, ...]
    start: int
    end: int
    limit: int
    created: int
    user: str
    status: str = "Running"
    rows: list[list[tuple[str, str]]] = field(default_factory=list)
    matched: int = 0
    scanned_events: int = 0
    scanned_bytes: int = 0


@dataclass(slots=True)
class LogsStore:
    """Log groups by name, and queries by ID."""

    groups: dict[str, LogGroup] = field(default_factory=dict)
    queries: dict[str, Query] = field(default_factory=dict)

    def group(self, name: str) -> LogGroup:
        """Return a log group; raises ``AwsError`` (``ResourceNotFoundException``)."""
        if name not in self.groups:
            message = "The specified log group does not exist."
            raise AwsError("ResourceNotFoundException", message)
        return self.groups[name]
