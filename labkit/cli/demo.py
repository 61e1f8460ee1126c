"""``labkit demo``: the whole story on an embedded AWS, in one process."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Annotated

import typer

from labkit.cli.common.app import verb
from labkit.cli.common.options import AsJson
from labkit.errors import UsageError


@dataclass
class Phases:
    """How long each phase took; says so as it ends."""

    quiet: bool
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str, what: str) -> Iterator[None]:
        if not self.quiet:
            typer.echo(f"{name:<10} {what} … ", nl=False)
            sys.stdout.flush()
        began = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - began, 2)
        if not self.quiet:
            typer.echo(f"{self.seconds[name]:.1f} s")


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
    try:
        from labkit.cli.common import story
    except ModuleNotFoundError as error:
        raise UsageError(
            f"The embedded AWS needs {error.name}, which is not installed.",
            "pip install 'labkit[local]'",
        ) from error
    from labkit.cli.common.shown import print_json
    from labkit.cli.common.verdicts import show_demo
    from labkit.report.as_json import as_json as report_json

    phases = Phases(quiet=as_json)
    with ExitStack() as stack:
        with phases.phase(
            "start", f"an AWS in this process, with an account for each of {seats} seats"
        ):
            stack.enter_context(story.embedded_aws())
            work = story.begin(seats)
        with phases.phase("up", "evidence, threat list and a lab for each seat"):
            story.require(work.up(quiet=as_json), "ready")
        with phases.phase(
            "simulate", "somebody logs in, a command calls out, the server is stopped"
        ):
            happened = work.simulate("ssh", None, quiet=as_json)
            story.require(happened, "incident")
        with phases.phase("attend", "one attendee solves, one errs, one rests, and so on"):
            story.attend(work)
        with phases.phase("grade", "the answers against each account's own logs"):
            grades = story.judge(work, quiet=as_json)
        with phases.phase("down", "everything away, and a look at what is left"):
            removed = work.down(quiet=as_json)
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
