"""``down`` in one account: look, plan, remove, and look again until nothing is left.

The services dictate the order: an agent recreates its log group as long as its server runs, a trail writes to its
bucket as long as it logs, and a server might write to the lab's bucket. CloudFormation deletes only empty buckets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from labkit.aws import Account
from labkit.clock import Clock, backoff
from labkit.concurrent import Interrupt
from labkit.deploy import stacks
from labkit.errors import LabkitError
from labkit.model import Leftover, Plan, SelfRemoving
from labkit.planning.executor import Executor, Outcome
from labkit.progress import Tell
from labkit.teardown.actions import starters
from labkit.teardown.inventory import Inventory, take_inventory
from labkit.teardown.planner import plan_teardown
from labkit.teardown.resources import Resource
from labkit.teardown.scope import Scope

# Lists may show what's deleted for a while, so an unchanged plan is repeated this often: if everything in it
# succeeded, and if something failed.
_REPEATS = 6
_REPEATS_AFTER_FAILURE = 1


@dataclass(frozen=True, slots=True)
class Removal:
    """What a teardown did in an account, and what still exists there."""

    account: str
    region: str
    resources: tuple[Resource, ...]
    """What still exists, including what AWS removes on its own."""
    seats: frozenset[str]
    """The seats of which it found anything, before or after."""
    plans: tuple[Plan, ...] = ()
    errors: Mapping[tuple[str, str], LabkitError] | None = None
    """The errors of the last round, by kind and ID."""
    failures: tuple[tuple[str | None, LabkitError], ...] = ()
    """Why the last round failed, by seat, in order."""
    gaps: tuple[LabkitError, ...] = ()
    """Why labkit couldn't look everywhere."""
    staying: tuple[Leftover, ...] = ()
    """What stays because other workshops need it."""

    def leftovers(self, seat: str | None) -> tuple[Leftover, ...]:
        """Return what's left of a seat and of what its account's seats share; None for what's shared alone."""
        return tuple(
            Leftover(each.kind, each.id, self._reason(each))
            for each in self.resources
            if not each.goes_by_itself and each.owner.seat in (None, seat)
        )

    def goes_by_itself(self, seat: str | None) -> tuple[SelfRemoving, ...]:
        return tuple(
            SelfRemoving(each.kind, each.id, each.until)
            for each in self.resources
            if each.goes_by_itself and each.owner.seat in (None, seat)
        )

    def failure(self, seat: str | None) -> LabkitError | None:
        """Return the first error that concerns a seat."""
        if self.gaps:
            return self.gaps[0]
        return next((error for whose, error in self.failures if whose in (None, seat)), None)

    def _reason(self, resource: Resource) -> str:
        error = (self.errors or {}).get((resource.kind, resource.id))
        if error is not None:
            return error.message
        return f"state {resource.state}" if resource.state else "still exists"


@dataclass(frozen=True, slots=True)
class Work:
    """What a teardown needs besides the scope."""

    clock: Clock
    interrupt: Interrupt
    tell: Tell
    show: Callable[[int, Plan], None] = lambda _round, _plan: None
    """Called with each round's number, from 1, and its plan, before labkit carries it out."""


def remove(account: Account, scope: Scope, work: Work) -> Removal:
    """Remove everything in a scope. Raises ``LabkitError`` only if labkit can't look."""
    executor = Executor(
        starters(account, work.clock),
        lambda pending: stacks.settle(account, pending, work.clock),
        work.interrupt,
        work.tell,
    )
    plans: list[Plan] = []
    outcomes: list[Outcome] = []
    seats: set[str] = set()
    repeats = 0
    pauses = backoff(first=1.0, longest=8.0, growth=2.0)
    while True:
        work.interrupt.check()
        inventory = take_inventory(account, scope)
        seats |= {each.owner.seat for each in inventory.resources if each.owner.seat is not None}
        plan = plan_teardown(inventory)
        repeats = repeats + 1 if plans and _same(plan, plans[-1]) else 0
        failed = any(outcome.error is not None for outcome in outcomes)
        if not plan.actions or repeats > (_REPEATS_AFTER_FAILURE if failed else _REPEATS):
            return _removal(inventory, frozenset(seats), plans, outcomes if plan.actions else [])
        if repeats:
            work.clock.sleep(next(pauses))
        plans.append(plan)
        work.show(len(plans), plan)
        outcomes = executor.run(plan)


def _same(plan: Plan, earlier: Plan) -> bool:
    return set(plan.actions) == set(earlier.actions)


def _removal(
    inventory: Inventory, seats: frozenset[str], plans: list[Plan], outcomes: list[Outcome]
) -> Removal:
    failed = [outcome for outcome in outcomes if outcome.error is not None and not outcome.skipped]
    required = [outcome for outcome in failed if outcome.action.required]
    return Removal(
        inventory.account,
        inventory.region,
        inventory.resources,
        seats,
        tuple(plans),
        {(o.action.kind, o.action.id): o.error for o in failed if o.error is not None},
        tuple((o.action.seat, o.error) for o in required or failed if o.error is not None),
        inventory.gaps,
        inventory.staying,
    )
