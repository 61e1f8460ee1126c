"""A log stream: segments of events in order."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from .segment import Key, Segment

EVER = 1 << 62
"""A sequence number or time later than any real one."""


@dataclass(slots=True)
class LogStream:
    """One log stream. All times are in milliseconds since 1970, UTC."""

    name: str
    created: int
    last_ingestion: int | None = None
    segments: list[Segment] = field(default_factory=list)

    @property
    def first_timestamp(self) -> int | None:
        return self.segments[0].timestamps[0] if self.segments else None

    @property
    def last_timestamp(self) -> int | None:
        return self.segments[-1].timestamps[-1] if self.segments else None

    @property
    def stored_bytes(self) -> int:
        return sum(segment.stored_bytes for segment in self.segments)

    def __len__(self) -> int:
        return sum(len(segment) for segment in self.segments)

    def add(self, key: Key, ingested: int, message: bytes) -> None:
        """Insert an event, nearly always at the end; a late one can split a segment."""
        segments = self.segments
        if segments and key[0] < segments[-1].timestamps[-1]:
            place = bisect_left(segments, key[0] + 1, key=_last_timestamp)
            segments[place].add(key, ingested, message)
            if segments[place].is_full and len(segments[place]) > 1:
                segments.insert(place + 1, segments[place].split())
            return
        if not segments or segments[-1].is_full:
            if segments:
                segments[-1].trim()
            segments.append(Segment())
        segments[-1].add(key, ingested, message)

    def has_between(self, low: Key, high: Key) -> bool:
        """Whether any event has a key after ``low`` and up to ``high``."""
        place = self.place_after(low)
        if place == len(self.segments):
            return False
        segment = self.segments[place]
        return segment.key(segment.cut(low)) <= high

    def place_after(self, key: Key) -> int:
        """The index of the first segment with an event after ``key``, or the segment count."""
        return bisect_left(self.segments, (key[0], key[1] + 1), key=_last_key)

    def drop_before(self, timestamp: int) -> None:
        """Drop the segments that end before a time."""
        del self.segments[: bisect_left(self.segments, timestamp, key=_last_timestamp)]


def _last_timestamp(segment: Segment) -> int:
    return segment.timestamps[-1]


def _last_key(segment: Segment) -> Key:
    return segment.key(-1)
