"""One page of events out of many streams, in order, from where the page before it ended."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from .patterns import Pattern
from .segment import Key, Segment
from .stream import LogStream

MAX_PAGE_BYTES = 1 << 20
"""Source: CloudWatch Logs API reference, FilterLogEvents: a page has up to 1 MB or 10,000 events."""
_BLOCK = 8192
_MAX_COST = 2_000_000

_Step = tuple[int, int, LogStream, Segment | None, int]
"""Key, and the event at an index of a segment; or, without a segment, so much work done up to there."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An event that was looked for."""

    key: Key
    stream: LogStream
    segment: Segment
    index: int


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
    page = Page()
    size = cost = 0
    streams = [stream for stream in streams if stream.has_between(low, high)]
    for timestamp, sequence, stream, segment, number in _steps(
        streams, low, high, pattern, ascending=ascending
    ):
        if segment is None:
            cost += number
        else:
            page.hits.append(Hit((timestamp, sequence), stream, segment, number))
            size += segment.message_size(number)
        if len(page.hits) >= limit or size >= MAX_PAGE_BYTES or cost >= _MAX_COST:
            key = (timestamp, sequence)
            low, high = (key, high) if ascending else (low, (timestamp, sequence - 1))
            if any(stream.has_between(low, high) for stream in streams):
                page.resume = key
            return page
    return page


def _steps(
    streams: Sequence[LogStream], low: Key, high: Key, pattern: Pattern, *, ascending: bool
) -> Iterable[_Step]:
    # Each stream looks ahead by a block, which a resumed page has to look at again: share it out.
    block = max(16, _BLOCK // max(1, len(streams)))
    runs = [_scan(stream, low, high, pattern, block, ascending=ascending) for stream in streams]
    return runs[0] if len(runs) == 1 else heapq.merge(*runs, reverse=not ascending)


def _scan(
    stream: LogStream, low: Key, high: Key, pattern: Pattern, block: int, *, ascending: bool
) -> Iterator[_Step]:
    """Hits of one stream, and after each block of events a mark of the work done."""
    first, last = stream.place_after(low), stream.place_after(high)
    segments = stream.segments[first : last + 1]
    for segment in segments if ascending else reversed(segments):
        begin, end = segment.cut(low), segment.cut(high)
        starts = range(begin, end, block)
        for start in starts if ascending else reversed(starts):
            stop = min(start + block, end)
            hits = pattern.hits(segment, start, stop)
            for index in hits if ascending else reversed(hits):
                yield segment.timestamps[index], segment.sequences[index], stream, segment, index
            edge = stop - 1 if ascending else start
            work = (stop - start) * pattern.cost
            yield segment.timestamps[edge], segment.sequences[edge], stream, None, work
