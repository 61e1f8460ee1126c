"""``labkit down``: remove the labs and check that nothing is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from labkit.cli.common.app import Group, verb
from labkit.cli.common.options import (
    DEFAULT_FILE,
    AsJson,
    DryRun,
    Seats,
    WorkshopFile,
    Yes,
    load,
)

if TYPE_CHECKING:
    from labkit.workflow.operations import Operations


@verb("down", Group.INSTRUCTOR)
def down(
    file: WorkshopFile = DEFAULT_FILE,
    *,
    seat: Seats = None,
    as_json: AsJson = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    discard: Annotated[
        bool, typer.Option("--discard", help="Don't save evidence and verdicts under .labkit/.")
    ] = False,
) -> None:
    """Save evidence and verdicts, then remove every seat's lab and check that nothing is left.

    Exits 1 if something is left in a seat.
    """
    from labkit.cli.common.changes import Change, Flags, carry_out
    from labkit.cli.common.progress import terminal_progress
    from labkit.plurals import counted
    from labkit.workflow.operations import Operations

    operations = Operations.on(load(file), seat, terminal_progress(quiet=as_json))

    def archive_and_remove() -> list[dict[str, object]]:
        if not discard:
            _archive(operations)
        return operations.down()

    workshop = operations.workshop
    question = f"Permanently remove {counted(len(operations.seats), 'lab')} of {workshop.name}?"
    change = Change(operations.plan_down, question, archive_and_remove)
    carry_out(workshop, change, Flags(as_json, dry_run, yes))


def _archive(operations: Operations) -> None:
    from labkit.workflow.archive import archive

    folder = archive(operations, operations.now())
    if folder is not None:
        typer.echo(f"Saved evidence and verdicts in {folder}.", err=True)
