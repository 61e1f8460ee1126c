"""Progress on the terminal, always on standard error."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from labkit.progress import Progress, Tell, no_progress

_STYLES = {"done": "green", "failed": "red"}
_MOST_SEATS = 12


def terminal_progress(*, quiet: bool = False) -> Progress:
    """Show a line per seat on a terminal; elsewhere, print a line per change. Show nothing if ``quiet``."""
    return no_progress if quiet else _show


@contextmanager
def _show(phase: str, seats: Sequence[str]) -> Iterator[Tell]:
    with _SeatLines(phase, seats) as lines:
        yield lines.tell


class _SeatLines:
    def __init__(self, phase: str, seats: Sequence[str]) -> None:
        self._phase = phase
        self._states = dict.fromkeys(seats, "waiting")
        self._console = Console(stderr=True)
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live = Live(
                get_renderable=self._render,
                console=self._console,
                refresh_per_second=8,
                transient=True,
            )
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def tell(self, seat: str, what: str) -> None:
        """Show that a seat has reached a step."""
        with self._lock:
            if self._states.get(seat) == what:
                return
            self._states[seat] = what
            if self._live is None and not sys.stderr.isatty():
                self._console.print(f"{self._phase}: {seat}: {what}", highlight=False, markup=False)

    def _render(self) -> RenderableType:
        table = Table.grid(padding=(0, 2))
        with self._lock:
            states = dict(self._states)
        for seat, state in list(states.items())[-_MOST_SEATS:]:
            table.add_row(f"  {seat}", Text(state, style=_STYLES.get(state, "cyan")))
        if len(states) > _MOST_SEATS:
            table.add_row(f"  … {len(states) - _MOST_SEATS} more", "")
        seconds = time.monotonic() - self._began
        top = Table.grid()
        top.add_row(Spinner("dots", text=Text(f" {self._phase}  {seconds:.0f} s")))
        top.add_row(table)
        return top
