"""What a person sees while a verb works on many seats."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

_DONE_STYLE = {"done": "green", "failed": "red"}


class Progress:
    """A line per seat on a terminal, a line per change elsewhere; always on standard error."""

    def __init__(self, title: str, seats: Sequence[str], *, quiet: bool = False) -> None:
        self._title = title
        self._states = dict.fromkeys(seats, "waiting")
        self._console = Console(stderr=True)
        self._quiet = quiet
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if not self._quiet and self._console.is_terminal:
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

    @property
    def seconds(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._began

    def tell(self, seat: str, what: str) -> None:
        """A seat has come to ``what``."""
        with self._lock:
            if self._states.get(seat) == what:
                return
            self._states[seat] = what
            if self._live is None and not self._quiet and not sys.stderr.isatty():
                self._console.print(f"{self._title}: {seat}: {what}", highlight=False, markup=False)

    def _render(self) -> RenderableType:
        table = Table.grid(padding=(0, 2))
        with self._lock:
            states = dict(self._states)
        shown = list(states.items())[-12:]
        for seat, state in shown:
            table.add_row(f"  {seat}", Text(state, style=_DONE_STYLE.get(state, "cyan")))
        if len(states) > len(shown):
            table.add_row(f"  … {len(states) - len(shown)} more", "")
        top = Table.grid()
        top.add_row(Spinner("dots", text=Text(f" {self._title}  {self.seconds:.0f} s")))
        top.add_row(table)
        return top
