"""``labkit status``: the state of every seat's lab."""

from __future__ import annotations

from labkit.cli.common.app import Group, verb
from labkit.cli.common.options import DEFAULT_FILE, AsJson, Seats, WorkshopFile, load


@verb("status", Group.INSTRUCTOR)
def status(
    file: WorkshopFile = DEFAULT_FILE, *, seat: Seats = None, as_json: AsJson = False
) -> None:
    """Show the state of every seat's lab.

    States: absent, deploying, preparing (the detail says what's missing), ready (for labkit simulate), incident
    (it has happened), failed, removing. Labs of seats that workshop.toml no longer lists are shown, too. Exits 1 if a
    seat failed.
    """
    from labkit.cli.common.changes import finish
    from labkit.workflow.operations import Operations

    operations = Operations.everywhere(load(file), seat, organization=False)
    finish(operations.workshop, operations.status(), as_json=as_json)
