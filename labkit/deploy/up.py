"""``up``: one evidence stack per account, one threat list if the scenario has one, one lab stack per seat.

The evidence stack comes first, because the trail and the detector must exist before the labs that they observe. The
threat list and the labs follow concurrently.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from labkit.aws import Account, explain_errors
from labkit.concurrent import Result, map_seats
from labkit.deploy import changes, stacks
from labkit.deploy.detector import ensure_detector, has_detector
from labkit.deploy.expiry import expiry_for, expiry_parameters, format_time, parse_time
from labkit.deploy.lab import DeployedLab, read_lab
from labkit.deploy.placement import latest_image, placements
from labkit.deploy.request import DeployRequest, Seats, execute_accounts, plan_accounts
from labkit.deploy.updates import Update, apply
from labkit.model import Action, Seat, Workshop
from labkit.names import (
    TAG_EXPIRES,
    TAG_SEAT,
    TAG_WORKSHOP,
    detector_stack_name,
    evidence_stack,
    expiry_stack,
    seat_stack,
    threat_list_stack,
)  # fmt: skip
from labkit.simulate import ledger

Templates = Mapping[str, str]
"""A workshop's templates by role (see ``labkit.scenario.TEMPLATES``)."""


@dataclass(frozen=True, slots=True)
class AccountStacks:
    """The stacks that an account's seats share."""

    evidence: stacks.Stack
    threat_list_id: str | None
    """The id of the threat list's stack; None if the scenario has no threat list."""
    expires: datetime
    image: str
    """The image of new servers."""


def plan(request: DeployRequest, templates: Templates) -> tuple[Action, ...]:
    """Return what ``up`` would create or change."""
    return plan_accounts(
        request, lambda account, seats: _plan_account(request.workshop, templates, account, seats)
    )


def _plan_account(
    workshop: Workshop, templates: Templates, account: Account, seats: Seats
) -> Iterator[Action]:
    evidence = _complete_stack(account, evidence_stack(workshop), workshop)
    if _complete_stack(account, expiry_stack(workshop), workshop) is None:
        yield _action(account, None, "create", "stack", expiry_stack(workshop))
    if not has_detector(account):
        yield _action(account, None, "create", "stack", detector_stack_name(workshop.name))
    if evidence is None:
        yield _action(account, None, "create", "stack", evidence_stack(workshop))
    if "threat_list" in templates:
        name = threat_list_stack(workshop)
        action = _threat_list_action(workshop, evidence, _complete_stack(account, name, workshop))
        if action is not None:
            yield _action(account, None, "upload", "object", changes.list_key(workshop))
            yield _action(account, None, action, "stack", name)
    for seat in seats:
        name = seat_stack(workshop, seat.id)
        lab = _complete_stack(account, name, workshop, seat.id)
        if lab is None:
            yield _action(account, seat.id, "create", "stack", name)
        elif _must_update(workshop, templates, account, lab, seat):
            yield _action(account, seat.id, "update", "stack", name)


def _action(account: Account, seat: str | None, verb: str, kind: str, name: str) -> Action:
    return Action(account.id, account.region, seat, verb, kind, name, "workshop.toml")


def _threat_list_action(
    workshop: Workshop, evidence: stacks.Stack | None, threat_list: stacks.Stack | None
) -> str | None:
    if threat_list is None or evidence is None:
        return "create"
    return "update" if changes.list_differs(workshop, evidence, threat_list) else None


def _must_update(
    workshop: Workshop, templates: Templates, account: Account, lab: stacks.Stack, seat: Seat
) -> bool:
    """Whether to update a lab in place.

    After a run, the lab must not change, because its logs are evidence.
    """
    return (
        changes.can_update(lab)
        and changes.lab_differs(account, lab, templates["lab"], workshop, seat)
        and not ledger.read(account, workshop, seat.id)
    )


def up(request: DeployRequest, templates: Templates) -> list[Result[Seat, DeployedLab]]:
    """Create every seat's lab; keep what exists, retry what failed."""
    prepared = execute_accounts(
        request, lambda account, seats: _prepare_account(request, templates, account, seats)
    )

    def create_lab(seat: Seat) -> DeployedLab:
        shared = prepared[seat.id]
        if shared.error is not None:
            raise shared.error
        if shared.value is None:
            raise AssertionError("an account has either shared stacks or an error")
        account = request.cloud.account(seat.account)
        return _create_lab(request, templates, account, shared.value, seat)

    return map_seats(request.seats, create_lab, interrupt=request.interrupt)


def _complete_stack(
    account: Account, name: str, workshop: Workshop, seat: str | None = None
) -> stacks.Stack | None:
    stack = stacks.find(account, name, workshop.name, seat)
    return stack if stack is not None and stack.complete else None


def _prepare_account(
    request: DeployRequest, templates: Templates, account: Account, seats: Seats
) -> AccountStacks:
    """Create the evidence stack and, if there is a threat list, upload it and start creating its stack."""
    workshop = request.workshop
    for seat in seats:
        request.tell(seat.id, "evidence")
    name, clock = evidence_stack(workshop), request.clock
    existing = stacks.find(account, name, workshop.name)
    expires = _expiry(request, existing)
    _create_expiry(request, templates["expiry"], account, expires)
    detector = ensure_detector(account, workshop, templates["detector"], expires, clock)
    stack_id = stacks.create(
        account,
        name,
        templates["evidence"],
        {**expiry_parameters(expires, clock.now()), "DetectorId": detector},
        _tags(workshop, expires),
        existing,
        clock,
    )
    evidence = stacks.wait_complete(account, stack_id, clock)
    threat_list_id = None
    if "threat_list" in templates:
        threat_list_id = _start_threat_list(
            request, templates["threat_list"], account, evidence, expires
        )
    return AccountStacks(evidence, threat_list_id, expires, latest_image(account))


def _expiry(request: DeployRequest, evidence: stacks.Stack | None) -> datetime:
    """Return when new stacks expire: with the evidence, which the first ``up`` creates."""
    known = parse_time(evidence.expires or "") if evidence is not None else None
    return known or expiry_for(request.workshop, request.clock.now())


def _tags(workshop: Workshop, expires: datetime) -> dict[str, str]:
    return {TAG_WORKSHOP: workshop.name, TAG_EXPIRES: format_time(expires)}


def _create_expiry(
    request: DeployRequest, template: str, account: Account, expires: datetime
) -> None:
    """Create the role and the schedule group that the schedules of all other stacks need."""
    workshop, name = request.workshop, expiry_stack(request.workshop)
    stack_id = stacks.create(
        account,
        name,
        template,
        {"Expires": format_time(expires)},
        _tags(workshop, expires),
        stacks.find(account, name, workshop.name),
        request.clock,
    )
    stacks.wait_complete(account, stack_id, request.clock)


def _start_threat_list(
    request: DeployRequest,
    template: str,
    account: Account,
    evidence: stacks.Stack,
    expires: datetime,
) -> str:
    """Upload the list to the evidence stack's bucket and start creating its stack; returns the stack's id."""
    workshop = request.workshop
    name = threat_list_stack(workshop)
    existing = stacks.find(account, name, workshop.name)
    location = {changes.LIST_PARAMETER: changes.list_location(workshop, evidence)}
    if existing is None or not existing.complete:  # GuardDuty reads the object on creation
        _upload_list(account, evidence, workshop)
    elif changes.list_differs(workshop, evidence, existing):
        _upload_list(account, evidence, workshop)
        update = Update(location, template=template)
        return apply(account, existing, update, request.clock).id
    return stacks.create(
        account,
        name,
        template,
        {
            "Expires": format_time(expires),
            "DetectorId": evidence.outputs["DetectorId"],
            **location,
        },
        _tags(workshop, expires),
        existing,
        request.clock,
    )


def _upload_list(account: Account, evidence: stacks.Stack, workshop: Workshop) -> None:
    with explain_errors("uploading the threat list"):
        account.client("s3").put_object(
            Bucket=evidence.outputs["TrailBucket"],
            Key=changes.list_key(workshop),
            Body=changes.list_text(workshop).encode(),
            ContentType="text/plain",
        )


def _create_lab(
    request: DeployRequest,
    templates: Templates,
    account: Account,
    shared: AccountStacks,
    seat: Seat,
) -> DeployedLab:
    workshop, clock, template = request.workshop, request.clock, templates["lab"]
    request.tell(seat.id, "lab")
    name = seat_stack(workshop, seat.id)
    tags = _tags(workshop, shared.expires) | {TAG_SEAT: seat.id}
    parameters = _lab_parameters(request, account, shared, seat)
    existing = stacks.find(account, name, workshop.name, seat.id)
    stack_id = stacks.create(account, name, template, parameters, tags, existing, clock)
    stack = stacks.wait_complete(account, stack_id, clock)
    if existing is not None and _must_update(workshop, templates, account, stack, seat):
        for changed in changes.lab_updates(stack, workshop, seat):
            stack = apply(account, stack, Update(changed, template=template), clock)
    threat_list = (
        stacks.wait_complete(account, shared.threat_list_id, clock)
        if shared.threat_list_id
        else None
    )
    request.tell(seat.id, "ready")
    return read_lab(account, shared.evidence, threat_list, stack)


def _lab_parameters(
    request: DeployRequest, account: Account, shared: AccountStacks, seat: Seat
) -> dict[str, str]:
    return {
        "Seat": seat.id,
        **expiry_parameters(shared.expires, request.clock.now()),
        "TrustedPrincipals": account.principal_arn(),
        **changes.lab_parameters(request.workshop, seat),
        "TrailBucket": shared.evidence.outputs["TrailBucket"],
        "DetectorId": shared.evidence.outputs["DetectorId"],
        changes.IMAGE_PARAMETER: shared.image,
        **placements(account, seat.id)[0].parameters,
    }
