"""The operations on a workshop's labs: deploy, show the status, run the incident, remove.

Each returns one row per seat, as plain values. An error in one seat becomes that seat's row.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from labkit.aws import Account, Cloud
from labkit.clock import Clock, backoff
from labkit.concurrent import Interrupt, Result, map_seats
from labkit.deploy import up as deploy
from labkit.deploy.lab import DeployedLab
from labkit.deploy.request import DeployRequest
from labkit.deploy.status import SeatStatus, expiry, not_ready_reasons, status
from labkit.errors import CloudError
from labkit.model import Incident, Lab, Seat, Step, Via, Workshop
from labkit.progress import Progress, Tell, no_progress
from labkit.render import render
from labkit.simulate import incident, ledger
from labkit.simulate.source_address import own_address
from labkit.teardown import down as teardown
from labkit.workflow.rows import Row, down_row, failed_row, incident_row, status_row
from labkit.workflow.seats import choose_seats

# A threat list takes up to 15 minutes to become active (GuardDuty user guide, "Understanding list statuses").
_DETECTABLE_WITHIN = timedelta(minutes=25)


@dataclass(frozen=True, slots=True)
class Operations:
    """Some seats of a workshop, and the cloud they are in."""

    workshop: Workshop
    seats: tuple[Seat, ...]
    cloud: Cloud
    interrupt: Interrupt
    progress: Progress = no_progress

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
        return cls(workshop, seats, cloud, Interrupt(), progress)

    @property
    def seat_ids(self) -> tuple[str, ...]:
        return tuple(seat.id for seat in self.seats)

    def without_runs(self) -> Operations:
        """Return operations on only the seats in which the incident hasn't happened yet."""

        def has_run(seat: Seat) -> bool:
            entries = ledger.read(self.cloud.account(seat.account), self.workshop, seat.id)
            return any(entry.finished_at is not None for entry in entries)

        results = map_seats(self.seats, has_run, interrupt=self.interrupt)
        return replace(self, seats=tuple(r.item for r in results if not r.unwrap()))

    def expired(self) -> Operations:
        """Return operations on only the seats whose labs are past the expiry in their stacks' tags."""

        def read_expiry(seat: Seat) -> datetime | None:
            return expiry(self.cloud.account(seat.account), self.workshop, seat.id)

        results = map_seats(self.seats, read_expiry, interrupt=self.interrupt)
        now = self.now()
        late = tuple(r.item for r in results if (ends := r.unwrap()) is not None and ends <= now)
        return replace(self, seats=late)

    def expired_rows(self) -> list[Row]:
        """Return a row for each seat that ``expired`` found."""
        return [
            {
                "seat": seat.id,
                "account": self.account_of(seat),
                "state": "expired",
                "detail": "the lab is past its expiry",
            }
            for seat in self.seats
        ]

    def complete(self) -> Operations:
        """Return operations on only the seats whose stacks are all complete."""
        results = map_seats(self.seats, self._status, interrupt=self.interrupt)
        return replace(
            self, seats=tuple(r.item for r in results if r.unwrap().deployed is not None)
        )

    def now(self) -> datetime:
        """Return AWS's time, which is also the time in the logs."""
        return self.cloud.now()

    @property
    def clock(self) -> Clock:
        """AWS's time, with pauses that Ctrl-C interrupts."""
        return Clock(self.now, self.interrupt.sleep)

    def plan_up(self) -> tuple[Step, ...]:
        return deploy.plan(self._request(lambda _seat, _what: None), render(self.workshop))

    def plan_simulate(self) -> tuple[Step, ...]:
        return incident.plan(self.workshop, {seat.id: self.account_of(seat) for seat in self.seats})

    def plan_down(self) -> tuple[Step, ...]:
        return teardown.plan(self._request(lambda _seat, _what: None))

    def up(self) -> list[Row]:
        """Deploy a lab in each seat, then return each seat's status."""
        with self.progress("up", self.seat_ids) as tell:
            results = deploy.up(self._request(tell), render(self.workshop))
        failed = {r.item.id: self._failed_row(r) for r in results if r.error is not None}
        deployed = replace(self, seats=tuple(s for s in self.seats if s.id not in failed))
        rows = failed | {row["seat"]: row for row in deployed.status()}
        return [rows[seat] for seat in self.seat_ids]

    def status(self) -> list[Row]:
        """The status of each seat."""
        template = render(self.workshop)["lab"]
        results = map_seats(
            self.seats, lambda seat: self._status(seat, template), interrupt=self.interrupt
        )
        return [
            status_row(r.value) if r.value is not None else self._failed_row(r) for r in results
        ]

    def labs(self) -> dict[str, Lab | None]:
        """Return the lab of each seat, or None for an incomplete one; raises the first error."""
        results = map_seats(self.seats, self._status, interrupt=self.interrupt)
        return {r.item.id: r.unwrap().lab for r in results}

    def simulate(self, via: Via | None = None, address: str | None = None) -> list[Row]:
        """Run the incident in each seat, by the given access method or the scenario's default."""
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
                happened = self._run_incident(seat, deployed, context, tell)
                account = self.account_of(seat)
                return incident_row(seat.id, account, happened, changed=bool(deployed.lab_differs))

            results = map_seats(self.seats, run, interrupt=self.interrupt)
        return [r.value or {**self._failed_row(r), "incident": None} for r in results]

    def down(self) -> list[Row]:
        """Remove each seat's lab, and return what's left."""
        with self.progress("down", self.seat_ids) as tell:
            results = teardown.down(self._request(tell))
        return [
            down_row(r.item.id, self.account_of(r.item), r.value)
            if r.value is not None
            else {**self._failed_row(r), "leftovers": [], "goes_by_itself": []}
            for r in results
        ]

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

    def _run_incident(
        self, seat: Seat, deployed: DeployedLab, context: incident.RunContext, tell: Tell
    ) -> Incident:
        account = self.cloud.account(seat.account)
        self._wait_until_detectable(account, seat, deployed, tell)
        tell(seat.id, "operator")
        happened = incident.run_incident(account, self.workshop, seat.id, deployed, context)
        tell(seat.id, "done")
        return happened

    def _wait_until_detectable(
        self, account: Account, seat: Seat, deployed: DeployedLab, tell: Tell
    ) -> None:
        """Wait until GuardDuty would detect an incident; raises ``CloudError`` if that takes too long."""
        deadline = self.now() + _DETECTABLE_WITHIN
        pauses = backoff(first=0.5, longest=10.0, growth=2.0)
        while reasons := not_ready_reasons(account, deployed):
            if self.now() > deadline:
                raise CloudError(
                    f"Nothing would detect an incident in {seat.id}: {'; '.join(reasons)}.",
                    "Check 'labkit status' and try again.",
                )
            tell(seat.id, f"waiting ({'; '.join(reasons)})")
            self.interrupt.sleep(next(pauses))

    def _status(self, seat: Seat, template: str | None = None) -> SeatStatus:
        return status(self.cloud.account(seat.account), self.workshop, seat, template)

    def _request(self, tell: Tell) -> DeployRequest:
        return DeployRequest(
            self.workshop, self.seats, self.cloud, self.clock, self.interrupt, tell
        )

    def _failed_row(self, result: Result[Seat, Any]) -> Row:
        unknown = CloudError("unknown", "Rerun the command with --debug.")
        return failed_row(result.item.id, self.account_of(result.item), result.error or unknown)
