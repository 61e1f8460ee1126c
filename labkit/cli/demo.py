"""``labkit demo``: a whole workshop on the built-in AWS emulator, in one process."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from labkit.cli.common.app import Group, verb
from labkit.cli.common.options import AsJson
from labkit.embedded_aws import embedded_aws
from labkit.scenarios import DEFAULT

if TYPE_CHECKING:
    from labkit.model import Grades
    from labkit.workflow.rows import Row


@dataclass
class Phases:
    """How long each phase takes; printed as it ends, with a spinner on a terminal while it runs."""

    quiet: bool
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def live(self) -> bool:
        """Whether someone watches on a terminal."""
        return not self.quiet and sys.stdout.isatty() and sys.stderr.isatty()

    @contextmanager
    def phase(self, name: str, what: str, *, has_display: bool = False) -> Iterator[None]:
        """Run one phase; ``has_display`` if it shows its own progress on a terminal."""
        began = time.monotonic()
        if self.live and not has_display:
            with Console(stderr=True).status(what):
                yield
        else:
            yield
        self.seconds[name] = round(time.monotonic() - began, 2)
        if not self.quiet:
            typer.echo(f"{name:<9} {self.seconds[name]:5.1f} s  {what}")


@verb("demo", Group.TOOLS)
def demo(
    *,
    seats: Annotated[
        int, typer.Option("--seats", min=1, metavar="N", help="Number of attendees.")
    ] = 3,
    scenario: Annotated[
        str,
        typer.Option("--scenario", metavar="NAME", help="The scenario; see labkit scenarios."),
    ] = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Run a whole workshop on the built-in AWS emulator: labs, incident, attendees, grades, teardown.

    Scripted attendees take turns: one solves everything, one submits plausible wrong answers, one does nothing.
    Exits 0 if all verdicts are as expected and nothing is left; otherwise, exits 1.
    """
    from labkit.cli.common.output import print_json
    from labkit.cli.common.progress import terminal_progress
    from labkit.plurals import counted
    from labkit.report.as_json import as_json as grades_as_json
    from labkit.scenario import find_scenario
    from labkit.workflow import demo_run

    title = find_scenario(scenario).title
    phases = Phases(quiet=as_json)
    with ExitStack() as stack:
        with phases.phase(
            "start", f"Start the AWS emulator and create {counted(seats, 'account')}"
        ):
            stack.enter_context(embedded_aws(demo_run.REGION))
            progress = terminal_progress(quiet=not phases.live)
            operations = demo_run.begin(seats, scenario, progress)
        with phases.phase(
            "up", "Deploy an evidence stack and a lab for each seat", has_display=True
        ):
            demo_run.require_state(operations.up(), "ready")
        with phases.phase("simulate", f"Make it happen: {title}", has_display=True):
            demo_run.require_state(operations.simulate(), "incident")
        with phases.phase("attend", "Let scripted attendees solve, guess, or do nothing"):
            demo_run.attend(operations)
        with phases.phase(
            "grade", "Grade the answers by each account's own logs", has_display=True
        ):
            grades = demo_run.judge(operations)
        with phases.phase("down", "Remove everything and look for leftovers", has_display=True):
            removed = operations.down()
    unexpected = demo_run.unexpected_results(operations, grades, removed)
    if as_json:
        report = {**grades_as_json(grades), "phases": phases.seconds, "removed": removed}
        print_json(report | {"unexpected_results": unexpected})
    else:
        _print_end(grades, removed, sum(phases.seconds.values()))
    for line in unexpected:
        typer.echo(f"labkit: unexpected: {line}", err=True)
    if unexpected:
        raise typer.Exit(1)


def _print_end(grades: Grades, removed: list[Row], seconds: float) -> None:
    """Print the verdicts, and what's left in each account."""
    from labkit.cli.common.output import fold
    from labkit.plurals import counted
    from labkit.report.as_text import class_table

    console = Console()
    console.print()
    console.print(class_table(grades))
    console.print()
    for row in removed:
        later = ""
        if servers := len(row["goes_by_itself"]):
            them = "it" if servers == 1 else "them"
            later = f" ({counted(servers, 'terminated server')}; AWS removes {them} within an hour)"
        line = f"{row['seat']}: {row['detail']}{later}"
        typer.echo(fold(line, indent="  "))
    typer.echo(f"\nThe whole workshop took {seconds:.1f} s.")
