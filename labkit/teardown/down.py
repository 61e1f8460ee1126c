"""``down``: labs, then the threat list, then the evidence, then a look at what is left.

Order and reasons are the facts of the services: an agent makes its log group again while its server runs,
a trail fills its bucket while it logs, a server the lab's; a bucket goes only when it is empty.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from labkit.aws import Account, Cloud, explain_errors
from labkit.concurrent import Interrupt, Result, map_seats
from labkit.deploy import stacks
from labkit.deploy.lab import instance_ids
from labkit.deploy.up import by_account
from labkit.errors import LabkitError
from labkit.model import GoesByItself, Leftover, Seat, Step, Workshop
from labkit.names import TAG_SEAT, TAG_WORKSHOP, evidence_stack, seat_stack, threat_list_stack
from labkit.progress import Tell
from labkit.teardown.kinds import buckets, finders, log_groups, parameters, trails
from labkit.teardown.scope import Found, Scope

_LOOKS = 6
_LOOK_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Order:
    """What ``down`` is to take down, and by which means."""

    workshop: Workshop
    seats: tuple[Seat, ...]
    cloud: Cloud
    interrupt: Interrupt
    tell: Tell


@dataclass(frozen=True, slots=True)
class Removed:
    """What is left of a seat, and what AWS will remove by itself. Both empty: nothing ever was."""

    found: tuple[Found, ...]
    failure: LabkitError | None = None
    """What kept the rest from being removed."""

    @property
    def leftovers(self) -> tuple[Leftover, ...]:
        return tuple(
            Leftover(thing.kind, thing.id, thing.reason)
            for thing in self.found
            if not thing.goes_by_itself
        )

    @property
    def goes_by_itself(self) -> tuple[GoesByItself, ...]:
        return tuple(
            GoesByItself(thing.kind, thing.id, thing.until)
            for thing in self.found
            if thing.goes_by_itself
        )

    def of(self, seat: str) -> Removed:
        """Without what is another seat's."""
        return replace(self, found=tuple(t for t in self.found if t.seat in (None, seat)))


def plan(order: Order) -> tuple[Step, ...]:
    """What ``down`` would delete: exactly what is found now."""
    steps = []
    for account_id, seats in by_account(order.cloud, order.seats).items():
        scope = _scope(order, account_id, seats)
        steps += [
            Step(found.seat, "delete", found.kind, found.id, account_id)
            for found in look(scope)
            if not found.goes_by_itself
        ]
    return tuple(steps)


def down(order: Order) -> list[Result[Seat, Removed]]:
    """Take the seats' labs down, and with an account's last seat what it shared."""
    groups = by_account(order.cloud, order.seats)
    outcome = map_seats(
        groups.items(), lambda item: _account_down(order, *item), interrupt=order.interrupt
    )
    by_seat: dict[str, Result[Seat, Removed]] = {}
    for done in outcome:
        for seat in done.item[1]:
            by_seat[seat.id] = Result(seat, done.value and done.value.of(seat.id), done.error)
    return [by_seat[seat.id] for seat in order.seats]


def look(scope: Scope) -> list[Found]:
    """Everything of the scope that is there, asked of each service."""
    with explain_errors("looking for what is left"):
        return [found for find in finders().values() for found in find(scope)]


def _account_down(order: Order, account_id: str, seats: list[Seat]) -> Removed:
    scope = _scope(order, account_id, seats)
    try:
        _remove(order, scope, seats)
    except LabkitError as error:
        return Removed(tuple(look(scope)), error)
    for seat in seats:
        order.tell(seat.id, "looking")
    return _prove(order, scope)


def _remove(order: Order, scope: Scope, seats: list[Seat]) -> None:
    account, workshop = scope.account, order.workshop
    labs = map_seats(
        seats, lambda seat: _remove_lab(order, account, seat), interrupt=order.interrupt
    )
    for done in labs:
        if done.error is not None:
            raise done.error
    log_groups.remove_command_logs(scope)
    parameters.remove(scope)
    if scope.last:
        _remove_stack(order, account, threat_list_stack(workshop))
        _remove_evidence(order, account)


def _scope(order: Order, account_id: str, seats: list[Seat]) -> Scope:
    """What goes in an account, worked out before anything is touched."""
    account = order.cloud.account(account_id)
    going = tuple(seat.id for seat in seats)
    others = [
        other.id
        for other in by_account(order.cloud, order.workshop.seats).get(account_id, [])
        if other.id not in going
        and stacks.find(
            account, seat_stack(order.workshop, other.id), order.workshop.name, other.id
        )
    ]
    return Scope(account, order.workshop, going, not others, _instances(order, account, going))


def _instances(order: Order, account: Account, seats: tuple[str, ...]) -> dict[str, str]:
    """Servers and their seats: by the stacks' word and by their tags, so also of stacks half gone."""
    seat_of: dict[str, str] = {}
    for seat in seats:
        stack = stacks.find(account, seat_stack(order.workshop, seat), order.workshop.name, seat)
        if stack is not None:
            seat_of.update(dict.fromkeys(instance_ids(stack), seat))
    filters = [
        {"Name": f"tag:{TAG_WORKSHOP}", "Values": [order.workshop.name]},
        {"Name": f"tag:{TAG_SEAT}", "Values": list(seats)},
    ]
    with explain_errors("looking for servers"):
        for page in (
            account.client("ec2").get_paginator("describe_instances").paginate(Filters=filters)
        ):
            for reservation in page["Reservations"]:
                for server in reservation["Instances"]:
                    tags = {tag["Key"]: tag["Value"] for tag in server["Tags"]}
                    seat_of[server["InstanceId"]] = tags[TAG_SEAT]
    return seat_of


def _remove_lab(order: Order, account: Account, seat: Seat) -> None:
    order.tell(seat.id, "lab")
    name = seat_stack(order.workshop, seat.id)
    stack = stacks.find(account, name, order.workshop.name, seat.id)
    if stack is None:
        return
    for bucket in stacks.buckets(account, stack.id):
        buckets.clear(account, bucket)
    _remove_stack(order, account, name, seat.id)


def _remove_stack(order: Order, account: Account, name: str, seat: str | None = None) -> None:
    stack = stacks.find(account, name, order.workshop.name, seat)
    if stack is None:
        return
    if stack.status != "DELETE_IN_PROGRESS":
        stacks.delete(account, stack.id)
    stacks.wait_deleted(account, stack.id, order.interrupt.sleep)


def _remove_evidence(order: Order, account: Account) -> None:
    """Fence and empty the bucket, then delete the stack it is in."""
    name = evidence_stack(order.workshop)
    stack = stacks.find(account, name, order.workshop.name)
    if stack is None:
        return
    bucket, trail = stack.outputs.get("TrailBucket"), stack.outputs.get("TrailName")
    if bucket is not None and trail is not None:
        trails.stop(account, trail)
        buckets.clear(account, bucket)
    _remove_stack(order, account, name)


def _prove(order: Order, scope: Scope) -> Removed:
    """Look until nothing is left, or what is left stays."""
    for _ in range(_LOOKS - 1):
        removed = Removed(tuple(look(scope)))
        if not removed.leftovers:
            return removed
        log_groups.remove_command_logs(scope)
        order.interrupt.sleep(_LOOK_SECONDS)
    return Removed(tuple(look(scope)))
