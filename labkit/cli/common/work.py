"""A verb's work on a workshop: the steps behind ``up``, ``status``, ``simulate``, ``down`` and the demo.

Each returns the contract's entry per seat as plain values; printing is the verb's.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from labkit.aws import Account, Cloud
from labkit.cli.common.options import choose
from labkit.cli.common.progress import Progress
from labkit.deploy import up as deploy
from labkit.deploy.lab import DeployedLab
from labkit.deploy.status import CHANGED_SINCE, SeatStatus, blind, expiry, status
from labkit.errors import CloudError, LabkitError
from labkit.fleet import Done, Interrupt, over
from labkit.model import Incident, Lab, Seat, SeatState, Step, Via, Workshop
from labkit.render import render
from labkit.simulate import incident, ledger
from labkit.simulate.source_address import own_address
from labkit.teardown import down as teardown

Row = dict[str, Any]

# A threat list takes up to 15 minutes to become active (GuardDuty user guide, "Understanding list statuses").
_EYES = timedelta(minutes=25)
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Work:
    """Some seats of a workshop, and the cloud they are in."""

    workshop: Workshop
    seats: tuple[Seat, ...]
    cloud: Cloud
    interrupt: Interrupt

    @classmethod
    def on(cls, workshop: Workshop, wanted: Sequence[str] | None) -> Work:
        """All seats, or those wanted.

        Asks who the caller is, so that a lack of credentials or of AWS is the command's error and not each seat's.
        """
        chosen = set(choose(workshop, wanted))
        seats = tuple(seat for seat in workshop.seats if seat.id in chosen)
        cloud = Cloud(workshop.region, workshop.access_role)
        cloud.identify()
        return cls(workshop, seats, cloud, Interrupt())

    def without_runs(self) -> Work:
        """The seats in which the incident has not happened yet."""
        done = over(
            self.seats,
            lambda seat: any(
                entry.finished_at is not None
                for entry in ledger.read(self.cloud.account(seat.account), self.workshop, seat.id)
            ),
            interrupt=self.interrupt,
        )
        for outcome in done:
            if outcome.error is not None:
                raise outcome.error
        return replace(self, seats=tuple(outcome.item for outcome in done if not outcome.result))

    def expired(self) -> Work:
        """The seats whose labs are past the expiry that their stacks carry."""
        done = over(
            self.seats,
            lambda seat: expiry(self.cloud.account(seat.account), self.workshop, seat.id),
            interrupt=self.interrupt,
        )
        for outcome in done:
            if outcome.error is not None:
                raise outcome.error
        now = self.now()
        late = tuple(o.item for o in done if o.result is not None and o.result <= now)
        return replace(self, seats=late)

    def now(self) -> datetime:
        """The time in the cloud, by which the logs are written."""
        return self.cloud.now()

    def is_deployed(self, seat: Seat) -> bool:
        """Whether all stacks of a seat are complete."""
        return self._status(seat).deployed is not None

    def plan_up(self) -> tuple[Step, ...]:
        return deploy.plan(self._up_order(lambda _seat, _what: None))

    def plan_simulate(self) -> tuple[Step, ...]:
        return incident.plan(self.workshop, {seat.id: self.account_of(seat) for seat in self.seats})

    def plan_down(self) -> tuple[Step, ...]:
        return teardown.plan(self._down_order(lambda _seat, _what: None))

    def up(self, *, quiet: bool = False) -> list[Row]:
        """Deploy, then say of each seat how far it is."""
        with self.progress("up", quiet=quiet) as progress:
            outcome = deploy.up(self._up_order(progress.tell))
        failed = {done.item.id: done.error for done in outcome if done.error is not None}
        rows = {row["seat"]: row for row in self.status(skip=set(failed))}
        return [
            rows[seat.id] if seat.id in rows else self._failed(seat, failed[seat.id])
            for seat in self.seats
        ]

    def status(self, skip: set[str] | None = None) -> list[Row]:
        """The state of each seat."""
        seats = [seat for seat in self.seats if seat.id not in (skip or ())]
        template = render(self.workshop)["lab"]
        return [
            _status_row(done.result)
            if done.result is not None
            else self._failed(done.item, done.error)
            for done in over(
                seats, lambda seat: self._status(seat, template), interrupt=self.interrupt
            )
        ]

    def labs(self) -> dict[str, Lab | None]:
        """The lab of each seat, None where none is whole; raises what kept one from being looked at."""
        labs: dict[str, Lab | None] = {}
        for done in over(self.seats, self._status, interrupt=self.interrupt):
            if done.result is None:
                raise done.error or CloudError("unknown", "Run again with --debug.")
            labs[done.item.id] = done.result.lab
        return labs

    def simulate(self, via: Via | None, address: str | None, *, quiet: bool = False) -> list[Row]:
        """Make the incident happen in each seat, in the way wanted or the scenario's usual one."""
        via = incident.access_method(self.workshop, via)
        context = incident.RunContext(
            via,
            own_address(address) if via == "ssh" else None,
            self.now,
            self.interrupt.sleep,
            random.SystemRandom(),
        )
        template = render(self.workshop)["lab"]
        changed: set[str] = set()
        with self.progress("simulate", quiet=quiet) as progress:

            def one(seat: Seat) -> Incident:
                account = self.cloud.account(seat.account)
                deployed = self.deployed(seat, template)
                if deployed.changed:
                    changed.add(seat.id)
                self._wait_for_eyes(account, seat, deployed, progress)
                progress.tell(seat.id, "operator")
                made = incident.run_incident(account, self.workshop, seat.id, deployed, context)
                progress.tell(seat.id, "done")
                return made

            outcome = over(self.seats, one, interrupt=self.interrupt)
        return [self._incident_row(done, changed=done.item.id in changed) for done in outcome]

    def down(self, *, quiet: bool = False) -> list[Row]:
        """Take each seat's lab down, and say what is left."""
        with self.progress("down", quiet=quiet) as progress:
            outcome = teardown.down(self._down_order(progress.tell))
        return [self._down_row(done) for done in outcome]

    def account_of(self, seat: Seat) -> str:
        return seat.account or self.cloud.caller.id

    def deployed(self, seat: Seat, template: str | None = None) -> DeployedLab:
        """A lab that is whole; raises ``CloudError`` where it is not. ``template``: as for ``status``."""
        found = self._status(seat, template)
        if found.deployed is None:
            raise CloudError(
                f"The lab of {seat.id} is {found.state}: {found.detail}.", "Run 'labkit up' first."
            )
        return found.deployed

    def _wait_for_eyes(
        self, account: Account, seat: Seat, deployed: DeployedLab, progress: Progress
    ) -> None:
        """Wait until an incident would be seen; raises ``CloudError`` if that takes too long."""
        deadline = self.now() + _EYES
        pause = _FIRST_PAUSE_SECONDS
        while awaited := blind(account, deployed):
            if self.now() > deadline:
                raise CloudError(
                    f"An incident in {seat.id} would not be seen: {'; '.join(awaited)}.",
                    "Look at 'labkit status' and try again.",
                )
            progress.tell(seat.id, f"waiting: {'; '.join(awaited)}")
            self.interrupt.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def _status(self, seat: Seat, template: str | None = None) -> SeatStatus:
        return status(self.cloud.account(seat.account), self.workshop, seat, template)

    def _up_order(self, tell: deploy.Tell) -> deploy.Order:
        return deploy.Order(
            self.workshop,
            self.seats,
            render(self.workshop),
            self.cloud,
            self.now,
            self.interrupt,
            tell,
        )

    def _down_order(self, tell: teardown.Tell) -> teardown.Order:
        return teardown.Order(self.workshop, self.seats, self.cloud, self.interrupt, tell)

    def progress(self, title: str, *, quiet: bool) -> Progress:
        return Progress(title, [seat.id for seat in self.seats], quiet=quiet)

    def _failed(self, seat: Seat, error: LabkitError | None) -> Row:
        detail = "unknown"
        if error is not None:
            end = "" if error.message.endswith((".", "!", "?")) else "."
            detail = f"{error.message}{end} {error.hint}"
        row: Row = {
            "seat": seat.id,
            "account": self.account_of(seat),
            "state": "failed",
            "detail": detail,
        }
        return row

    def _incident_row(self, done: Done[Seat, Incident], *, changed: bool) -> Row:
        if done.result is None:
            return {**self._failed(done.item, done.error), "incident": None}
        return {
            "seat": done.item.id,
            "account": self.account_of(done.item),
            "state": SeatState.INCIDENT.value,
            "detail": f"happened on {done.result.instance_id}"
            + (f"; {CHANGED_SINCE}" if changed else ""),
            "incident": _incident_facts(done.result),
        }

    def _down_row(self, done: Done[Seat, teardown.Removed]) -> Row:
        if done.result is None:
            return {**self._failed(done.item, done.error), "leftovers": [], "goes_by_itself": []}
        removed, left = done.result, done.result.leftovers
        row = {
            "seat": done.item.id,
            "account": self.account_of(done.item),
            "state": SeatState.FAILED.value if left else SeatState.ABSENT.value,
            "detail": f"{len(left)} thing(s) left" if left else "nothing is left",
        }
        if removed.failure is not None:
            row = self._failed(done.item, removed.failure)
        return {
            **row,
            "leftovers": [asdict(thing) for thing in left],
            "goes_by_itself": [asdict(thing) for thing in removed.goes_by_itself],
        }


def _incident_facts(found: Incident) -> Row:
    """The contract's keys, and behind them what was done from outside, where the scenario has that."""
    facts = asdict(found)
    if (used := facts.pop("outside")) is not None:
        picked = used.pop("picked")
        facts |= {**used, **picked}
    return facts


def _status_row(found: SeatStatus) -> Row:
    return {
        "seat": found.seat,
        "account": found.account,
        "state": found.state.value,
        "detail": found.detail,
        "lab": asdict(found.lab) if found.lab is not None else None,
    }
