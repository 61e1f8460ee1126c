"""The windows of runs, at their edges."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from labkit.evidence.window import (
    AFTER,
    BEFORE,
    MARGIN,
    Window,
    collection_windows,
    run_window,
    run_windows,
)
from labkit.model import Run

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def run(number: int, start: int, end: int) -> Run:
    """A run with its times in minutes after noon."""
    return Run(number, NOON + start * MINUTE, NOON + end * MINUTE, "ssh")


def test_both_ends_of_a_window_belong_to_it() -> None:
    window = Window(NOON, NOON + MINUTE)

    assert window.contains(NOON)
    assert window.contains(NOON + MINUTE)
    assert not window.contains(NOON - SECOND)
    assert not window.contains(NOON + MINUTE + SECOND)
    assert window.overlaps(NOON - MINUTE, NOON)
    assert window.overlaps(NOON + MINUTE, NOON + 2 * MINUTE)
    assert not window.overlaps(NOON - MINUTE, NOON - SECOND)
    assert not window.overlaps(NOON + MINUTE + SECOND, NOON + 2 * MINUTE)


def test_a_run_alone_has_the_time_around_it() -> None:
    alone = run(1, 0, 3)

    assert run_window(alone, [alone]) == Window(NOON - BEFORE, NOON + 3 * MINUTE + AFTER)


def test_a_window_begins_with_a_whole_second() -> None:
    late = Run(1, NOON + timedelta(milliseconds=700), NOON + MINUTE, "ssh")

    assert run_window(late, [late]).start == NOON - BEFORE


def test_neighbors_end_a_window() -> None:
    first, second, third = run(1, 0, 3), run(2, 4, 6), run(3, 7, 9)
    all_of_them = (first, second, third)

    assert run_windows(all_of_them) == (
        Window(NOON - BEFORE, NOON + 4 * MINUTE),
        Window(NOON + 3 * MINUTE, NOON + 7 * MINUTE),
        Window(NOON + 6 * MINUTE, NOON + 9 * MINUTE + AFTER),
    )
    assert run_window(second, [second]).start == NOON + 4 * MINUTE - BEFORE


def test_runs_that_overlap_keep_their_own_time() -> None:
    first, second = run(1, 0, 6), run(2, 4, 8)

    assert run_window(first, (first, second)).end == NOON + 6 * MINUTE
    assert run_window(second, (first, second)).start == NOON + 4 * MINUTE


def test_windows_to_collect_are_merged_where_they_touch() -> None:
    first, near, far = run(1, 0, 1), run(2, 20, 21), run(3, 120, 121)
    touching = run(4, 21, 22)  # MARGIN before it begins where AFTER the first ends

    assert collection_windows([near, first]) == (Window(NOON - MARGIN, NOON + 21 * MINUTE + AFTER),)
    assert collection_windows([first, touching]) == (
        Window(NOON - MARGIN, NOON + 22 * MINUTE + AFTER),
    )
    apart = run(5, 22, 23)
    assert len(collection_windows([first, apart])) == 2
    assert collection_windows([far, first])[1] == Window(
        far.started_at - MARGIN, far.finished_at + AFTER
    )
    inside = run(6, 2, 3)
    long = run(7, 0, 60)
    assert collection_windows([long, inside]) == (
        Window(NOON - MARGIN, NOON + 60 * MINUTE + AFTER),
    )
