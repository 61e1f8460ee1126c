"""``labkit up``: a lab for every seat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labkit.cli.common import options
from labkit.cli.common.app import Group, verb

if TYPE_CHECKING:
    from labkit.workflow.operations import Operations


@verb("up", Group.INSTRUCTOR)
def up(
    file: options.WorkshopFile = options.DEFAULT_FILE,
    *,
    seat: options.Seats = None,
    as_json: options.AsJson = False,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
) -> None:
    """Deploy a lab for every seat, and return when all are complete.

    You can rerun it: it keeps what's complete and retries what failed. Exits 1 if a seat failed.
    """
    from labkit.cli.common.changes import Change, Flags, Rounds, carry_out
    from labkit.cli.common.progress import terminal_progress
    from labkit.workflow.operations import Operations

    operations = Operations.on(options.load(file), seat, terminal_progress(quiet=as_json))
    workshop = operations.workshop

    def note_and_deploy(rounds: Rounds) -> list[dict[str, object]]:
        operations.note_accounts()
        return operations.up(rounds.show)

    change = Change(operations.plan_up, _question(operations), note_and_deploy)
    carry_out(workshop, change, Flags(as_json, dry_run, yes))


def _question(operations: Operations) -> str:
    """What there is to confirm: how many labs and servers, where, and until when."""
    from labkit.plurals import counted

    workshop, labs = operations.workshop, len(operations.seats)
    facts = [f"new labs expire {operations.now() + workshop.ttl:%Y-%m-%d %H:%M} UTC"]
    if (servers := workshop.settings.get("servers")) is not None:
        facts.insert(0, counted(labs * int(servers), "server"))
    where = f"{workshop.name} in {workshop.region}"
    return f"Deploy {counted(labs, 'lab')} of {where} ({'; '.join(facts)})?"
