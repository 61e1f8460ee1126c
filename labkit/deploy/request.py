"""What ``up`` and ``down`` share: the request, and one call per account with one result per seat."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from labkit.aws import Account, Cloud
from labkit.clock import Clock
from labkit.concurrent import Interrupt, Result, map_seats
from labkit.model import Action, Seat, Workshop
from labkit.progress import Tell

Value = TypeVar("Value")
Seats = tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class DeployRequest:
    """The seats to deploy or remove, and the cloud they are in."""

    workshop: Workshop
    seats: Seats
    cloud: Cloud
    clock: Clock
    interrupt: Interrupt
    tell: Tell


def seats_by_account(cloud: Cloud, seats: Iterable[Seat]) -> dict[str, Seats]:
    """Group the seats by the ID of their account."""
    groups: dict[str, list[Seat]] = defaultdict(list)
    for seat in seats:
        groups[seat.account or cloud.caller.id].append(seat)
    return {account_id: tuple(group) for account_id, group in groups.items()}


def plan_accounts(
    request: DeployRequest, plan_account: Callable[[Account, Seats], Iterable[Action]]
) -> tuple[Action, ...]:
    """Return the steps of every account, in order; ``plan_account`` only reads."""
    return tuple(
        step
        for account_id, seats in seats_by_account(request.cloud, request.seats).items()
        for step in plan_account(request.cloud.account(account_id), seats)
    )


def execute_accounts(
    request: DeployRequest, execute_account: Callable[[Account, Seats], Value]
) -> dict[str, Result[Seat, Value]]:
    """Run a function for all accounts concurrently, and return each account's result for each of its seats, by ID."""
    groups = seats_by_account(request.cloud, request.seats)
    outcomes = map_seats(
        groups.items(),
        lambda group: execute_account(request.cloud.account(group[0]), group[1]),
        interrupt=request.interrupt,
    )
    return {
        seat.id: Result(seat, outcome.value, outcome.error)
        for outcome in outcomes
        for seat in outcome.item[1]
    }
