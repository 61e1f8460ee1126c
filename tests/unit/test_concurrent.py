"""Operations over many seats."""

from __future__ import annotations

import threading

import pytest

from labkit.concurrent import Interrupt, Result, map_seats
from labkit.errors import CloudError


def test_results_come_in_the_order_of_the_items() -> None:
    release = threading.Event()

    def work(number: int) -> int:
        if number == 0:
            release.wait(5)
        else:
            release.set()
        return number * number

    assert [done.value for done in map_seats(range(3), work)] == [0, 1, 4]


def test_a_failure_stays_with_its_item() -> None:
    def work(number: int) -> int:
        if number == 1:
            raise CloudError("the cloud is gone", "look up")
        if number == 2:
            raise KeyError("a bug")
        return number

    fine, refused, broken = map_seats(range(3), work)
    assert (fine.value, fine.error) == (0, None)
    assert refused.error is not None
    assert refused.error.message == "the cloud is gone"
    assert broken.error is not None
    assert "KeyError" in broken.error.message
    assert isinstance(broken.error.__cause__, KeyError)


def test_no_more_run_at_once_than_there_are_workers() -> None:
    running, most, lock = 0, 0, threading.Lock()
    barrier = threading.Barrier(2, timeout=5)

    def work(_: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        barrier.wait()
        with lock:
            running -= 1

    map_seats(range(6), work, workers=2)
    assert most == 2


def test_everybody_who_is_done_is_told_of() -> None:
    heard: list[Result[int, int]] = []
    map_seats(range(4), lambda number: number, on_done=heard.append)
    assert sorted(done.item for done in heard) == [0, 1, 2, 3]


def test_an_interrupt_wakes_who_sleeps_and_starts_nothing_new() -> None:
    interrupt, started = Interrupt(), []

    def work(number: int) -> None:
        started.append(number)
        if number == 1:
            interrupt.set()
        interrupt.sleep(60)

    with pytest.raises(KeyboardInterrupt):
        map_seats(range(50), work, workers=2, interrupt=interrupt)
    assert sorted(started) == [0, 1]
