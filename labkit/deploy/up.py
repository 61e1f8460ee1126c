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

from labkit.aws import Account, Cloud, explained
from labkit.deploy import stacks
from labkit.deploy.lab import DeployedLab, read_lab
from labkit.errors import CloudError
from labkit.fleet import Done, Interrupt, over
from labkit.model import Seat, Step, Workshop
from labkit.names import (
    TAG_EXPIRES,
    TAG_SEAT,
    TAG_WORKSHOP,
    evidence_stack,
    seat_stack,
    threat_list_stack,
)  # fmt: skip
from labkit.scenario import threat_addresses

LIST_KEY = "threat-list/addresses.txt"

_TIME = "%Y-%m-%dT%H:%M:%SZ"
# A deletion that fails is tried again every hour for this long (templates: Expiry).
_EXPIRY_TRIES_FOR = timedelta(days=1)
_INSTANCE_TYPES = ("t3.micro", "t3a.micro")

Now = Callable[[], datetime]
Tell = Callable[[str, str], None]
"""``tell(seat, what)``: what is going on, for the person who waits."""


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
    """What ``up`` would make; what is there already is not in it."""
    steps = []
    for account_id, seats in by_account(order.cloud, order.seats).items():
        account = order.cloud.account(account_id)
        shared = [("stack", evidence_stack(order.workshop))]
        if order.has_threat_list:
            shared += [("object", LIST_KEY), ("stack", threat_list_stack(order.workshop))]
        listed = _done(account, threat_list_stack(order.workshop), order.workshop.name)
        for kind, name in shared:
            if listed if kind == "object" else _done(account, name, order.workshop.name):
                continue
            action = "create" if kind == "stack" else "upload"
            steps.append(Step(None, action, kind, name, account_id))
        for seat in seats:
            name = seat_stack(order.workshop, seat.id)
            if not _done(account, name, order.workshop.name, seat.id):
                steps.append(Step(seat.id, "create", "stack", name, account_id))
    return tuple(steps)


def up(order: Order) -> list[Done[Seat, DeployedLab]]:
    """Make every seat's lab; what is there is kept, what failed is tried again."""
    groups = by_account(order.cloud, order.seats)
    grounds = over(groups.items(), lambda item: _prepare(order, *item), interrupt=order.interrupt)
    ready = {done.item[0]: done for done in grounds}

    def one(seat: Seat) -> DeployedLab:
        account_id = seat.account or order.cloud.caller.id
        prepared = ready[account_id]
        if prepared.error is not None:
            raise prepared.error
        if prepared.result is None:
            raise AssertionError("a ground is there or an error")
        return _make_lab(order, order.cloud.account(account_id), prepared.result, seat)

    return over(order.seats, one, interrupt=order.interrupt)


def _done(account: Account, name: str, workshop: str, seat: str | None = None) -> bool:
    stack = stacks.find(account, name, workshop, seat)
    return stack is not None and stack.complete


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
    bucket = evidence.outputs["TrailBucket"]
    name = threat_list_stack(workshop)
    listed = stacks.find(account, name, workshop.name)
    if listed is None or not listed.complete:  # GuardDuty reads the object when the list is made
        _upload_list(account, bucket, workshop)
    return stacks.create(
        account,
        name,
        order.templates["threat_list"],
        {
            "Expires": expires,
            "DetectorId": evidence.outputs["DetectorId"],
            "ListLocation": f"s3://{bucket}/{LIST_KEY}",
        },
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
    with explained("looking for a GuardDuty detector"):
        found = account.client("guardduty").list_detectors()["DetectorIds"]
    return str(found[0]) if found else ""


def _upload_list(account: Account, bucket: str, workshop: Workshop) -> None:
    text = "\n".join(threat_addresses(workshop)) + "\n"
    with explained("uploading the threat list"):
        account.client("s3").put_object(
            Bucket=bucket, Key=LIST_KEY, Body=text.encode(), ContentType="text/plain"
        )


def _make_lab(order: Order, account: Account, ground: _Ground, seat: Seat) -> DeployedLab:
    workshop = order.workshop
    order.tell(seat.id, "lab")
    name = seat_stack(workshop, seat.id)
    tags = {TAG_WORKSHOP: workshop.name, TAG_SEAT: seat.id, TAG_EXPIRES: ground.expires}
    stack_id = stacks.create(
        account,
        name,
        order.templates["lab"],
        _lab_parameters(account, ground, seat),
        tags,
        stacks.find(account, name, workshop.name, seat.id),
        order.interrupt.sleep,
    )
    made = stacks.wait_complete(account, stack_id, order.interrupt.sleep)
    threat_list = (
        stacks.wait_complete(account, ground.threat_list_id, order.interrupt.sleep)
        if ground.threat_list_id
        else None
    )
    order.tell(seat.id, "ready")
    return read_lab(account, ground.evidence, threat_list, made)


def _lab_parameters(account: Account, ground: _Ground, seat: Seat) -> dict[str, str]:
    kind, zone = _place(account, seat)
    ends = datetime.strptime(ground.expires, _TIME).replace(tzinfo=UTC) + _EXPIRY_TRIES_FOR
    return {
        "Seat": seat.id,
        "Expires": ground.expires,
        "ExpiryEnds": ends.strftime(_TIME),
        "TrustedPrincipals": account.principal_arn(),
        "AlertEmail": seat.email or "",
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
        with explained("looking for a zone that has the servers' type"):
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
