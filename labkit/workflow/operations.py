"""The operations on a workshop's labs: deploy, show the status, run the incident, remove.

Each returns one row per seat, as plain values. An error in one seat becomes that seat's row.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from labkit.aws import Account, Cloud
from labkit.clock import Clock, backoff
from labkit.concurrent import Interrupt, Result, map_seats
from labkit.deploy.detection import require_detection
from labkit.deploy.lab import DeployedLab
from labkit.deploy.status import SeatStatus, status
from labkit.errors import CloudError, LabkitError
from labkit.model import Action, Lab, Seat, Via, Workshop
from labkit.progress import Progress, Tell, no_progress
from labkit.render import render
from labkit.simulate import incident, ledger
from labkit.simulate.planner import plan_run
from labkit.simulate.source_address import own_address
from labkit.teardown.scope import Scope
from labkit.workflow.accounts import Place, note, places
from labkit.workflow.deployment import Deploying
from labkit.workflow.plans import ClassPlan
from labkit.workflow.removal import (
    Show,
    Teardown,
    down_plan,
    down_rows,
    expired_rows,
    unlisted_seats,
)
from labkit.workflow.rows import (
    Row,
    failed_row,
    finished_row,
    incident_row,
    status_row,
    unlisted_row,
)
from labkit.workflow.seats import choose_seats, unknown_seat

# A threat list can take 40 minutes to become active (GuardDuty user guide, "Important considerations for GuardDuty lists").
_DETECTABLE_WITHIN = timedelta(minutes=45)


@dataclass(frozen=True, slots=True)
class Operations:
    """Some seats of a workshop, and the cloud they are in."""

    workshop: Workshop
    seats: tuple[Seat, ...]
    cloud: Cloud
    interrupt: Interrupt
    progress: Progress = no_progress
    places: tuple[Place, ...] = ()
    """Where to look for what exists; if empty, in the seats' accounts."""
    only_these: bool = False
    """Whether it's about these seats only, and not about the whole workshop."""
    unread: Mapping[Place, LabkitError] = field(default_factory=dict)
    """Why some places couldn't be searched for seats; not those that only the organization names."""
    closed: tuple[str, ...] = ()
    """The organization's other accounts that couldn't be searched. Nothing says that a lab is there."""

    @classmethod
    def everywhere(
        cls,
        workshop: Workshop,
        wanted: Sequence[str] | None = None,
        progress: Progress = no_progress,
        *,
        organization: bool = True,
    ) -> Operations:
        """Operations on the wanted seats or on all, including seats that are no longer on the roster.

        labkit looks in the roster's accounts, in those that ``up`` noted, and, with ``organization``, in the rest of
        the organization.
        """
        cloud = Cloud(workshop.region, workshop.access_role)
        cloud.identify()
        interrupt = Interrupt()
        listed = tuple(s for s in workshop.seats if not wanted or s.id in wanted)
        if wanted and {seat.id for seat in listed} >= set(wanted):
            where = places(workshop, cloud, listed, noted=False, organization=False)
            return cls(workshop, listed, cloud, interrupt, progress, where, only_these=True)
        where = places(workshop, cloud, workshop.seats, noted=True, organization=organization)
        results = unlisted_seats(workshop, cloud, where, interrupt)
        found = tuple(seat for result in results for seat in result.value or ())
        chosen = (*listed, *(s for s in found if not wanted or s.id in wanted))
        for seat in wanted or ():
            if seat not in {each.id for each in chosen}:
                raise unknown_seat(seat, [each.id for each in (*workshop.seats, *found)])
        unread = {r.item: r.error for r in results if r.error is not None and r.item.known}
        closed = tuple(r.item.account for r in results if r.error is not None and not r.item.known)
        return cls(
            workshop, chosen, cloud, interrupt, progress, where, bool(wanted), unread, closed
        )  # fmt: skip

    @classmethod
    def on(
        cls,
        workshop: Workshop,
        wanted: Sequence[str] | None = None,
        progress: Progress = no_progress,
    ) -> Operations:
        """Operations on the wanted seats, or on all.

        Asks AWS who the caller is: missing credentials or an unreachable AWS fail the command, not each seat.
        """
        chosen = set(choose_seats(workshop, wanted))
        seats = tuple(seat for seat in workshop.seats if seat.id in chosen)
        cloud = Cloud(workshop.region, workshop.access_role)
        cloud.identify()
        return cls(workshop, seats, cloud, Interrupt(), progress, only_these=bool(wanted))

    @property
    def seat_ids(self) -> tuple[str, ...]:
        return tuple(seat.id for seat in self.seats)

    def without_runs(self) -> Operations:
        """Return operations on only the seats in which the incident hasn't happened yet."""

        def has_run(seat: Seat) -> bool:
            entries = ledger.read(self.cloud.account(seat.account), self.workshop, seat.id)
            return any(entry.finished_at is not None for entry in entries)

        results = map_seats(self.seats, has_run, interrupt=self.interrupt)
        # A seat that can't be read stays, so that its row says why.
        return replace(self, seats=tuple(r.item for r in results if not r.value))

    def statuses(self) -> list[Result[Seat, SeatStatus]]:
        """Look up each seat's lab."""
        return map_seats(self.seats, self._status, interrupt=self.interrupt)

    def now(self) -> datetime:
        """Return AWS's time, which is also the time in the logs."""
        return self.cloud.now()

    @property
    def clock(self) -> Clock:
        """AWS's time, with pauses that Ctrl-C interrupts."""
        return Clock(self.now, self.interrupt.sleep)

    def plan_up(self) -> ClassPlan:
        """Return the actions of the first round of ``up``, and a row for each seat without a plan."""
        return self._plan_deployment(self._deploying())

    def plan_simulate(self, via: Via | None = None) -> ClassPlan:
        """Return the actions of ``simulate``, and a row for each seat without a complete lab."""
        method = incident.access_method(self.workshop, via)

        def plan(seat: Seat) -> tuple[Action, ...]:
            account = self.cloud.account(seat.account)
            runs = ledger.read(account, self.workshop, seat.id)
            return plan_run(self.workshop, seat, account.id, self.deployed(seat), runs, method)

        results = map_seats(self.seats, plan, interrupt=self.interrupt)
        actions = tuple(action for result in results for action in result.value or ())
        return ClassPlan(
            actions, tuple(self._failed_row(r) for r in results if r.error is not None)
        )

    def plan_down(self) -> ClassPlan:
        """Return the actions of the first round of ``down``, and a row for each account that can't be read."""
        return down_plan(self.teardown(self._scope()), self.seats, self.cloud.caller.id)

    def note_accounts(self) -> None:
        """Note where these seats are, so that ``down`` looks there even if the roster changes."""
        where = places(self.workshop, self.cloud, self.seats, noted=False, organization=False)
        note(self.workshop, where)

    def up(self, show: Show = lambda _n, _plan: None) -> list[Row]:
        """Deploy a lab in each seat, then return each seat's status."""
        return self._deploy(self._deploying(), "up", show)

    def plan_redo(self) -> ClassPlan:
        """Return the actions of the first round of ``redo``."""
        return self._plan_deployment(self._deploying(frozenset(self.seat_ids)))

    def redo(self, show: Show = lambda _n, _plan: None) -> list[Row]:
        """Replace each seat's lab by a new one, and keep answers, hints, and runs."""
        return self._deploy(self._deploying(frozenset(self.seat_ids)), "redo", show)

    def plan_extend(self, by: timedelta) -> ClassPlan:
        """Return the actions of ``extend``."""
        return self._plan_deployment(replace(self._deploying(), extend_by=by))

    def extend(self, by: timedelta, show: Show = lambda _n, _plan: None) -> list[Row]:
        """Let each seat's lab, and what it needs, live longer; returns each seat's status."""
        rows = self._deploy(replace(self._deploying(), extend_by=by), "extend", show)
        return [
            row | {"detail": f"expires {row['expires']:%Y-%m-%d %H:%M} UTC; {row['detail']}"}
            if row.get("expires")
            else row
            for row in rows
        ]

    def _deploying(self, replaced: frozenset[str] = frozenset()) -> Deploying:
        return Deploying(
            self.workshop, self.seats, self.cloud, render(self.workshop), self.clock, self.interrupt, replaced
        )  # fmt: skip

    def _deploy(self, deploying: Deploying, phase: str, show: Show) -> list[Row]:
        with self.progress(phase, self.seat_ids) as tell:
            failed = deploying.run(tell, show)
        deployed = replace(
            self, seats=tuple(s for s in self.seats if s.id not in failed), unread={}
        )
        rows = {row["seat"]: row for row in deployed.status()} | {
            seat.id: failed_row(seat.id, self.account_of(seat), failed[seat.id])
            for seat in self.seats
            if seat.id in failed
        }
        return [rows[seat] for seat in self.seat_ids]

    def _plan_deployment(self, deploying: Deploying) -> ClassPlan:
        actions: list[Action] = []
        failed: list[Row] = []
        for result in deploying.plan():
            account, seats = result.item
            refused: Mapping[str, LabkitError] = {}
            if result.error is not None:
                refused = {seat.id: result.error for seat in seats}
            elif result.value is not None:
                actions += result.value.plan.actions
                refused = result.value.deployment.refused
            failed += [failed_row(seat, account, error) for seat, error in refused.items()]
        return ClassPlan(tuple(actions), tuple(failed))

    def status(self) -> list[Row]:
        """The status of each seat, and a row for each noted account without a seat that can't be read."""
        template = render(self.workshop)["lab"]
        results = map_seats(
            self.seats, lambda seat: self._status(seat, template), interrupt=self.interrupt
        )
        rows = [
            status_row(r.value) if r.value is not None else self._failed_row(r) for r in results
        ]
        listed = {(seat.id, self.account_of(seat)) for seat in self.workshop.seats}
        marked = [
            row if (row["seat"], row["account"]) in listed else unlisted_row(row) for row in rows
        ]
        return marked + [
            unlisted_row(failed_row(None, place.account, error))
            for place, error in self.unread.items()
            if place.account not in {self.account_of(seat) for seat in self.seats}
        ]

    def labs(self) -> dict[str, Lab | None]:
        """Return the lab of each seat, or None for an incomplete one; raises the first error."""
        results = map_seats(self.seats, self._status, interrupt=self.interrupt)
        return {r.item.id: r.unwrap().lab for r in results}

    def simulate(
        self, via: Via | None = None, address: str | None = None, *, wait: bool = True
    ) -> list[Row]:
        """Run the incident in each seat, by the given access method or the scenario's default.

        Without ``wait``, a seat in which nothing would detect the incident yet fails at once.
        """
        via = incident.access_method(self.workshop, via)
        context = incident.RunContext(
            via,
            own_address(address) if via == "ssh" else None,
            self.clock,
            random.SystemRandom(),
        )
        template = render(self.workshop)["lab"]
        with self.progress("simulate", self.seat_ids) as tell:

            def run(seat: Seat) -> Row:
                deployed = self.deployed(seat, template)
                account = self.cloud.account(seat.account)
                number = incident.finish_interrupted(
                    account, self.workshop, seat.id, deployed, self.clock
                )
                if number is not None:
                    return finished_row(seat.id, self.account_of(seat), number)
                limit = _DETECTABLE_WITHIN if wait else timedelta()
                self._wait_until_detectable(account, seat, deployed, limit, tell)
                tell(seat.id, "operator")
                happened = incident.run_incident(account, self.workshop, seat.id, deployed, context)
                tell(seat.id, "done")
                return incident_row(
                    seat.id, self.account_of(seat), happened, changed=bool(deployed.lab_differs)
                )

            results = map_seats(
                self.seats, run, interrupt=self.interrupt, on_done=partial(_tell_failure, tell)
            )
        return [r.value or {**self._failed_row(r), "incident": None} for r in results]

    def down(
        self, kept: Mapping[str, LabkitError] | None = None, show: Show = lambda _n, _plan: None
    ) -> list[Row]:
        """Remove each seat's lab, and return what's left. ``kept`` says which seats to leave alone, and why."""
        kept = kept or {}
        with self.progress("down", self.seat_ids) as tell:
            results = self.teardown(self._scope(frozenset(kept))).run(tell, show)
        rows = down_rows(self.workshop, self.seats, self.cloud.caller.id, results, kept)
        order = {seat: at for at, seat in enumerate(self.seat_ids)}
        return sorted(rows, key=lambda row: order.get(row["seat"], len(order)))

    def plan_sweep(self, *, any_workshop: bool = False) -> ClassPlan:
        """Return the actions of the first round of ``sweep``."""
        teardown = self.teardown(self._expired_scope(any_workshop=any_workshop))
        return down_plan(teardown, self.seats, self.cloud.caller.id)

    def expired_rows(self, *, any_workshop: bool = False) -> list[Row]:
        """Return a row for each seat with something past its expiry, and for each account that can't be read."""
        teardown = self.teardown(self._expired_scope(any_workshop=any_workshop))
        return list(expired_rows(teardown, self.seats, self.cloud.caller.id))

    def sweep(
        self,
        kept: Mapping[str, LabkitError] | None = None,
        show: Show = lambda _n, _plan: None,
        *,
        any_workshop: bool = False,
    ) -> list[Row]:
        """Remove what's past its expiry, and return what's left of it."""
        kept = kept or {}
        scope = self._expired_scope(frozenset(kept), any_workshop=any_workshop)
        with self.progress("sweep", self.seat_ids) as tell:
            results = self.teardown(scope).run(tell, show)
        return list(down_rows(self.workshop, (), self.cloud.caller.id, results, kept))

    def only(self, seats: Collection[str | None]) -> Operations:
        """Return operations on only some of these seats."""
        return replace(self, seats=tuple(seat for seat in self.seats if seat.id in seats))

    def teardown(self, scope: Scope) -> Teardown:
        """Return a teardown in every place."""
        where = self.places or places(
            self.workshop, self.cloud, self.seats, noted=False, organization=False
        )
        return Teardown(self.workshop, self.cloud, where, scope, self.clock, self.interrupt)

    def _scope(self, without: frozenset[str] = frozenset()) -> Scope:
        """Return these seats or, for the whole workshop, everything that carries its tags."""
        seats = frozenset(self.seat_ids) if self.only_these else None
        return Scope(self.workshop.name, seats, without)

    def _expired_scope(
        self, without: frozenset[str] = frozenset(), *, any_workshop: bool = False
    ) -> Scope:
        scope = replace(self._scope(without), expired_at=self.now())
        return replace(scope, workshop=None) if any_workshop else scope

    def account_of(self, seat: Seat) -> str:
        """The id of a seat's account."""
        return seat.account or self.cloud.caller.id

    def deployed(self, seat: Seat, template: str | None = None) -> DeployedLab:
        """Return a complete lab; raises ``CloudError`` for an incomplete one.

        With ``template``, the lab also says whether it differs from ``workshop.toml``.
        """
        found = self._status(seat, template)
        if found.deployed is None:
            raise CloudError(
                f"The lab of {seat.id} is {found.state}: {found.detail}.", "Run 'labkit up' first."
            )
        return found.deployed

    def _wait_until_detectable(
        self, account: Account, seat: Seat, deployed: DeployedLab, limit: timedelta, tell: Tell
    ) -> None:
        """Wait until an incident would be detected; raises ``CloudError`` if that takes longer than ``limit``."""
        deadline = self.now() + limit
        pauses = backoff(first=0.5, longest=10.0, growth=2.0)
        while reasons := require_detection(account, deployed):
            if self.now() >= deadline:
                raise CloudError(
                    f"Nothing would detect an incident in {seat.id}: {'; '.join(reasons)}.",
                    "Rerun 'labkit simulate' once 'labkit status' says ready.",
                )
            tell(seat.id, f"waiting ({'; '.join(reasons)})")
            self.interrupt.sleep(next(pauses))

    def _status(self, seat: Seat, template: str | None = None) -> SeatStatus:
        return status(self.cloud.account(seat.account), self.workshop, seat, template)

    def _failed_row(self, result: Result[Seat, Any]) -> Row:
        unknown = CloudError("unknown", "Rerun the command with --debug.")
        return failed_row(result.item.id, self.account_of(result.item), result.error or unknown)


def _tell_failure(tell: Tell, result: Result[Seat, Any]) -> None:
    """Show a seat's failure when it happens."""
    if result.error is not None:
        tell(result.item.id, f"failed: {result.error.message}")
