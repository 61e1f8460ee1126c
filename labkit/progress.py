"""How work on many seats reports its progress.

The command line shows it on the terminal; scripts and tests pass their own ``Progress``, or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Tell = Callable[[str, str], None]
"""``tell(seat, what)``: a seat has reached the step ``what``. Threads may call it at the same time."""


class Progress(Protocol):
    """Starts reporting on one phase, such as ``up``, for the seats with these IDs."""

    def __call__(self, phase: str, seats: Sequence[str]) -> AbstractContextManager[Tell]: ...


@contextmanager
def no_progress(phase: str, seats: Sequence[str]) -> Iterator[Tell]:
    """A ``Progress`` that reports nothing."""
    del phase, seats
    yield lambda _seat, _what: None
