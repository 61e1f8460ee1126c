"""``labkit demo``: the whole story on an embedded AWS, in one process."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Annotated

import typer
from rich.console import Console

from labkit.cli.common.app import verb
from labkit.cli.common.options import AsJson
from labkit.embedded_aws import embedded_aws


@dataclass
class Phases:
    """How long each phase took: said as it ends, and on a terminal shown while it lasts."""

    quiet: bool
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def live(self) -> bool:
        """Whether somebody watches."""
        return not self.quiet and sys.stdout.isatty() and sys.stderr.isatty()

    @contextmanager
    def phase(self, name: str, what: str, *, shows_itself: bool = False) -> Iterator[None]:
        """A phase; one that ``shows_itself`` has a display of its own while somebody watches."""
        began = time.monotonic()
        if self.live and not shows_itself:
            with Console(stderr=True).status(what):
                yield
        else:
            yield
        self.seconds[name] = round(time.monotonic() - began, 2)
        if not self.quiet:
            typer.echo(f"{name:<9} {self.seconds[name]:5.1f} s  {what}")


@verb("demo")
def demo(
    *,
    seats: Annotated[
        int, typer.Option("--seats", min=1, metavar="N", help="How many attendees.")
    ] = 3,
    as_json: AsJson = False,
) -> None:
    """Tell the whole story on the embedded AWS: labs, incident, attendees, grades, nothing left.

    Exits 0 only if the grades are exactly the expected ones and nothing is left.
    """
    from labkit.cli.common import story
    from labkit.cli.common.shown import print_json
    from labkit.cli.common.verdicts import show_demo
    from labkit.report.as_json import as_json as report_json

    phases = Phases(quiet=as_json)
    with ExitStack() as stack:
        with phases.phase(
            "start", f"an AWS in this process, with an account for each of {seats} seats"
        ):
            stack.enter_context(embedded_aws(story.REGION))
            work = story.begin(seats)
        with phases.phase("up", "evidence, threat list and a lab for each seat", shows_itself=True):
            story.require(work.up(quiet=not phases.live), "ready")
        with phases.phase(
            "simulate", "somebody logs in, a command calls out, the server is stopped"
        ):
            happened = work.simulate("ssh", None, quiet=not phases.live)
            story.require(happened, "incident")
        with phases.phase("attend", "one attendee solves, one errs, one rests, and so on"):
            story.attend(work)
        with phases.phase(
            "grade", "the answers against each account's own logs", shows_itself=True
        ):
            grades = story.judge(work, quiet=not phases.live)
        with phases.phase("down", "everything away, and a look at what is left", shows_itself=True):
            removed = work.down(quiet=not phases.live)
    said = story.surprises(work, grades, removed)
    if as_json:
        print_json(
            {**report_json(grades), "phases": phases.seconds, "removed": removed, "surprises": said}
        )
    else:
        show_demo(grades, removed, sum(phases.seconds.values()))
    for line in said:
        typer.echo(f"labkit: unexpected: {line}", err=True)
    if said:
        raise typer.Exit(1)
