"""Choose seats of a workshop by their IDs."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from labkit.errors import UsageError
from labkit.model import Workshop

_MOST_LISTED = 10


def choose_seats(workshop: Workshop, wanted: Sequence[str] | None) -> tuple[str, ...]:
    """Return the wanted seat IDs in the workshop's order, or all of them; raises ``UsageError`` for an unknown ID."""
    known = [seat.id for seat in workshop.seats]
    for seat in wanted or ():
        if seat not in known:
            raise unknown_seat(seat, known)
    return tuple(seat for seat in known if not wanted or seat in wanted)


def unknown_seat(seat: str, known: Sequence[str]) -> UsageError:
    """Return the error for a seat that doesn't exist, with the nearest ID."""
    near = difflib.get_close_matches(seat, known, n=1)
    return UsageError(
        f"There is no seat {seat!r} in the workshop.",
        f"Did you mean {near[0]!r}?" if near else f"Seats: {_some(known)}.",
    )


def _some(names: Sequence[str]) -> str:
    listed = ", ".join(names[:_MOST_LISTED])
    rest = len(names) - _MOST_LISTED
    return f"{listed} and {rest} more" if rest > 0 else listed
