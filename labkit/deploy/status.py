"""Look up the state of a seat's lab in its account."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from labkit.aws import Account
from labkit.deploy import changes, stacks
from labkit.deploy.detection import LIST_DIFFERS, email_warnings, find_gaps
from labkit.deploy.expiry import parse_time
from labkit.deploy.lab import DeployedLab, read_lab
from labkit.deploy.stacks import Stack
from labkit.model import Lab, Seat, SeatState, Workshop
from labkit.names import evidence_stack, seat_stack, threat_list_stack
from labkit.plurals import counted
from labkit.scenario import find_scenario
from labkit.simulate import ledger

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
    expires: datetime | None = None
    """When a complete lab deletes itself."""

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
    expires = parse_time(lab.expires or "")
    return SeatStatus(seat.id, account_id, state, detail, deployed, expires)


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
    """Return the state of a complete lab. It's ready only if an incident would be detected and recorded."""
    runs = ledger.runs(account, workshop, seat.id)
    gaps = find_gaps(account, deployed)
    reasons = [gap.what for gap in gaps]
    warnings = email_warnings(account, deployed)
    if runs:
        notes = [LAB_DIFFERS_BUT_STAYS] if deployed.lab_differs else []
        return SeatState.INCIDENT, "; ".join([counted(len(runs), "run"), *reasons, *notes])
    notes = [*warnings, *([_LAB_DIFFERS] if deployed.lab_differs else [])]
    broken = next((gap for gap in gaps if gap.to_do and gap.what != LIST_DIFFERS), None)
    if broken is not None:
        return SeatState.FAILED, "; ".join([*reasons, *notes]) + f". {broken.to_do}"
    if reasons:
        return SeatState.PREPARING, "; ".join([*reasons, *notes])
    return SeatState.READY, "; ".join(["ready for 'labkit simulate'", *notes])
