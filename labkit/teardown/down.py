"""``down``: delete the labs, then the threat list, then the evidence, then look for leftovers.

The services dictate the order: an agent recreates its log group as long as its server runs, a trail writes to its
bucket as long as it logs, and a server might write to the lab's bucket. CloudFormation deletes only empty buckets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from labkit.aws import Account, explain_errors
from labkit.concurrent import Result, map_seats
from labkit.deploy import stacks
from labkit.deploy.lab import instance_ids
from labkit.deploy.request import (
    DeployRequest,
    Seats,
    execute_accounts,
    plan_accounts,
    seats_by_account,
)
from labkit.errors import LabkitError
from labkit.model import Leftover, Seat, SelfRemoving, Step
from labkit.names import TAG_SEAT, TAG_WORKSHOP, evidence_stack, seat_stack, threat_list_stack
from labkit.teardown.kinds import buckets, finders, log_groups, parameters, trails
from labkit.teardown.scope import Resource, Scope

_MAX_SEARCHES = 6
_SEARCH_PAUSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class RemovalResult:
    """What still exists of a seat's lab, including what AWS removes on its own."""

    found: tuple[Resource, ...]
    failure: LabkitError | None = None
    """The error that stopped the removal."""

    @property
    def leftovers(self) -> tuple[Leftover, ...]:
        return tuple(
            Leftover(thing.kind, thing.id, thing.reason)
            for thing in self.found
            if not thing.goes_by_itself
        )

    @property
    def goes_by_itself(self) -> tuple[SelfRemoving, ...]:
        return tuple(
            SelfRemoving(thing.kind, thing.id, thing.until)
            for thing in self.found
            if thing.goes_by_itself
        )

    def of(self, seat: str) -> RemovalResult:
        """Without the leftovers of other seats."""
        return replace(self, found=tuple(t for t in self.found if t.seat in (None, seat)))


def plan(request: DeployRequest) -> tuple[Step, ...]:
    """What ``down`` would delete: everything that exists now."""
    return plan_accounts(request, lambda account, seats: _plan_account(request, account, seats))


def _plan_account(request: DeployRequest, account: Account, seats: Seats) -> Iterator[Step]:
    for found in find_all(_scope(request, account, seats)):
        if not found.goes_by_itself:
            yield Step(found.seat, "delete", found.kind, found.id, account.id)


def down(request: DeployRequest) -> list[Result[Seat, RemovalResult]]:
    """Remove the seats' labs and, with the last seat in an account, what its seats shared."""
    done = execute_accounts(
        request, lambda account, seats: _remove_account(request, account, seats)
    )
    return [
        replace(done[seat.id], value=removed and removed.of(seat.id))
        for seat in request.seats
        for removed in (done[seat.id].value,)
    ]


def find_all(scope: Scope) -> list[Resource]:
    """Everything in the scope that exists, according to each service."""
    with explain_errors("looking for leftovers"):
        return [found for find in finders().values() for found in find(scope)]


def _remove_account(request: DeployRequest, account: Account, seats: Seats) -> RemovalResult:
    scope = _scope(request, account, seats)
    try:
        _remove(request, scope, seats)
    except LabkitError as error:
        return RemovalResult(tuple(find_all(scope)), error)
    for seat in seats:
        request.tell(seat.id, "looking")
    return _find_leftovers(request, scope)


def _remove(request: DeployRequest, scope: Scope, seats: Seats) -> None:
    account, workshop = scope.account, request.workshop
    labs = map_seats(
        seats, lambda seat: _remove_lab(request, account, seat), interrupt=request.interrupt
    )
    for done in labs:
        if done.error is not None:
            raise done.error
    log_groups.remove_command_logs(scope)
    parameters.remove(scope)
    if scope.last_in_account:
        _remove_stack(request, account, threat_list_stack(workshop))
        _remove_evidence(request, account)


def _scope(request: DeployRequest, account: Account, seats: Seats) -> Scope:
    """What to remove in an account, determined before anything changes."""
    going = tuple(seat.id for seat in seats)
    others = [
        other.id
        for other in seats_by_account(request.cloud, request.workshop.seats).get(account.id, ())
        if other.id not in going
        and stacks.find(
            account, seat_stack(request.workshop, other.id), request.workshop.name, other.id
        )
    ]
    return Scope(account, request.workshop, going, not others, _instances(request, account, going))


def _instances(request: DeployRequest, account: Account, seats: tuple[str, ...]) -> dict[str, str]:
    """Servers and their seats, from stack outputs and from tags, so that half-deleted stacks count too."""
    seat_of: dict[str, str] = {}
    for seat in seats:
        stack = stacks.find(
            account, seat_stack(request.workshop, seat), request.workshop.name, seat
        )
        if stack is not None:
            seat_of.update(dict.fromkeys(instance_ids(stack), seat))
    filters = [
        {"Name": f"tag:{TAG_WORKSHOP}", "Values": [request.workshop.name]},
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


def _remove_lab(request: DeployRequest, account: Account, seat: Seat) -> None:
    request.tell(seat.id, "lab")
    name = seat_stack(request.workshop, seat.id)
    stack = stacks.find(account, name, request.workshop.name, seat.id)
    if stack is None:
        return
    for bucket in stacks.buckets(account, stack.id):
        buckets.block_and_empty(account, bucket)
    _remove_stack(request, account, name, seat.id)


def _remove_stack(
    request: DeployRequest, account: Account, name: str, seat: str | None = None
) -> None:
    stack = stacks.find(account, name, request.workshop.name, seat)
    if stack is None:
        return
    if stack.status != "DELETE_IN_PROGRESS":
        stacks.delete(account, stack.id)
    stacks.wait_deleted(account, stack.id, request.clock)


def _remove_evidence(request: DeployRequest, account: Account) -> None:
    """Block writes to the bucket, empty it, then delete its stack."""
    name = evidence_stack(request.workshop)
    stack = stacks.find(account, name, request.workshop.name)
    if stack is None:
        return
    bucket, trail = stack.outputs.get("TrailBucket"), stack.outputs.get("TrailName")
    if bucket is not None and trail is not None:
        trails.stop(account, trail)
        buckets.block_and_empty(account, bucket)
    _remove_stack(request, account, name)


def _find_leftovers(request: DeployRequest, scope: Scope) -> RemovalResult:
    """Search until nothing is left, but at most a few times."""
    for _ in range(_MAX_SEARCHES - 1):
        removed = RemovalResult(tuple(find_all(scope)))
        if not removed.leftovers:
            return removed
        log_groups.remove_command_logs(scope)
        request.clock.sleep(_SEARCH_PAUSE_SECONDS)
    return RemovalResult(tuple(find_all(scope)))
