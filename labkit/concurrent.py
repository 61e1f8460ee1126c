"""Run one function for many seats: bounded concurrency, isolated failures, clean interrupts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from labkit.errors import LabkitError

Item = TypeVar("Item")
Value = TypeVar("Value")

WORKERS = 32
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Result(Generic[Item, Value]):
    """The outcome for one item: a value, or the error that stopped this item and no other."""

    item: Item
    value: Value | None = None
    error: LabkitError | None = None

    def unwrap(self) -> Value:
        """The value; raises the error if there is one."""
        if self.error is not None:
            raise self.error
        return cast("Value", self.value)


class Interrupt:
    """Asks running work to stop at the next safe point."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    def sleep(self, seconds: float) -> None:
        """Sleep; raise ``KeyboardInterrupt`` as soon as someone requests an interrupt."""
        if self._event.wait(seconds):
            raise KeyboardInterrupt

    def check(self) -> None:
        """Raise ``KeyboardInterrupt`` if someone requested an interrupt."""
        if self._event.is_set():
            raise KeyboardInterrupt


def map_seats(
    items: Iterable[Item],
    function: Callable[[Item], Value],
    *,
    workers: int = WORKERS,
    interrupt: Interrupt | None = None,
    on_done: Callable[[Result[Item, Value]], None] = lambda _: None,
) -> list[Result[Item, Value]]:
    """Call ``function`` with every item, at most ``workers`` at once; return results in the items' order.

    A ``LabkitError`` (or a bug) in one item becomes its ``error`` and doesn't affect the others. On Ctrl-C, no new
    calls start, and ``interrupt`` asks running calls to stop. When they have stopped, ``KeyboardInterrupt`` is raised
    again.
    """
    todo: Sequence[Item] = list(items)
    done: list[Result[Item, Value] | None] = [None] * len(todo)
    if not todo:
        return []
    running = _RunningCalls()
    pool = ThreadPoolExecutor(max_workers=min(workers, len(todo)), thread_name_prefix="seat")
    futures: dict[Future[Result[Item, Value]], int] = {}
    try:
        for index, item in enumerate(todo):
            futures[pool.submit(_isolated, function, item, interrupt, running)] = index
        pending = set(futures)
        while pending:
            # An untimed wait blocks Ctrl-C on some systems.
            finished, pending = wait(pending, _POLL_SECONDS, FIRST_COMPLETED)
            for future in finished:
                outcome = future.result()
                done[futures[future]] = outcome
                on_done(outcome)
    except KeyboardInterrupt:
        pool.shutdown(wait=False, cancel_futures=True)
        if interrupt is not None:
            interrupt.set()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        running.wait_for_all()
    return [outcome for outcome in done if outcome is not None]


class _RunningCalls:
    """Counts running calls.

    If Ctrl-C arrives while a thread starts, the pool doesn't know about that thread and wouldn't wait for it.
    """

    def __init__(self) -> None:
        self._count = 0
        self._changed = threading.Condition()

    def __enter__(self) -> None:
        with self._changed:
            self._count += 1

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def wait_for_all(self) -> None:
        with self._changed:
            while self._count:
                self._changed.wait(_POLL_SECONDS)


def _isolated(
    function: Callable[[Item], Value],
    item: Item,
    interrupt: Interrupt | None,
    running: _RunningCalls,
) -> Result[Item, Value]:
    with running:
        if interrupt is not None:
            interrupt.check()
        return _call(function, item)


def _call(function: Callable[[Item], Value], item: Item) -> Result[Item, Value]:
    try:
        return Result(item, value=function(item))
    except LabkitError as error:
        return Result(item, error=error)
    except Exception as error:  # noqa: BLE001 - a bug in one seat must not stop the class
        wrapped = LabkitError(
            f"Unexpected error: {type(error).__name__}: {error}", "Rerun the command with --debug."
        )
        wrapped.__cause__ = error
        return Result(item, error=wrapped)
