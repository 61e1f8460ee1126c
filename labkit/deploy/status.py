"""Look up the state of a seat's lab in its account."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from labkit.aws import Account, ClientError, error_code, explain_errors
from labkit.deploy import changes, stacks
from labkit.deploy.lab import DeployedLab, read_lab
from labkit.deploy.stacks import Stack
from labkit.errors import CloudError, UsageError
from labkit.model import Lab, Seat, SeatState, Workshop
from labkit.names import evidence_stack, seat_stack, threat_list_stack
from labkit.plurals import counted
from labkit.scenario import find_scenario
from labkit.simulate import ledger

_LIST_DIFFERS = "GuardDuty's threat list differs from workshop.toml; to update it, run 'labkit up'"
_LAB_DIFFERS = "the lab differs from workshop.toml; to update it, run 'labkit up'"
LAB_DIFFERS_BUT_STAYS = (
    "the lab differs from workshop.toml, but labkit won't change it because its logs are evidence"
)


@dataclass(frozen=True, slots=True)
class SeatStatus:
    """The state of one seat; ``deployed`` is None while not all of its stacks are complete."""

    seat: str
    account: str
    state: SeatState
    detail: str
    deployed: DeployedLab | None = None

    @property
    def lab(self) -> Lab | None:
        return self.deployed.lab if self.deployed is not None else None


def status(
    account: Account, workshop: Workshop, seat: Seat, template: str | None = None
) -> SeatStatus:
    """Look up the state of a seat's lab. With ``template``, also check whether the lab was created from it."""
    account_id = account.id
    evidence = stacks.find(account, evidence_stack(workshop), workshop.name)
    listed = find_scenario(workshop.scenario).has_threat_list
    threat_list = (
        stacks.find(account, threat_list_stack(workshop), workshop.name) if listed else None
    )
    lab = stacks.find(account, seat_stack(workshop, seat.id), workshop.name, seat.id)
    if lab is None and (evidence is None or not evidence.in_progress):
        shared = [stack.name for stack in (evidence, threat_list) if stack is not None]
        detail = (
            f"no lab, but the account has {' and '.join(shared)}"
            if shared
            else "nothing is deployed"
        )
        return SeatStatus(seat.id, account_id, SeatState.ABSENT, detail)
    for stack in (lab, evidence, threat_list):
        early = _incomplete_stack(account, stack)
        if early is not None:
            return SeatStatus(seat.id, account_id, *early)
    if evidence is None or lab is None or (listed and threat_list is None):
        return SeatStatus(seat.id, account_id, SeatState.DEPLOYING, "some stacks don't exist yet")
    deployed = replace(
        read_lab(account, evidence, threat_list, lab),
        list_differs=threat_list is not None
        and changes.list_differs(workshop, evidence, threat_list),
        lab_differs=template is not None
        and changes.lab_differs(account, lab, template, workshop, seat),
    )
    state, detail = _readiness(account, workshop, seat, deployed)
    return SeatStatus(seat.id, account_id, state, detail, deployed)


def expiry(account: Account, workshop: Workshop, seat: str) -> datetime | None:
    """Return when a seat's lab expires, according to its stack; None if there is no lab."""
    stack = stacks.find(account, seat_stack(workshop, seat), workshop.name, seat)
    if stack is None or stack.expires is None:
        return None
    return datetime.fromisoformat(stack.expires)


def _incomplete_stack(account: Account, stack: Stack | None) -> tuple[SeatState, str] | None:
    if stack is None or stack.complete:
        return None
    if stack.status == "DELETE_IN_PROGRESS":
        return SeatState.REMOVING, f"the stack {stack.name} is being deleted"
    if stack.in_progress and not stack.status.startswith("ROLLBACK"):
        return SeatState.DEPLOYING, f"the stack {stack.name} is {stack.status}"
    cause = stacks.first_cause(account, stack.id)
    return SeatState.FAILED, f"the stack {stack.name} is {stack.status}: {cause}"


def _readiness(
    account: Account, workshop: Workshop, seat: Seat, deployed: DeployedLab
) -> tuple[SeatState, str]:
    runs = ledger.runs(account, workshop, seat.id)
    if (list_status := _list_status(account, deployed)) == "ERROR":
        return SeatState.FAILED, "GuardDuty can't read the threat list"
    reasons = pending_reasons(account, deployed, list_status)
    if runs:
        notes = [LAB_DIFFERS_BUT_STAYS] if deployed.lab_differs else []
        return SeatState.INCIDENT, "; ".join([counted(len(runs), "run"), *reasons, *notes])
    notes = [_LAB_DIFFERS] if deployed.lab_differs else []
    if reasons:
        return SeatState.PREPARING, "; ".join([*reasons, *notes])
    return SeatState.READY, "; ".join(["ready for 'labkit simulate'", *notes])


def pending_reasons(account: Account, deployed: DeployedLab, list_status: str | None) -> list[str]:
    """Return what isn't working yet in a complete lab, in short phrases."""
    return [
        *_detection_gaps(account, deployed, list_status),
        *_trail_problems(account, deployed),
        *_flow_log_problems(account, deployed),
    ]


def not_ready_reasons(account: Account, deployed: DeployedLab) -> list[str]:
    """Return why nothing would detect an incident now.

    Late logs don't count: they arrive eventually, but an alert that GuardDuty misses never does.

    Raises ``CloudError`` if waiting won't help.
    """
    list_status = _list_status(account, deployed)
    if list_status == "ERROR":
        raise CloudError(
            "GuardDuty can't read the threat list, so it wouldn't raise an alert.",
            "Look at the list in the GuardDuty console. To recreate it, run 'labkit down', then 'labkit up'.",
        )
    if deployed.list_differs:
        raise UsageError(
            "GuardDuty's threat list differs from workshop.toml, so there might be no alert.",
            "Run 'labkit up' to update the list.",
        )
    return _detection_gaps(account, deployed, list_status)


def _detection_gaps(account: Account, deployed: DeployedLab, list_status: str | None) -> list[str]:
    listed = [] if list_status in (None, "ACTIVE") else [f"the threat list is {list_status}"]
    if deployed.list_differs:
        listed = [_LIST_DIFFERS]
    return [*listed, *_silent_agents(account, deployed)]


def _list_status(account: Account, deployed: DeployedLab) -> str | None:
    """Return the threat list's status, or None without a list (GuardDuty user guide, "Understanding list statuses")."""
    if deployed.lab.threat_list_id is None:
        return None
    with explain_errors("reading the threat list's state"):
        found = account.client("guardduty").get_threat_intel_set(
            DetectorId=deployed.lab.detector_id, ThreatIntelSetId=deployed.lab.threat_list_id
        )
    return str(found["Status"])


def _trail_problems(account: Account, deployed: DeployedLab) -> list[str]:
    with explain_errors("reading the trail's state"):
        found = account.client("cloudtrail").get_trail_status(Name=deployed.lab.trail_name)
    phrases = []
    if not found.get("IsLogging"):
        phrases.append("the trail isn't logging")
    if "LatestDeliveryTime" not in found:
        phrases.append("the trail hasn't delivered anything yet")
    for key, what in (
        ("LatestDeliveryError", "to its bucket"), ("LatestCloudWatchLogsDeliveryError", "to its log group"),
    ):  # fmt: skip
        if found.get(key):
            phrases.append(f"the trail can't deliver {what}: {found[key]}")
    return phrases


def _silent_agents(account: Account, deployed: DeployedLab) -> list[str]:
    logs = account.client("logs")
    silent = []
    for server in deployed.lab.instances:
        group = f"{server.instance_id}-commands-log"
        with explain_errors("looking for the servers' first log lines"):
            try:
                found = logs.filter_log_events(logGroupName=group, limit=1)["events"]
            except ClientError as error:
                if error_code(error) != "ResourceNotFoundException":
                    raise
                found = []
        if not found:
            silent.append(server.instance_id)
    return [f"no log lines yet from {', '.join(silent)}"] if silent else []


def _flow_log_problems(account: Account, deployed: DeployedLab) -> list[str]:
    with explain_errors("reading the flow log's state"):
        found = account.client("ec2").describe_flow_logs(
            Filters=[{"Name": "log-group-name", "Values": [deployed.lab.flow_log_group]}]
        )["FlowLogs"]
    if not found:
        return ["the flow log doesn't exist"]
    failed = [log for log in found if log.get("DeliverLogsStatus") == "FAILED"]
    return [
        f"the flow log can't deliver: {log.get('DeliverLogsErrorMessage', '')}" for log in failed
    ]
