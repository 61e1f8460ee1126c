"""Call a check that may hang, where no other process can stop it: pytest by hand, and tests."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType

# Interrupt repeatedly, because a check might swallow the exception.
_AGAIN_SECONDS = 0.05


class TimeLimit(BaseException):
    """The function took too long."""


def call_within(seconds: float | None, function: Callable[[], object]) -> object:
    """Call a function and return its result; raises ``TimeLimit`` if it hasn't returned after ``seconds``, if given.

    In the main thread of a POSIX process, an alarm interrupts it. Elsewhere, it runs in its own thread. Python can't
    stop a thread, so a hanging one keeps running.
    """
    if seconds is None:
        return function()
    if threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer"):
        return _with_alarm(seconds, function)
    return _in_thread(seconds, function)


def _with_alarm(seconds: float, function: Callable[[], object]) -> object:
    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise TimeLimit

    before = signal.signal(signal.SIGALRM, ring)
    timer = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN_SECONDS)
    try:
        return function()
    finally:
        signal.setitimer(signal.ITIMER_REAL, *timer)
        signal.signal(signal.SIGALRM, before)


def _in_thread(seconds: float, function: Callable[[], object]) -> object:
    raised: list[BaseException] = []
    returned: list[object] = []

    def run() -> None:
        try:
            returned.append(function())
        except BaseException as error:  # noqa: BLE001 - handed over to the caller's thread
            raised.append(error)

    worker = threading.Thread(target=run, name="labkit-check", daemon=True)
    worker.start()
    worker.join(seconds)
    if worker.is_alive():
        raise TimeLimit
    if raised:
        raise raised[0]
    return returned[0]
