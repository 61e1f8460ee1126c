"""``up``: one evidence stack an account, one threat list where the scenario has one, one lab stack a seat.

What observes exists before what is observed: the evidence stack comes first; the threat list and the labs
are made beside each other after it.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from labkit.aws import Account, Cloud, explain_errors
from labkit.concurrent import Interrupt, Result, map_seats
from labkit.deploy import changes, stacks
from labkit.deploy.lab import DeployedLab, read_lab
from labkit.errors import CloudError
from labkit.model import Seat, Step, Workshop
from labkit.names import (
    TAG_EXPIRES,
    TAG_SEAT,
    TAG_WORKSHOP,
    evidence_stack,
    seat_stack,
    threat_list_stack,
)  # fmt: skip
from labkit.progress import Tell
from labkit.simulate import ledger

_TIME = "%Y-%m-%dT%H:%M:%SZ"
# A deletion that fails is tried again every hour for this long (templates: Expiry).
_EXPIRY_TRIES_FOR = timedelta(days=1)
_INSTANCE_TYPES = ("t3.micro", "t3a.micro")

Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Order:
    """What ``up`` is to bring about, and by which means."""

    workshop: Workshop
    seats: tuple[Seat, ...]
    templates: Mapping[str, str]
    cloud: Cloud
    now: Now
    interrupt: Interrupt
    tell: Tell

    @property
    def has_threat_list(self) -> bool:
        return "threat_list" in self.templates


@dataclass(frozen=True, slots=True)
class _Ground:
    """What an account's seats stand on."""

    evidence: stacks.Stack
    threat_list_id: str | None
    """The stack of the threat list; None where the scenario has none."""
    expires: str


def by_account(cloud: Cloud, seats: tuple[Seat, ...]) -> dict[str, list[Seat]]:
    """The seats grouped by the account they are in."""
    own = cloud.caller.id
    groups: dict[str, list[Seat]] = defaultdict(list)
    for seat in seats:
        groups[seat.account or own].append(seat)
    return dict(groups)


def plan(order: Order) -> tuple[Step, ...]:
    """What ``up`` would make or change; what is there already as it should be is not in it."""
    steps: list[Step] = []
    for account_id, seats in by_account(order.cloud, order.seats).items():
        account, workshop = order.cloud.account(account_id), order.workshop
        evidence = _complete(account, evidence_stack(workshop), workshop)
        if evidence is None:
            steps.append(Step(None, "create", "stack", evidence_stack(workshop), account_id))
        if order.has_threat_list:
            name = threat_list_stack(workshop)
            action = _list_action(workshop, evidence, _complete(account, name, workshop))
            if action is not None:
                steps.append(Step(None, "upload", "object", changes.list_key(workshop), account_id))
                steps.append(Step(None, action, "stack", name, account_id))
        for seat in seats:
            name = seat_stack(workshop, seat.id)
            lab = _complete(account, name, workshop, seat.id)
            if lab is None:
                steps.append(Step(seat.id, "create", "stack", name, account_id))
            elif _lab_changes(order, account, lab, seat):
                steps.append(Step(seat.id, "update", "stack", name, account_id))
    return tuple(steps)


def _list_action(
    workshop: Workshop, evidence: stacks.Stack | None, listed: stacks.Stack | None
) -> str | None:
    if listed is None or evidence is None:
        return "create"
    return "update" if changes.list_differs(workshop, evidence, listed) else None


def _lab_changes(order: Order, account: Account, lab: stacks.Stack, seat: Seat) -> bool:
    """Whether a lab is to be changed in place: not any more when its logs are evidence."""
    return changes.lab_differs(
        account, lab, order.templates["lab"], order.workshop, seat
    ) and not ledger.read(account, order.workshop, seat.id)


def up(order: Order) -> list[Result[Seat, DeployedLab]]:
    """Make every seat's lab; what is there is kept, what failed is tried again."""
    groups = by_account(order.cloud, order.seats)
    grounds = map_seats(
        groups.items(), lambda item: _prepare(order, *item), interrupt=order.interrupt
    )
    ready = {done.item[0]: done for done in grounds}

    def one(seat: Seat) -> DeployedLab:
        account_id = seat.account or order.cloud.caller.id
        prepared = ready[account_id]
        if prepared.error is not None:
            raise prepared.error
        if prepared.value is None:
            raise AssertionError("a ground is there or an error")
        return _make_lab(order, order.cloud.account(account_id), prepared.value, seat)

    return map_seats(order.seats, one, interrupt=order.interrupt)


def _complete(
    account: Account, name: str, workshop: Workshop, seat: str | None = None
) -> stacks.Stack | None:
    stack = stacks.find(account, name, workshop.name, seat)
    return stack if stack is not None and stack.complete else None


def _prepare(order: Order, account_id: str, seats: list[Seat]) -> _Ground:
    """The evidence stack, and if need be the list in its bucket and a threat-list stack in the making."""
    account, workshop = order.cloud.account(account_id), order.workshop
    for seat in seats:
        order.tell(seat.id, "evidence")
    name = evidence_stack(workshop)
    existing = stacks.find(account, name, workshop.name)
    expires = (existing.expires if existing else None) or _expiry(order)
    tags = {TAG_WORKSHOP: workshop.name, TAG_EXPIRES: expires}
    parameters = {"Expires": expires, "ExistingDetectorId": _foreign_detector(account, existing)}
    stack_id = stacks.create(
        account,
        name,
        order.templates["evidence"],
        parameters,
        tags,
        existing,
        order.interrupt.sleep,
    )
    evidence = stacks.wait_complete(account, stack_id, order.interrupt.sleep)
    list_id = None
    if order.has_threat_list:
        list_id = _begin_list(order, account, evidence, expires)
    return _Ground(evidence, list_id, expires)


def _begin_list(order: Order, account: Account, evidence: stacks.Stack, expires: str) -> str:
    """The list in the evidence stack's bucket, and the stack of the threat list in the making; its id."""
    workshop = order.workshop
    name = threat_list_stack(workshop)
    listed = stacks.find(account, name, workshop.name)
    location = {changes.LIST_PARAMETER: changes.list_location(workshop, evidence)}
    if listed is None or not listed.complete:  # GuardDuty reads the object when the list is made
        _upload_list(account, evidence, workshop)
    elif changes.list_differs(workshop, evidence, listed):
        _upload_list(account, evidence, workshop)
        template = order.templates["threat_list"]
        return stacks.update(account, listed, template, location, order.interrupt.sleep).id
    return stacks.create(
        account,
        name,
        order.templates["threat_list"],
        {"Expires": expires, "DetectorId": evidence.outputs["DetectorId"], **location},
        {TAG_WORKSHOP: workshop.name, TAG_EXPIRES: expires},
        listed,
        order.interrupt.sleep,
    )


def _expiry(order: Order) -> str:
    return (order.now() + order.workshop.ttl).strftime(_TIME)


def _foreign_detector(account: Account, evidence: stacks.Stack | None) -> str:
    """The id of a detector that is not this workshop's own, or an empty text.

    An account has at most one (GuardDuty user guide, "Concepts and terminology"); one that is there is used and
    neither changed nor deleted.
    """
    if evidence is not None and "ExistingDetectorId" in evidence.parameters:
        return evidence.parameters["ExistingDetectorId"]
    with explain_errors("looking for a GuardDuty detector"):
        found = account.client("guardduty").list_detectors()["DetectorIds"]
    return str(found[0]) if found else ""


def _upload_list(account: Account, evidence: stacks.Stack, workshop: Workshop) -> None:
    with explain_errors("uploading the threat list"):
        account.client("s3").put_object(
            Bucket=evidence.outputs["TrailBucket"],
            Key=changes.list_key(workshop),
            Body=changes.list_text(workshop).encode(),
            ContentType="text/plain",
        )


def _make_lab(order: Order, account: Account, ground: _Ground, seat: Seat) -> DeployedLab:
    workshop = order.workshop
    order.tell(seat.id, "lab")
    name = seat_stack(workshop, seat.id)
    tags = {TAG_WORKSHOP: workshop.name, TAG_SEAT: seat.id, TAG_EXPIRES: ground.expires}
    sleep, template = order.interrupt.sleep, order.templates["lab"]
    parameters = _lab_parameters(account, ground, workshop, seat)
    existing = stacks.find(account, name, workshop.name, seat.id)
    stack_id = stacks.create(account, name, template, parameters, tags, existing, sleep)
    made = stacks.wait_complete(account, stack_id, sleep)
    if existing is not None and _lab_changes(order, account, made, seat):
        for changed in changes.lab_updates(made, workshop, seat):
            made = stacks.update(account, made, template, changed, sleep)
    threat_list = (
        stacks.wait_complete(account, ground.threat_list_id, order.interrupt.sleep)
        if ground.threat_list_id
        else None
    )
    order.tell(seat.id, "ready")
    return read_lab(account, ground.evidence, threat_list, made)


def _lab_parameters(
    account: Account, ground: _Ground, workshop: Workshop, seat: Seat
) -> dict[str, str]:
    kind, zone = _place(account, seat)
    ends = datetime.strptime(ground.expires, _TIME).replace(tzinfo=UTC) + _EXPIRY_TRIES_FOR
    return {
        "Seat": seat.id,
        "Expires": ground.expires,
        "ExpiryEnds": ends.strftime(_TIME),
        "TrustedPrincipals": account.principal_arn(),
        **changes.lab_parameters(workshop, seat),
        "TrailBucket": ground.evidence.outputs["TrailBucket"],
        "DetectorId": ground.evidence.outputs["DetectorId"],
        "InstanceType": kind,
        "AvailabilityZone": zone,
    }


def _place(account: Account, seat: Seat) -> tuple[str, str]:
    """An instance type that the Region has and a zone that has it; seats spread over the zones.

    Not every zone has every type (EC2 user guide, "Find an Amazon EC2 instance type").
    """
    ec2 = account.client("ec2")
    for kind in _INSTANCE_TYPES:
        with explain_errors("looking for a zone that has the servers' type"):
            offered = ec2.describe_instance_type_offerings(
                LocationType="availability-zone",
                Filters=[{"Name": "instance-type", "Values": [kind]}],
            )["InstanceTypeOfferings"]
        zones = sorted(offering["Location"] for offering in offered)
        if zones:
            return kind, zones[zlib.crc32(seat.id.encode()) % len(zones)]
    raise CloudError(
        f"No zone of {account.region} offers {' or '.join(_INSTANCE_TYPES)}.",
        "Set another region in workshop.toml.",
    )
