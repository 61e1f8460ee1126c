"""What ``up`` needs to know about an account before it plans: read once per round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from labkit.aws import Account
from labkit.deploy import changes, stacks
from labkit.deploy.collisions import refuse_taken_names
from labkit.deploy.detector import has_detector
from labkit.deploy.stacks import Stack
from labkit.errors import LabkitError
from labkit.model import Seat, Workshop
from labkit.names import seat_stack
from labkit.simulate import ledger

Templates = Mapping[str, str]
"""A workshop's templates by role (see ``labkit.scenario.TEMPLATES``)."""


@dataclass(frozen=True, slots=True)
class Observation:
    """An account as it is."""

    account: str
    region: str
    now: datetime
    stacks: Mapping[str, Stack]
    """Every existing stack of the account, by name."""
    has_detector: bool
    differing: frozenset[str] = frozenset()
    """Seats whose complete lab differs from ``workshop.toml`` and may change, because it has no run."""
    unread: Mapping[str, LabkitError] = field(default_factory=dict)
    """Why a seat's lab couldn't be compared."""


def observe(
    account: Account, workshop: Workshop, templates: Templates, seats: Iterable[Seat], now: datetime
) -> Observation:
    """Look at an account.

    Raises ``LabkitError`` if its stacks can't be read, or if a new lab would have the names of another workshop's.
    """
    found = {stack.name: stack for stack in stacks.every(account)}
    seats = tuple(seats)
    new = (seat for seat in seats if seat_stack(workshop, seat.id) not in found)
    refuse_taken_names(account, workshop, new)
    differing, unread = set(), {}
    for seat in seats:
        lab = found.get(seat_stack(workshop, seat.id))
        if lab is None or not lab.complete:
            continue
        try:
            if _may_change(account, workshop, templates, lab, seat):
                differing.add(seat.id)
        except LabkitError as error:
            unread[seat.id] = error
    return Observation(
        account.id, account.region, now, found, has_detector(account), frozenset(differing), unread
    )


def _may_change(
    account: Account, workshop: Workshop, templates: Templates, lab: Stack, seat: Seat
) -> bool:
    """Whether a lab differs and can be updated. After a run, it must not change, because its logs are evidence."""
    return (
        changes.can_update(lab)
        and changes.lab_differs(account, lab, templates["lab"], workshop, seat)
        and not ledger.read(account, workshop, seat.id)
    )
