"""Remove labs in every account, at the same time, and say per seat what's left.

Seats come from the accounts, not only from the roster: what belongs to a seat that the roster no longer lists counts, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from labkit.aws import Account, Cloud
from labkit.clock import Clock
from labkit.concurrent import Interrupt, Result, map_seats
from labkit.deploy import stacks
from labkit.errors import LabkitError
from labkit.model import Action, Leftover, Plan, Seat, SeatState, Workshop
from labkit.names import seat_stack
from labkit.plurals import counted
from labkit.progress import Tell
from labkit.teardown.down import Removal, Work, remove
from labkit.teardown.inventory import Inventory, take_inventory
from labkit.teardown.planner import plan_teardown
from labkit.teardown.resources import Owner, Resource
from labkit.teardown.scope import Scope
from labkit.workflow.accounts import Place
from labkit.workflow.plans import ClassPlan
from labkit.workflow.rows import Row, failed_row, unlisted_row

_OF_EVERY_REGION = ("role", "instance profile")
Show = Callable[[int, Plan], None]
"""Shows a round's number and its plan."""


@dataclass(frozen=True, slots=True)
class Teardown:
    """A teardown in several accounts."""

    workshop: Workshop
    cloud: Cloud
    places: tuple[Place, ...]
    scope: Scope
    clock: Clock
    interrupt: Interrupt

    def look(self) -> list[Result[Place, Inventory]]:
        """Take an inventory in each place; it's empty where nothing of a workshop is."""
        return map_seats(self.places, self._look, interrupt=self.interrupt)

    def run(self, tell: Tell, show: Show) -> list[Result[Place, Removal]]:
        """Remove what's in the scope, in all places at the same time."""
        work = Work(self.clock, self.interrupt, tell, show)

        def remove_in(place: Place) -> Removal:
            if not self._is_used(place) or place.region != self.workshop.region:
                found = self._look(place)
                seats = frozenset(r.owner.seat for r in found.resources if r.owner.seat is not None)
                return Removal(place.account, place.region, found.resources, seats, gaps=found.gaps)
            return remove(self._account(place), self._scope_in(place), work)

        return map_seats(self.places, remove_in, interrupt=self.interrupt)

    def _look(self, place: Place) -> Inventory:
        if not self._is_used(place):
            return Inventory(place.account, place.region, (), ())
        return take_inventory(self._account(place), self._scope_in(place))

    def _scope_in(self, place: Place) -> Scope:
        """Return the scope in a place. Roles are the same in every Region, so those of labs in another one stay."""
        regions = {each.region for each in self.places if each.account == place.account}
        if len(regions) == 1:
            return self.scope
        return replace(self.scope, keep=frozenset({*self.scope.keep, *_OF_EVERY_REGION}))

    def _is_used(self, place: Place) -> bool:
        """Whether a place has anything to do with labkit; only the organization's other accounts may not."""
        return place.known or has_traces(self._account(place))

    def _account(self, place: Place) -> Account:
        return self.cloud.place(place.account, place.region)


def has_traces(account: Account) -> bool:
    """Whether an account has a stack or a tagged resource of any workshop: two quick calls."""
    return bool(stacks.of_workshops(account)) or account.has_tagged_resources()


def unlisted_seats(
    workshop: Workshop, cloud: Cloud, places: Iterable[Place], interrupt: Interrupt
) -> list[Result[Place, tuple[Seat, ...]]]:
    """Return the seats in each place that have a stack but aren't on the roster there."""
    listed = {(seat.id, seat.account or cloud.caller.id) for seat in workshop.seats}

    def look(place: Place) -> tuple[Seat, ...]:
        found = stacks.of_workshops(cloud.place(place.account, place.region))
        ids = (stacks.seat_of(stack, workshop.name) for stack in found)
        return tuple(
            Seat(seat, place.account)
            for seat in ids
            if seat is not None and (seat, place.account) not in listed
        )

    return map_seats(places, look, interrupt=interrupt)


def down_plan(teardown: Teardown, seats: Sequence[Seat], own_account: str) -> ClassPlan:
    """Return the actions of the first round, and a row for each seat whose account can't be read."""
    actions: list[Action] = []
    failed: list[Row] = []
    for result in teardown.look():
        place, found = result.item, result.value
        here = [s.id for s in seats if (s.account or own_account) == place.account]
        errors = found.gaps if found is not None else (result.error,)
        if found is not None and place.region == teardown.workshop.region:
            actions += plan_teardown(found).actions
        for error in errors[:1]:
            if error is not None and (place.known or here):
                failed += [failed_row(seat, place.account, error) for seat in _or_shared(here)]
    return ClassPlan(tuple(actions), tuple(failed))


def expired_rows(teardown: Teardown, seats: Sequence[Seat], own_account: str) -> Iterator[Row]:
    """Yield a row for each seat with something past its expiry, and for each account that can't be read.

    ``teardown`` has a scope of what has expired.
    """
    for result in teardown.look():
        place, found = result.item, result.value
        if found is None:
            here = [s.id for s in seats if (s.account or own_account) == place.account]
            if result.error is not None and (place.known or here):
                yield from (
                    failed_row(seat, place.account, result.error) for seat in _or_shared(here)
                )
            continue
        owned: dict[Owner, list[Resource]] = defaultdict(list)
        for resource in found.removable:
            owned[resource.owner].append(resource)
        for owner, resources in owned.items():
            yield {
                "seat": owner.seat,
                "account": place.account,
                "workshop": owner.workshop,
                "state": "expired",
                "detail": _expired_detail(owner, resources),
            }


def _expired_detail(owner: Owner, resources: Sequence[Resource]) -> str:
    whose = (
        f"a lab of {owner.workshop}" if owner.seat else f"what the seats of {owner.workshop} share"
    )
    stack = next((each for each in resources if each.kind == "stack"), None)
    if stack is None:
        return f"{counted(len(resources), 'resource')} of {whose} without a stack"
    when = f" since {stack.expires:%Y-%m-%d %H:%M} UTC" if stack.expires else ""
    return f"{whose}, expired{when}"


def down_rows(
    workshop: Workshop,
    seats: Sequence[Seat],
    own_account: str,
    results: Iterable[Result[Place, Removal]],
    kept: Mapping[str, LabkitError],
) -> Iterator[Row]:
    """Yield a row for each seat, listed or found, and one for an account with only what seats share.

    ``kept`` says why some seats' labs were left alone.
    """
    for result in results:
        place, removal = result.item, result.value
        here = [
            seat.id
            for seat in seats
            if (seat.account or own_account) == place.account and place.region == workshop.region
        ]
        listed = [
            seat.id for seat in workshop.seats if (seat.account or own_account) == place.account
        ]
        if removal is None:
            if result.error is not None and (place.known or here):
                for seat in _or_shared(here):
                    row = failed_row(seat, place.account, result.error)
                    yield _with(row, in_roster=seat in listed)
            continue
        found = dict.fromkeys([*here, *sorted(removal.seats)])
        for seat in found:
            if seat in kept:
                row = _kept_row(workshop, seat, place.account, kept[seat])
                yield _with(row, in_roster=seat in listed)
            else:
                yield _with(_row(workshop, seat, removal), in_roster=seat in listed)
        if not found and (removal.plans or removal.leftovers(None) or removal.gaps):
            yield _with(_row(workshop, None, removal), in_roster=False)


def _row(workshop: Workshop, seat: str | None, removal: Removal) -> Row:
    left = removal.leftovers(seat)
    where = f"account {removal.account}, Region {removal.region}"
    failure = removal.failure(seat)
    row: Row = {
        "seat": seat,
        "account": removal.account,
        "state": SeatState.FAILED.value if left else SeatState.ABSENT.value,
        "detail": f"{counted(len(left), 'leftover')} in {where}"
        if left
        else f"nothing is left in {where}",
    }
    if failure is not None:
        row = failed_row(seat, removal.account, failure)
    elif left and removal.region != workshop.region:
        row["detail"] += (
            f", because workshop.toml named that Region earlier. Set region = "
            f"\"{removal.region}\" there, then rerun 'labkit down'."
        )
    elif not left and removal.staying:
        names = " and ".join(thing.id for thing in removal.staying)
        row["detail"] += f", except {names}: {removal.staying[0].reason}"
    return {
        **row,
        "leftovers": [asdict(thing) for thing in left],
        "staying": [asdict(thing) for thing in removal.staying],
        "goes_by_itself": [asdict(thing) for thing in removal.goes_by_itself(seat)],
    }


def _kept_row(workshop: Workshop, seat: str, account: str, error: LabkitError) -> Row:
    left = Leftover(
        "stack", seat_stack(workshop, seat), "kept, because its evidence could not be saved"
    )
    return failed_row(seat, account, error) | {"leftovers": [asdict(left)]}


def _or_shared(seats: Sequence[str]) -> Sequence[str | None]:
    """Return these seats or, if there are none, None for what an account's seats share."""
    return seats or (None,)


def _with(row: Row, *, in_roster: bool) -> Row:
    """Complete a row; one that isn't on the roster says so."""
    full = {"leftovers": [], "goes_by_itself": [], **row}
    return full if in_roster else unlisted_row(full)
