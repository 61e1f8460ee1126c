"""How work on many seats reports its progress.

The command line draws it on the terminal; scripts, web pages, and tests hand in their own, or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Tell = Callable[[str, str], None]
"""``tell(seat, what)``: a seat has reached the step ``what``. Threads may call it at the same time."""


class Progress(Protocol):
    """Opens the report of one phase, such as ``up``, for the ids of its seats."""

    def __call__(self, phase: str, seats: Sequence[str]) -> AbstractContextManager[Tell]: ...


@contextmanager
def no_progress(phase: str, seats: Sequence[str]) -> Iterator[Tell]:
    """A ``Progress`` that reports nothing."""
    del phase, seats
    yield lambda _seat, _what: None
