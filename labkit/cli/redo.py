"""``labkit redo``: replace a lab."""

from __future__ import annotations

from typing import Annotated

import typer

from labkit.cli.common import options
from labkit.cli.common.app import Group, verb


@verb("redo", Group.INSTRUCTOR)
def redo(
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
    """Replace the lab of the given seats with a new one. Answers, hints, and runs stay.

    Saves evidence and verdicts first, because the old servers' logs go with them. Exits 1 if a seat failed.
    """
    from labkit.cli.common.changes import Change, Flags, Rounds, carry_out
    from labkit.cli.common.progress import terminal_progress
    from labkit.cli.down import save_evidence
    from labkit.errors import UsageError
    from labkit.workflow.operations import Operations
    from labkit.workflow.rows import failed_row

    if not seat:
        raise UsageError("Which seat's lab do you want to replace?", "Pass --seat ID.")
    operations = Operations.on(options.load(file), seat, terminal_progress(quiet=as_json))

    def save_and_replace(rounds: Rounds) -> list[dict[str, object]]:
        kept = {} if discard else save_evidence(operations, "redo")
        replaced = operations.only({each.id for each in operations.seats} - kept.keys())
        rows = {row["seat"]: row for row in replaced.redo(rounds.show)}
        return [
            rows.get(each.id) or failed_row(each.id, operations.account_of(each), kept[each.id])
            for each in operations.seats
        ]

    question = (
        f"Permanently remove the lab of {', '.join(operations.seat_ids)}, and create a new one?"
    )
    change = Change(operations.plan_redo, question, save_and_replace)
    carry_out(operations.workshop, change, Flags(as_json, dry_run, yes))
