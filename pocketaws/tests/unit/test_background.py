"""Background jobs."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from pocketaws.background import BackgroundJobs, Job, JobRunning, caller_can_wait
from pocketaws.clock import ManualClock
from pocketaws.inputs import world_input
from pocketaws.world import World

SEEN: list[tuple[Any, str]] = []


@world_input("test_background.complete")
def conclude(world: World, outcome: Any, who: str) -> None:
    if outcome == "refused":
        raise RuntimeError(who)
    SEEN.append((outcome, f"{who} in transaction {world._transactions}"))


class Slow:
    """Work that is done when it is let go, or stopped."""

    def __init__(self, outcome: Any) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.outcome = outcome
        self.stopped = False

    def compute(self) -> Any:
        self.begun.set()
        assert self.go_on.wait(10)
        return None if self.stopped else self.outcome

    def stop(self) -> None:
        self.stopped = True
        self.go_on.set()


@pytest.fixture
def world() -> World:
    SEEN.clear()
    return World(clock=ManualClock(datetime(2026, 3, 2, tzinfo=UTC)))


def working(world: World) -> threading.Thread:
    thread = threading.Thread(target=world.run_jobs, daemon=True)
    thread.start()
    return thread


def test_an_outcome_enters_as_a_transaction_and_the_world_goes_on_until_then(world: World) -> None:
    work = Slow("done")
    with world.transaction():
        world.submit_job("a", work, "test_background.complete", who="a")
    thread = working(world)
    assert work.begun.wait(10)
    with world.transaction():
        before = world._transactions
    assert SEEN == []
    with caller_can_wait(), pytest.raises(JobRunning) as caught:
        world.jobs.raise_if_running("a")
    assert caught.value.key == "a"
    world.jobs.raise_if_running("a")  # raises nothing for a caller who can't wait
    work.go_on.set()
    world.jobs.wait("a", 10)
    assert [("done", f"a in transaction {before + 1}")] == SEEN
    with caller_can_wait():
        world.jobs.raise_if_running("a")
    world.jobs.close()
    thread.join(10)
    assert not thread.is_alive()


def test_what_is_dropped_is_stopped_and_never_enters(world: World) -> None:
    first, second = Slow("first"), Slow("second")
    world.submit_job("first", first, "test_background.complete", who="first")
    thread = working(world)
    assert first.begun.wait(10)
    world.submit_job("second", second, "test_background.complete", who="second")
    world.jobs.cancel("second")
    world.jobs.cancel("first")
    world.jobs.cancel("never there")
    third = Slow("third")
    third.go_on.set()
    world.submit_job("third", third, "test_background.complete", who="third")
    world.jobs.wait("third", 10)
    assert [outcome for outcome, _ in SEEN] == ["third"]
    assert (first.stopped, second.stopped, second.begun.is_set()) == (True, True, False)
    world.jobs.close()
    thread.join(10)


def test_an_outcome_that_breaks_its_transaction_does_not_end_the_worker(world: World) -> None:
    for outcome in ("refused", "done"):
        work = Slow(outcome)
        work.go_on.set()
        world.submit_job(outcome, work, "test_background.complete", who=outcome)
    thread = working(world)
    for outcome in ("refused", "done"):
        world.jobs.wait(outcome, 10)
    assert [outcome for outcome, _ in SEEN] == ["done"]
    world.jobs.close()
    thread.join(10)


def test_what_is_closed_takes_nothing_more() -> None:
    jobs, work = BackgroundJobs(), Slow("x")
    jobs.submit(Job("x", work, "test_background.complete", {}))
    jobs.close()
    assert work.stopped
    assert jobs.next() is None
    jobs.submit(Job("y", work, "test_background.complete", {}))
    assert jobs.next() is None
    jobs.wait("y", 60)  # there is nothing to wait for
