"""Reads one page of events from several streams, in order, from where the last page ended."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, repeat
from operator import itemgetter

from .patterns import Pattern
from .segment import Key
from .stream import LogStream

MAX_PAGE_BYTES = 1 << 20
"""Source: CloudWatch Logs API reference, FilterLogEvents: a page has up to 1 MB or 10,000 events."""
_LOOK_AHEAD = 8192
_MIN_BLOCK = 16
_MAX_COST = 300_000
"""Takes less than a tenth of a second, so that other callers get their turn."""

Event = tuple[int, int, int, bytes, str]
"""Timestamp, sequence number, ingestion time, message in UTF-8, and stream name.

Sequence numbers are unique in a group, so comparing events compares their keys.
"""


_MESSAGE = itemgetter(3)


@dataclass(slots=True)
class Page:
    """Events in order. ``resume`` is the last key that was searched, if there is more."""

    events: list[Event] = field(default_factory=list)
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
    """Return the first events after ``low`` and up to ``high``, from one end.

    A page ends after ``limit`` events, at ``MAX_PAGE_BYTES``, or when other callers should get
    their turn. In the last case it can be empty, as on AWS.
    """
    streams = [stream for stream in streams if stream.has_between(low, high)]
    page = Page()
    size = cost = 0
    for batch in _batches(streams, low, high, pattern, limit=limit, ascending=ascending):
        events = _passing(batch.events, pattern)
        fitting = _fitting(events, limit - len(page.events), MAX_PAGE_BYTES - size)
        page.events += events[:fitting]
        size += sum(map(len, map(_MESSAGE, events[:fitting])))
        if len(page.events) == limit or size >= MAX_PAGE_BYTES:
            page.resume = page.events[-1][:2]
        cost += batch.looked_at + len(batch.events) * pattern.cost
        if page.resume is None and cost >= _MAX_COST:
            page.resume = batch.reached
        if page.resume is not None:
            rest = (page.resume, high) if ascending else (low, before(page.resume))
            if not any(stream.has_between(*rest) for stream in streams):
                page.resume = None
            break
    return page


def _fitting(events: list[Event], room: int, bytes_left: int) -> int:
    """How many events fit on a page, including the one that reaches the size limit."""
    sizes = list(accumulate(map(len, map(_MESSAGE, events[:room]))))
    return min(bisect_left(sizes, bytes_left) + 1, len(sizes))


def scan(
    streams: Sequence[LogStream], low: Key, high: Key, pattern: Pattern
) -> Iterator[list[Event]]:
    """Yield all matching events after ``low`` and up to ``high``, in order and in batches."""
    streams = [stream for stream in streams if stream.has_between(low, high)]
    for batch in _batches(streams, low, high, pattern, limit=_LOOK_AHEAD, ascending=True):
        yield _passing(batch.events, pattern)


def before(key: Key) -> Key:
    """Return the key just before an event's key."""
    return key[0], key[1] - 1


def _passing(events: list[Event], pattern: Pattern) -> list[Event]:
    if pattern.test is None or not events:
        return events
    answers = pattern.test([event[3].decode() for event in events])
    return [event for event, answer in zip(events, answers, strict=True) if answer]


@dataclass(slots=True)
class _Block:
    """Candidate events, from one stream or merged from all.

    No more events with keys up to ``reached`` follow.
    """

    events: list[Event]
    reached: Key
    looked_at: int


def _batches(
    streams: Sequence[LogStream],
    low: Key,
    high: Key,
    pattern: Pattern,
    *,
    limit: int,
    ascending: bool,
) -> Iterator[_Block]:
    """Yield the merged candidates of all streams.

    Each stream reads one block ahead. Events that every stream's block covers are complete, so this
    function yields them.
    """
    # Start small: the next page reads everything beyond the end of this page again.
    first = max(_MIN_BLOCK, min(_LOOK_AHEAD, 4 * limit) // max(1, len(streams)))
    runs = [_blocks(stream, low, high, pattern, first, ascending=ascending) for stream in streams]
    ahead = [(run, block) for run in runs if (block := next(run, None)) is not None]
    looked_at = sum(block.looked_at for _, block in ahead)
    while ahead:
        ends = [block.reached for _, block in ahead]
        reached = min(ends) if ascending else max(ends)
        events = [event for _, block in ahead for event in _take(block, reached, ascending)]
        events.sort(reverse=not ascending)
        yield _Block(events, reached, looked_at)
        looked_at = 0
        still = []
        for run, block in ahead:
            following = next(run, None) if block.reached == reached else block
            if following is not None:
                still.append((run, following))
                looked_at += 0 if following is block else following.looked_at
        ahead = still


def _take(block: _Block, reached: Key, ascending: bool) -> list[Event]:  # noqa: FBT001
    """Remove and return a block's events up to a key."""
    if block.reached == reached:
        events, block.events = block.events, []
        return events
    if ascending:
        place = bisect_right(block.events, reached, key=_key)
    else:
        place = bisect_right(block.events, (-reached[0], -reached[1]), key=_negative_key)
    events = block.events[:place]
    del block.events[:place]
    return events


def _key(event: Event) -> Key:
    return event[:2]


def _negative_key(event: Event) -> Key:
    return -event[0], -event[1]


def _blocks(
    stream: LogStream, low: Key, high: Key, pattern: Pattern, size: int, *, ascending: bool
) -> Iterator[_Block]:
    """Yield one stream's candidates in blocks of growing size."""
    first, last = stream.place_after(low), stream.place_after(high)
    segments = stream.segments[first : last + 1]
    for segment in segments if ascending else reversed(segments):
        begin, end = segment.cut(low), segment.cut(high)
        while begin < end:
            if ascending:
                start, stop = begin, min(begin + size, end)
                begin, edge = stop, stop - 1
            else:
                start, stop = max(begin, end - size), end
                end = edge = start
            events: list[Event]
            if pattern.needles:
                found = segment.find(pattern.needles, start, stop)
                events = [(*segment.columns(i), segment.raw(i), stream.name) for i in found]
            else:
                columns = segment.columns_between(start, stop)
                events = list(zip(*columns, repeat(stream.name), strict=False))
            if not ascending:
                events.reverse()
            yield _Block(events, segment.key(edge), stop - start)
            size = min(2 * size, _LOOK_AHEAD)
