"""Events in segments and their pages, compared with a plain sorted list."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from pocketaws.logs.patterns import compile_pattern
from pocketaws.logs.search import find_page, scan
from pocketaws.logs.segment import MAX_EVENTS, Key
from pocketaws.logs.store import LogGroup, key_of_id
from pocketaws.logs.stream import EVER, LogStream

EVERYTHING = compile_pattern("")
Plain = list[tuple[int, int, str, str]]


def filled(streams: int, events: int, seed: int, *, spread: int) -> tuple[LogGroup, Plain]:
    """Return a group with events up to ``spread`` late, and the same events as a sorted list."""
    chance = random.Random(seed)  # noqa: S311 - a test
    group = LogGroup("g", "arn", 0, salt=7)
    plain: Plain = []
    for name in map(str, range(streams)):
        group.streams[name] = LogStream(name, 0)
    for number in range(events):
        name = str(chance.randrange(streams))
        timestamp = max(0, number // 3 - chance.randrange(spread + 1))
        message = f"event {number} {'ä' * (number % 5)} {'odd' if number % 7 == 0 else ''}"
        group.add(group.streams[name], [(timestamp, message.encode())], ingested=number)
        plain.append((timestamp, group.sequence, message, name))
    plain.sort()
    return group, plain


@pytest.mark.parametrize(("streams", "spread"), [(1, 0), (1, 900), (3, 40), (60, 900)])
def test_all_events_are_kept_in_order(streams: int, spread: int) -> None:
    group, plain = filled(streams, 3 * MAX_EVENTS, seed=1, spread=spread)
    found = [
        event
        for batch in scan(list(group.streams.values()), (-1, EVER), (EVER, EVER), EVERYTHING)
        for event in batch
    ]
    assert [(t, s, raw.decode(), name) for t, s, _, raw, name in found] == plain
    assert [ingested for _, _, ingested, _, _ in found] == [s - 1 for _, s, _, _ in plain]
    for stream in group.streams.values():
        assert all(0 < len(segment) <= MAX_EVENTS for segment in stream.segments)
        assert len(stream) == sum(name == stream.name for *_, name in plain)
        assert all(a.key(-1) < b.key(0) for a, b in pairwise(stream.segments))


@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize("pattern", ["", "odd", "-odd", "%event 1%", "event -odd"])
@pytest.mark.parametrize(("streams", "limit"), [(1, 100), (5, 37), (5, 10_000), (80, 301)])
def test_pages_are_the_events_of_the_window(
    streams: int, limit: int, pattern: str, *, ascending: bool
) -> None:
    group, plain = filled(streams, 5000, seed=streams, spread=50)
    low, high = (200, EVER), (1400, EVER)
    test = compile_pattern(pattern)
    wanted = {"": "", "odd": "odd", "%event 1%": "event 1", "event -odd": "event"}.get(pattern, "")
    unwanted = "odd" if "-odd" in pattern else "\0"
    expected = [
        (timestamp, sequence)
        for timestamp, sequence, message, _ in plain
        if low < (timestamp, sequence) <= high and wanted in message and unwanted not in message
    ]
    if not ascending:
        expected.reverse()
    found: list[Key] = []
    while True:
        page = find_page(
            list(group.streams.values()), low, high, test, limit=limit, ascending=ascending
        )
        assert len(page.events) <= limit
        found += [event[:2] for event in page.events]
        if page.resume is None:
            break
        timestamp, sequence = page.resume
        low, high = (page.resume, high) if ascending else (low, (timestamp, sequence - 1))
    assert found == expected


@pytest.mark.parametrize("ascending", [True, False])
def test_the_last_page_says_that_it_is_the_last(*, ascending: bool) -> None:
    group, plain = filled(2, 50, seed=3, spread=5)
    window = {"low": (-1, EVER), "high": (EVER, EVER), "pattern": EVERYTHING}
    streams = list(group.streams.values())
    whole = find_page(streams, **window, limit=len(plain), ascending=ascending)  # type: ignore[arg-type]
    assert (len(whole.events), whole.resume) == (50, None)
    part = find_page(streams, **window, limit=len(plain) - 1, ascending=ascending)  # type: ignore[arg-type]
    assert part.resume == part.events[-1][:2]


def test_expired_segments_are_dropped() -> None:
    group, plain = filled(1, 3 * MAX_EVENTS, seed=5, spread=0)
    group.retention_days = 1
    day = 86_400_000
    assert group.forget_expired(day + MAX_EVENTS // 3 + 2) == MAX_EVENTS // 3 + 2
    assert 2 * MAX_EVENTS <= len(group.streams["0"]) < 3 * MAX_EVENTS
    group.forget_expired(day + len(plain))
    assert group.streams["0"].segments == []
    assert group.streams["0"].last_timestamp is None


def test_event_ids_lead_back_to_their_events() -> None:
    group, _ = filled(1, 1, seed=1, spread=0)
    keys = [(1_795_495_293_051, 1), (1_795_495_293_051, 2), (1_795_495_293_052, 1)]
    ids = [group.event_id(*key) for key in keys]
    assert [key_of_id(event_id) for event_id in ids] == keys
    assert ids == sorted(ids)
    assert {len(event_id) for event_id in ids} == {56}
