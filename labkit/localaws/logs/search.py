"""One page of events out of many streams, in order, from where the page before it ended."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .patterns import Pattern
from .segment import Key, Segment
from .stream import LogStream

MAX_PAGE_BYTES = 1 << 20
"""Source: CloudWatch Logs API reference, FilterLogEvents: a page has up to 1 MB or 10,000 events."""
_BLOCK = 8192
_BATCH = 2048
_MIN_BATCH = 64
_MAX_COST = 2_000_000


class Hit(NamedTuple):
    """An event that was looked for. Tuples of a group compare by their first two members, its key."""

    timestamp: int
    sequence: int
    stream: LogStream
    segment: Segment
    place: int
    """In the segment."""

    @property
    def key(self) -> Key:
        return self.timestamp, self.sequence


class _Mark(NamedTuple):
    """How many events were looked at, up to a key."""

    timestamp: int
    sequence: int
    events: int


@dataclass(slots=True)
class Page:
    """Events in order; ``resume`` is the key up to which all was looked at, if there is more."""

    hits: list[Hit] = field(default_factory=list)
    resume: Key | None = None


def find_page(
    streams: Sequence[LogStream],
    low: Key,
    high: Key,
    pattern: Pattern,
    *,
    limit: int,
    ascending: bool,
) -> Page:
    """The first events after ``low`` and up to ``high``, from one end.

    A page ends at ``limit`` events, at ``MAX_PAGE_BYTES``, or when it has looked at so much that
    other callers should have their turn; the last kind may be empty, as AWS's are.
    """
    streams = [stream for stream in streams if stream.has_between(low, high)]
    steps = _steps(streams, low, high, pattern, ascending=ascending)
    page = Page()
    size = 0
    for hits, reached in _tested(steps, pattern, min(_BATCH, max(_MIN_BATCH, 2 * limit))):
        for hit in hits:
            page.hits.append(hit)
            size += hit.segment.message_size(hit.place)
            if len(page.hits) == limit or size >= MAX_PAGE_BYTES:
                page.resume = hit.key
                break
        else:
            page.resume = reached
        if page.resume is not None:
            break
    if page.resume is not None:
        timestamp, sequence = page.resume
        rest = (page.resume, high) if ascending else (low, (timestamp, sequence - 1))
        if not any(stream.has_between(*rest) for stream in streams):
            page.resume = None
    return page


def _tested(
    steps: Iterable[Hit | _Mark], pattern: Pattern, batch: int
) -> Iterator[tuple[list[Hit], Key | None]]:
    """Candidates that pass the pattern's test, a batch at a time.

    Beside them stands the key reached, once enough has been done for one page.
    """
    candidates: list[Hit] = []
    cost = 0
    for step in steps:
        if isinstance(step, _Mark):
            cost += step.events
        else:
            candidates.append(step)
            if len(candidates) < batch:
                continue
            cost += len(candidates) * pattern.cost
        if cost >= _MAX_COST:
            yield _passing(candidates, pattern), (step.timestamp, step.sequence)
            return
        if len(candidates) >= batch:
            yield _passing(candidates, pattern), None
            candidates = []
    yield _passing(candidates, pattern), None


def _passing(candidates: list[Hit], pattern: Pattern) -> list[Hit]:
    if pattern.test is None or not candidates:
        return candidates
    answers = pattern.test([hit.segment.message(hit.place) for hit in candidates])
    return [hit for hit, answer in zip(candidates, answers, strict=True) if answer]


def _steps(
    streams: Sequence[LogStream], low: Key, high: Key, pattern: Pattern, *, ascending: bool
) -> Iterable[Hit | _Mark]:
    # Each stream looks ahead by a block, which a resumed page has to look at again: share it out.
    block = max(16, _BLOCK // max(1, len(streams)))
    runs = [_scan(stream, low, high, pattern, block, ascending=ascending) for stream in streams]
    return runs[0] if len(runs) == 1 else heapq.merge(*runs, reverse=not ascending)


def _scan(
    stream: LogStream, low: Key, high: Key, pattern: Pattern, block: int, *, ascending: bool
) -> Iterator[Hit | _Mark]:
    """Candidates of one stream, and after each block of events how many were looked at."""
    first, last = stream.place_after(low), stream.place_after(high)
    segments = stream.segments[first : last + 1]
    for segment in segments if ascending else reversed(segments):
        timestamps, sequences = segment.timestamps, segment.sequences
        begin, end = segment.cut(low), segment.cut(high)
        starts = range(begin, end, block)
        for start in starts if ascending else reversed(starts):
            stop = min(start + block, end)
            hits: Sequence[int] = range(start, stop)
            if pattern.needles:
                hits = segment.find(pattern.needles, start, stop)
            for index in hits if ascending else reversed(hits):
                yield Hit(timestamps[index], sequences[index], stream, segment, index)
            edge = stop - 1 if ascending else start
            yield _Mark(timestamps[edge], sequences[edge], stop - start)
