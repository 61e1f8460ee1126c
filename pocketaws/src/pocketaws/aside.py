"""Work that takes long: computed beside the world, while it goes on, and put in as a turn when it is done.

A turn hands over a ``Work`` with ``World.hand_over``: it holds all that it needs, as it was in that turn, and
knows nothing of the world. A thread of the server computes it outside the lock, and what comes of it enters
as a turn, by name and values like everything else: the journal has the result, and nothing is computed
again when turns are taken again.

Work that was not done when the process ended is found in the state by whoever handed it over
(``@unfinished``), who then begins anew.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .world import World

Unfinished = Callable[["World"], list[dict[str, Any]]]

_UNFINISHED: dict[str, Unfinished] = {}
_PATIENT: ContextVar[bool] = ContextVar("patient", default=False)


class Work(Protocol):
    """Something to be computed."""

    def compute(self) -> Any:
        """What came of it, to be pickled; ``None`` after ``stop``. Errors are results too: nothing is raised."""
        ...

    def stop(self) -> None:
        """Have ``compute`` return soon; from another thread."""
        ...


class StillAtWork(Exception):  # noqa: N818 - no error: a caller who can wait is asked to
    """What a caller asks for is being computed. ``key`` says by which work."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def unfinished(name: str) -> Callable[[Unfinished], Unfinished]:
    """Register what finds work that a process left behind: values, for each, of an input called ``name``."""

    def register(function: Unfinished) -> Unfinished:
        _UNFINISHED[name] = function
        return function

    return register


def left_behind(world: World) -> list[tuple[str, dict[str, Any]]]:
    """The inputs that begin anew what was not done when the last process ended."""
    return [(name, values) for name, find in sorted(_UNFINISHED.items()) for values in find(world)]


@contextmanager
def patience() -> Iterator[None]:
    """In here, ``StillAtWork`` may be raised: the caller will wait, and ask again."""
    token = _PATIENT.set(True)
    try:
        yield
    finally:
        _PATIENT.reset(token)


@dataclass(frozen=True)
class Job:
    """A work with its name, and the input that takes what comes of it as ``outcome``, beside ``values``."""

    key: str
    work: Work
    conclusion: str
    values: dict[str, Any]


class Aside:
    """The jobs that are waiting or being computed. Not part of the state."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[Job] = deque()
        self._jobs: dict[str, Job] = {}
        self._closed = False

    def put(self, job: Job) -> None:
        with self._changed:
            if not self._closed:
                self._jobs[job.key] = job
                self._waiting.append(job)
                self._changed.notify_all()

    def take(self) -> Job | None:
        """The next job, waited for; ``None`` when there will be no more."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or bool(self._waiting))
            return None if self._closed else self._waiting.popleft()

    def done(self, key: str) -> None:
        """A job's result is in the world."""
        with self._changed:
            self._jobs.pop(key, None)
            self._changed.notify_all()

    def drop(self, key: str) -> None:
        """Nobody wants a job's result any more."""
        with self._changed:
            job = self._jobs.pop(key, None)
            if job is not None and job in self._waiting:
                self._waiting.remove(job)
            self._changed.notify_all()
        if job is not None:
            job.work.stop()

    def wait(self, key: str, seconds: float) -> None:
        """Wait until a job is done or dropped, at most so many real seconds."""
        with self._changed:
            self._changed.wait_for(lambda: key not in self._jobs, timeout=max(0.0, seconds))

    def ask_to_wait(self, key: str) -> None:
        """Raise ``StillAtWork`` where a job is not done and the caller can wait."""
        if _PATIENT.get() and key in self._jobs:
            raise StillAtWork(key)

    def close(self) -> None:
        """Stop all work; what is not done is begun anew by the next process."""
        with self._changed:
            self._closed = True
            jobs = list(self._jobs.values())
            self._jobs.clear()
            self._waiting.clear()
            self._changed.notify_all()
        for job in jobs:
            job.work.stop()
