"""``labkit up``: a lab for every seat."""

from __future__ import annotations

from labkit.cli.common.app import verb
from labkit.cli.common.options import (
    DEFAULT_FILE,
    AsJson,
    DryRun,
    Seats,
    WorkshopFile,
    Yes,
    load,
)


@verb("up")
def up(
    file: WorkshopFile = DEFAULT_FILE,
    *,
    seat: Seats = None,
    as_json: AsJson = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Deploy a lab for every seat; returns when all are complete.

    Run it again to retry what failed; it keeps what is complete. Exits 1 when a seat has failed.
    """
    from labkit.cli.common.changes import Change, Flags, carry_out
    from labkit.cli.common.progress import terminal_progress
    from labkit.workflow.operations import Operations

    operations = Operations.on(load(file), seat, terminal_progress(quiet=as_json))
    workshop = operations.workshop
    question = f"Deploy {len(operations.seats)} lab(s) of {workshop.name}?"
    change = Change(operations.plan_up, question, operations.up)
    carry_out(workshop, change, Flags(as_json, dry_run, yes))
