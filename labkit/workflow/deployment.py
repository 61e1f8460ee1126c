"""Deploy labs in every account, at the same time: look, plan, carry out, until every lab is complete."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from labkit.aws import Account, Cloud
from labkit.clock import Clock
from labkit.concurrent import Interrupt, Result, map_seats
from labkit.deploy import stacks
from labkit.deploy.actions import DeployActions, NoCapacityError
from labkit.deploy.observation import Observation, Templates, observe
from labkit.deploy.placement import Placement, placements
from labkit.deploy.planner import Deployment, plan_extension, plan_up
from labkit.deploy.stacks import AlreadyThereError
from labkit.errors import CloudError, LabkitError
from labkit.model import Plan, Seat, Workshop
from labkit.planning.executor import Executor, Outcome
from labkit.progress import Tell
from labkit.teardown.actions import starters as removal_starters
from labkit.teardown.inventory import take_inventory
from labkit.teardown.planner import plan_teardown
from labkit.teardown.scope import Scope

Show = Callable[[int, Plan], None]
Seats = tuple[Seat, ...]
_MAX_ROUNDS = 15
# Answers, hints, and runs belong to the seat, not to the lab that a new one replaces.
_KEPT_KINDS = frozenset({"parameter"})


@dataclass(frozen=True, slots=True)
class Round:
    """What one round does in an account."""

    seen: Observation
    deployment: Deployment
    plan: Plan
    """The whole plan: first what must go, then what's created and changed."""


@dataclass(frozen=True, slots=True)
class Deploying:
    """The deployment of some seats in several accounts."""

    workshop: Workshop
    seats: Seats
    cloud: Cloud
    templates: Templates
    clock: Clock
    interrupt: Interrupt
    replaced: frozenset[str] = frozenset()
    """Seats whose lab is replaced, whatever state it's in."""
    extend_by: timedelta | None = None
    """If set, nothing is deployed: what exists lives longer by this."""

    def plan(self) -> list[Result[tuple[str, Seats], Round]]:
        """Return the first round in each account; it only reads."""
        return map_seats(
            self._accounts(),
            lambda group: self._plan(self.cloud.account(group[0]), group[1], self.replaced),
            interrupt=self.interrupt,
        )

    def run(self, tell: Tell, show: Show) -> dict[str, LabkitError]:
        """Deploy in all accounts at the same time; returns why a seat failed, by seat."""
        results = map_seats(
            self._accounts(),
            lambda group: _AccountRun(self, group[1], tell, show).run(),
            interrupt=self.interrupt,
        )
        failed: dict[str, LabkitError] = {}
        for result in results:
            if result.error is not None:
                failed |= {seat.id: result.error for seat in result.item[1]}
            failed |= result.value or {}
        return failed

    def _plan(
        self,
        account: Account,
        seats: Seats,
        replaced: Collection[str],
        fresh: Collection[str] = frozenset(),
    ) -> Round:
        """Plan a round. ``fresh`` are seats whose lab this run has created, so it needs no comparison."""
        if self.extend_by is not None:
            seen = observe(account, self.workshop, self.templates, (), self.clock.now())
            extension = plan_extension(self.workshop, seats, seen, self.extend_by)
            return Round(seen, extension, extension.plan)
        compared = [seat for seat in seats if seat.id not in fresh]
        seen = observe(account, self.workshop, self.templates, compared, self.clock.now())
        deployment = plan_up(self.workshop, self.templates, seats, seen, replaced)
        removal = self._removal(account, deployment)
        stages = (*removal.stages, *deployment.plan.stages)
        return Round(seen, deployment, replace(deployment.plan, stages=stages))

    def _removal(self, account: Account, deployment: Deployment) -> Plan:
        """Plan the removal of broken and replaced stacks, with what keeps them from being deleted."""
        seats, shared = deployment.broken_seats, deployment.broken_shared
        if not seats and not shared:
            return Plan(account.id, account.region)
        scope = Scope(self.workshop.name, seats, keep=_KEPT_KINDS, only_shared=shared)
        inventory = take_inventory(account, scope)
        if inventory.gaps:
            raise inventory.gaps[0]
        return plan_teardown(inventory)

    def _accounts(self) -> list[tuple[str, Seats]]:
        groups: dict[str, list[Seat]] = defaultdict(list)
        for seat in self.seats:
            groups[seat.account or self.cloud.caller.id].append(seat)
        return [(account, tuple(group)) for account, group in groups.items()]

    def account_of(self, seats: Seats) -> Account:
        return self.cloud.account(seats[0].account)


class _AccountRun:
    """The rounds in one account."""

    def __init__(self, deploying: Deploying, seats: Seats, tell: Tell, show: Show) -> None:
        self._deploying = deploying
        self._seats = seats
        self._account = deploying.account_of(seats)
        self._tell = tell
        self._show = show
        self._failed: dict[str, LabkitError] = {}
        self._replaced = set(deploying.replaced)
        self._fresh: set[str] = set()
        self._zones: dict[str, tuple[Placement, ...]] = {}
        self._tried: dict[str, int] = defaultdict(int)

    def run(self) -> Mapping[str, LabkitError]:
        """Deploy until nothing is left to do for any seat that hasn't failed."""
        for number in range(1, _MAX_ROUNDS + 1):
            self._deploying.interrupt.check()
            todo = tuple(seat for seat in self._seats if seat.id not in self._failed)
            if not todo:
                return self._failed
            planned = self._deploying._plan(  # noqa: SLF001 - the same module
                self._account, todo, self._replaced, self._fresh
            )
            self._failed |= planned.deployment.refused
            if not planned.plan.actions:
                return self._failed
            self._show(number, planned.plan)
            self._judge(self._carry_out(planned, todo), todo)
            if self._deploying.extend_by is not None:
                return self._failed
        unfinished = CloudError("The lab isn't complete.", "Rerun 'labkit up'.")
        return self._failed | {seat.id: unfinished for seat in todo if seat.id not in self._failed}

    def _carry_out(self, planned: Round, seats: Seats) -> list[Outcome]:
        clock = self._deploying.clock
        created = {a.seat for a in planned.plan.actions if a.verb == "create" and a.seat}
        actions = DeployActions(
            self._account,
            self._deploying.workshop,
            self._deploying.templates,
            seats,
            planned.deployment,
            planned.seen,
            {seat: self._placement(seat) for seat in created},
            clock,
        )
        executor = Executor(
            removal_starters(self._account, clock) | actions.starters(),
            lambda pending: stacks.settle(self._account, pending, clock),
            self._deploying.interrupt,
            self._tell,
            tuple(seat.id for seat in seats),
        )
        return executor.run(planned.plan)

    def _judge(self, outcomes: list[Outcome], seats: Seats) -> None:
        """Note what failed for good. The next round deals with the rest."""
        for outcome in outcomes:
            action, error = outcome.action, outcome.error
            if error is None:
                if action.verb == "create" and action.seat is not None:
                    self._replaced.discard(action.seat)
                    self._fresh.add(action.seat)
                continue
            if outcome.skipped or not action.required or action.verb == "wait":
                continue
            if isinstance(error, AlreadyThereError):
                self._replaced.discard(action.seat or "")
                continue
            if isinstance(error, NoCapacityError) and action.seat and self._next_zone(action.seat):
                self._replaced.discard(action.seat)
                continue
            for seat in (action.seat,) if action.seat else tuple(each.id for each in seats):
                self._failed.setdefault(seat, error)

    def _placement(self, seat: str) -> Placement:
        if seat not in self._zones:
            self._zones[seat] = placements(self._account, seat)
        return self._zones[seat][self._tried[seat]]

    def _next_zone(self, seat: str) -> bool:
        """Choose the next zone for a seat's servers; returns False if there is none."""
        self._tried[seat] += 1
        return self._tried[seat] < len(self._zones[seat])
