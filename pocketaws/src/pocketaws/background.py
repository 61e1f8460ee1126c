"""Slow work that runs on background threads, outside the world's lock.

A transaction submits a ``Task`` with ``World.submit_job``. The task holds everything it needs, as it was in that
transaction, and doesn't touch the world. A server thread computes it. The result enters the world as a
transaction of its own, by name and values like everything else, so the journal has the result and a replay
computes nothing again.

If the process ends before a job is done, the code that submitted it finds the job in the restored state
(``@resubmits``) and starts it again.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

FindInterrupted = Callable[..., list[dict[str, Any]]]

_FIND_INTERRUPTED: dict[str, FindInterrupted] = {}
_CALLER_CAN_WAIT: ContextVar[bool] = ContextVar("caller_can_wait", default=False)


class Task(Protocol):
    """Something to compute."""

    def compute(self) -> Any:
        """Return the result, which must be picklable, or ``None`` after ``stop``.

        Errors are results too: this raises nothing.
        """
        ...

    def stop(self) -> None:
        """Make ``compute`` return soon. Called from another thread."""
        ...


class JobRunning(Exception):  # noqa: N818 - not an error: it asks a caller who can wait to try again
    """The answer depends on the job ``key``, which is still running."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def resubmits(name: str) -> Callable[[FindInterrupted], FindInterrupted]:
    """Register ``function(world)``, which finds interrupted jobs.

    For each job it returns the values for the input called ``name``, which starts the job again.
    """

    def register(function: FindInterrupted) -> FindInterrupted:
        _FIND_INTERRUPTED[name] = function
        return function

    return register


def interrupted_jobs(world: object) -> list[tuple[str, dict[str, Any]]]:
    """The inputs that restart the jobs the last process didn't finish."""
    return [
        (name, values) for name, find in sorted(_FIND_INTERRUPTED.items()) for values in find(world)
    ]


@contextmanager
def caller_can_wait() -> Iterator[None]:
    """Allow ``JobRunning`` inside the block: the caller catches it, waits, and retries."""
    token = _CALLER_CAN_WAIT.set(True)
    try:
        yield
    finally:
        _CALLER_CAN_WAIT.reset(token)


@dataclass(frozen=True)
class Job:
    """A task, its key, and the input that receives the result as ``outcome`` beside ``values``."""

    key: str
    task: Task
    completion: str
    values: dict[str, Any]


class BackgroundJobs:
    """The jobs that are waiting or running. Not part of the saved state."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[Job] = deque()
        self._jobs: dict[str, Job] = {}
        self._closed = False

    def submit(self, job: Job) -> None:
        with self._changed:
            if not self._closed:
                self._jobs[job.key] = job
                self._waiting.append(job)
                self._changed.notify_all()

    def next(self) -> Job | None:
        """Wait for the next job and return it; ``None`` after ``close``."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or bool(self._waiting))
            return None if self._closed else self._waiting.popleft()

    def finish(self, key: str) -> None:
        """Mark a job as done: its result is in the world."""
        with self._changed:
            self._jobs.pop(key, None)
            self._changed.notify_all()

    def cancel(self, key: str) -> None:
        """Stop a job whose result nobody needs any longer."""
        with self._changed:
            job = self._jobs.pop(key, None)
            if job is not None and job in self._waiting:
                self._waiting.remove(job)
            self._changed.notify_all()
        if job is not None:
            job.task.stop()

    def wait(self, key: str, seconds: float) -> None:
        """Wait until a job is done or canceled, for at most ``seconds`` of real time."""
        with self._changed:
            self._changed.wait_for(lambda: key not in self._jobs, timeout=max(0.0, seconds))

    def raise_if_running(self, key: str) -> None:
        """Raise ``JobRunning`` if the job isn't done and the caller can wait."""
        if _CALLER_CAN_WAIT.get() and key in self._jobs:
            raise JobRunning(key)

    def close(self) -> None:
        """Stop all jobs. The next process restarts the unfinished ones."""
        with self._changed:
            self._closed = True
            jobs = list(self._jobs.values())
            self._jobs.clear()
            self._waiting.clear()
            self._changed.notify_all()
        for job in jobs:
            job.task.stop()
