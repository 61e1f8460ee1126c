"""``labkit extend``: let labs live longer."""

from __future__ import annotations

from typing import Annotated

import typer

from labkit.cli.common import options
from labkit.cli.common.app import Group, verb


@verb("extend", Group.INSTRUCTOR)
def extend(
    duration: Annotated[
        str, typer.Argument(metavar="DURATION", help="How much longer: 2h, 90m, or 1d12h.")
    ],
    file: options.WorkshopFile = options.DEFAULT_FILE,
    *,
    seat: options.Seats = None,
    as_json: options.AsJson = False,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
) -> None:
    """Let labs live longer by a duration, from their expiry or, if that has passed, from now.

    What the seats of an account share lives at least as long. No server restarts. Exits 1 if a seat failed.
    """
    from labkit.cli.common.changes import Change, Flags, carry_out
    from labkit.cli.common.progress import terminal_progress
    from labkit.plurals import counted
    from labkit.workflow.operations import Operations
    from labkit.workshop import parse_span

    by = parse_span(duration, "DURATION")
    operations = Operations.everywhere(
        options.load(file), seat, terminal_progress(quiet=as_json), organization=False
    )
    change = Change(
        lambda: operations.plan_extend(by),
        f"Let {counted(len(operations.seats), 'lab')} of {operations.workshop.name} live {duration} longer?",
        lambda rounds: operations.extend(by, rounds.show),
    )
    carry_out(operations.workshop, change, Flags(as_json, dry_run, yes))
