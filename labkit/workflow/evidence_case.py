"""What to collect for one seat: its lab, its runs, and the marks that its scenario leaves in the logs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from labkit.aws import Account, explain_errors
from labkit.clock import Clock
from labkit.errors import CloudError
from labkit.evidence.calls import AwsCallError
from labkit.evidence.collect import Case
from labkit.evidence.runs import from_history
from labkit.model import Lab, Run, Workshop
from labkit.names import role
from labkit.scenario import find_scenario, threat_addresses

# CloudTrail user guide: event history holds the management events of the last 90 days.
_HISTORY = timedelta(days=90)


def runs_of(account: Account, lab: Lab, now: datetime) -> tuple[Run, ...]:
    """Return a seat's runs according to its event history, for attendees and instructors alike."""
    instance_ids = [server.instance_id for server in lab.instances]
    cloudtrail = account.client("cloudtrail")
    with explain_errors("looking up the incident in the event history"):
        try:
            return from_history(
                cloudtrail, instance_ids, now - _HISTORY, now, lab.operator_role_arn
            )
        except AwsCallError as error:
            raise CloudError(f"{error.explain()}.", "Grade again.") from error


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
