"""``labkit down``: remove the labs and check that nothing is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from labkit.cli.common import options
from labkit.cli.common.app import Group, verb

if TYPE_CHECKING:
    from collections.abc import Mapping

    from labkit.errors import LabkitError
    from labkit.workflow.operations import Operations


@verb("down", Group.INSTRUCTOR)
def down(
    file: options.WorkshopFile = options.DEFAULT_FILE,
    *,
    seat: options.Seats = None,
    as_json: options.AsJson = False,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    discard: Annotated[
        bool, typer.Option("--discard", help="Don't save evidence and verdicts under .labkit/.")
    ] = False,
) -> None:
    """Save evidence and verdicts, then remove every lab of the workshop and check that nothing is left.

    Finds labs by their tags, also those of seats that workshop.toml no longer lists. A lab whose evidence can't
    be saved stays, unless you pass --discard. Exits 1 if something is left.
    """
    from labkit.cli.common.changes import Change, Flags, Rounds, carry_out
    from labkit.cli.common.output import note_closed_accounts
    from labkit.cli.common.progress import terminal_progress
    from labkit.plurals import counted
    from labkit.workflow.operations import Operations

    operations = Operations.everywhere(options.load(file), seat, terminal_progress(quiet=as_json))

    def archive_and_remove(rounds: Rounds) -> list[dict[str, object]]:
        kept = {} if discard else save_evidence(operations)
        return operations.down(kept, rounds.show)

    workshop = operations.workshop
    note_closed_accounts(operations.closed)
    question = f"Permanently remove {counted(len(operations.seats), 'lab')} of {workshop.name}?"
    change = Change(operations.plan_down, question, archive_and_remove)
    carry_out(workshop, change, Flags(as_json, dry_run, yes))


def save_evidence(operations: Operations, verb: str = "down") -> Mapping[str, LabkitError]:
    """Save evidence and verdicts; returns why some seats' evidence couldn't be saved."""
    from labkit.workflow.archive import archive

    saved = archive(operations, operations.now(), verb)
    if saved.folder is not None:
        typer.echo(f"Saved evidence and verdicts in {saved.folder}.", err=True)
    return saved.failed
