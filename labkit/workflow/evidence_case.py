"""What to collect for one seat: its lab, its runs, and the marks that its scenario leaves in the logs."""

from __future__ import annotations

from collections.abc import Callable

from labkit.aws import Account
from labkit.clock import Clock
from labkit.evidence.collect import Case
from labkit.model import Lab, Run, Workshop
from labkit.names import role
from labkit.scenario import find_scenario, threat_addresses


def evidence_case(
    account: Account,
    workshop: Workshop,
    seat: str,
    lab: Lab,
    runs: tuple[Run, ...],
    sleep: Callable[[float], None],
) -> Case:
    """Return the case of one seat; ``account`` is a session that can read the seat's logs."""
    return Case(
        client=account.client,
        seat=seat,
        account=account.id,
        region=account.region,
        lab=lab,
        runs=runs,
        threat_addresses=threat_addresses(workshop),
        marks=find_scenario(workshop.scenario).marks_in(workshop),
        server_role=role(workshop, seat, "server"),
        clock=Clock(account.cloud_time.now, sleep),
    )
