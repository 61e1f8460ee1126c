"""Work that is computed beside the world."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from pocketaws.aside import Aside, Job, StillAtWork, patience
from pocketaws.clock import ManualClock
from pocketaws.inputs import world_input
from pocketaws.world import World

SEEN: list[tuple[Any, str]] = []


@world_input("test_aside.conclude")
def conclude(world: World, outcome: Any, who: str) -> None:
    if outcome == "refused":
        raise RuntimeError(who)
    SEEN.append((outcome, f"{who} in turn {world._turns}"))


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
    thread = threading.Thread(target=world.work, daemon=True)
    thread.start()
    return thread


def test_an_outcome_enters_as_a_turn_and_the_world_goes_on_until_then(world: World) -> None:
    work = Slow("done")
    with world.turn():
        world.hand_over("a", work, "test_aside.conclude", who="a")
    thread = working(world)
    assert work.begun.wait(10)
    with world.turn():
        before = world._turns
    assert SEEN == []
    with patience(), pytest.raises(StillAtWork) as caught:
        world.aside.ask_to_wait("a")
    assert caught.value.key == "a"
    world.aside.ask_to_wait("a")  # who cannot wait is not asked to
    work.go_on.set()
    world.aside.wait("a", 10)
    assert [("done", f"a in turn {before + 1}")] == SEEN
    with patience():
        world.aside.ask_to_wait("a")
    world.aside.close()
    thread.join(10)
    assert not thread.is_alive()


def test_what_is_dropped_is_stopped_and_never_enters(world: World) -> None:
    first, second = Slow("first"), Slow("second")
    world.hand_over("first", first, "test_aside.conclude", who="first")
    thread = working(world)
    assert first.begun.wait(10)
    world.hand_over("second", second, "test_aside.conclude", who="second")
    world.aside.drop("second")
    world.aside.drop("first")
    world.aside.drop("never there")
    third = Slow("third")
    third.go_on.set()
    world.hand_over("third", third, "test_aside.conclude", who="third")
    world.aside.wait("third", 10)
    assert [outcome for outcome, _ in SEEN] == ["third"]
    assert (first.stopped, second.stopped, second.begun.is_set()) == (True, True, False)
    world.aside.close()
    thread.join(10)


def test_an_outcome_that_breaks_its_turn_does_not_end_the_worker(world: World) -> None:
    for outcome in ("refused", "done"):
        work = Slow(outcome)
        work.go_on.set()
        world.hand_over(outcome, work, "test_aside.conclude", who=outcome)
    thread = working(world)
    for outcome in ("refused", "done"):
        world.aside.wait(outcome, 10)
    assert [outcome for outcome, _ in SEEN] == ["done"]
    world.aside.close()
    thread.join(10)


def test_what_is_closed_takes_nothing_more() -> None:
    aside, work = Aside(), Slow("x")
    aside.put(Job("x", work, "test_aside.conclude", {}))
    aside.close()
    assert work.stopped
    assert aside.take() is None
    aside.put(Job("y", work, "test_aside.conclude", {}))
    assert aside.take() is None
    aside.wait("y", 60)  # there is nothing to wait for
