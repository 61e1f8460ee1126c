"""One function over many seats: bounded concurrency, isolated failures, progress, clean interrupt."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Generic, TypeVar

from labkit.errors import LabkitError

Item = TypeVar("Item")
Result = TypeVar("Result")

WORKERS = 32
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Done(Generic[Item, Result]):
    """What became of one item: a result, or the error that stopped it and it alone."""

    item: Item
    result: Result | None = None
    error: LabkitError | None = None


class Interrupt:
    """Asks work under way to stop at the next safe place."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    def sleep(self, seconds: float) -> None:
        """Sleep, or raise ``KeyboardInterrupt`` as soon as an interrupt is asked for."""
        if self._event.wait(seconds):
            raise KeyboardInterrupt

    def check(self) -> None:
        """Raise ``KeyboardInterrupt`` if an interrupt was asked for."""
        if self._event.is_set():
            raise KeyboardInterrupt


def over(
    items: Iterable[Item],
    function: Callable[[Item], Result],
    *,
    workers: int = WORKERS,
    interrupt: Interrupt | None = None,
    on_done: Callable[[Done[Item, Result]], None] = lambda _: None,
) -> list[Done[Item, Result]]:
    """Run ``function`` over every item, at most ``workers`` at once; results in the items' order.

    A ``LabkitError`` (or a bug) in one item becomes its ``error`` and leaves the others alone. Ctrl-C
    starts nothing new, asks what runs to stop (through ``interrupt``), waits for it and is raised on.
    """
    todo: Sequence[Item] = list(items)
    done: list[Done[Item, Result] | None] = [None] * len(todo)
    if not todo:
        return []
    working = _Working()
    pool = ThreadPoolExecutor(max_workers=min(workers, len(todo)), thread_name_prefix="seat")
    futures: dict[Future[Done[Item, Result]], int] = {}
    try:
        for index, item in enumerate(todo):
            futures[pool.submit(_isolated, function, item, interrupt, working)] = index
        pending = set(futures)
        while pending:
            # A wait with a time-out, since an untimed one does not let Ctrl-C through on every system.
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
        working.wait_for_all()
    return [outcome for outcome in done if outcome is not None]


class _Working:
    """Who is at work. The pool does not know a thread in whose start Ctrl-C came, and would not wait for it."""

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
    function: Callable[[Item], Result],
    item: Item,
    interrupt: Interrupt | None,
    working: _Working,
) -> Done[Item, Result]:
    with working:
        if interrupt is not None:
            interrupt.check()
        return _done(function, item)


def _done(function: Callable[[Item], Result], item: Item) -> Done[Item, Result]:
    try:
        return Done(item, result=function(item))
    except LabkitError as error:
        return Done(item, error=error)
    except Exception as error:  # noqa: BLE001 - a bug met in one seat must not take down the class
        wrapped = LabkitError(
            f"An unexpected error: {type(error).__name__}: {error}", "Run again with --debug."
        )
        wrapped.__cause__ = error
        return Done(item, error=wrapped)
