"""Faults that AWS has and that the person who runs the emulator switches on: ``/_pocketaws/faults``.

Nothing here happens by chance. A fault is on or off, so that a test meets it every time. All are off at the start.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from .errors import AwsError
from .inputs import world_input

if TYPE_CHECKING:
    from .world import World


@dataclass(frozen=True)
class Faults:
    """The faults that are on."""

    empty_pages: bool = False
    """Whether lists begin with an empty page and a token, where their documentation says that they can."""
    stale_lists_seconds: float = 0.0
    """How long lists still show what was deleted, if they showed it before."""
    no_capacity: tuple[str, ...] = ()
    """The Availability Zones that have no capacity for another instance."""
    quotas: tuple[tuple[str, float], ...] = ()
    """``(code, value)`` of the quotas whose values aren't the emulator's own (``quotas``)."""


@dataclass
class FaultStore:
    """The faults of the whole world."""

    faults: Faults = Faults()


def faults(world: World) -> Faults:
    """The faults that are on."""
    return world.store(FaultStore, "", "").faults


@world_input("faults.set")
def set_faults(world: World, **changes: Any) -> None:
    """Switch faults on or off; those that aren't named stay as they are."""
    store = world.store(FaultStore, "", "")
    store.faults = replace(store.faults, **{name: _checked(name, v) for name, v in changes.items()})


def as_json(world: World) -> dict[str, Any]:
    """The faults that are on, as the admin path shows them."""
    found = faults(world)
    return {
        **{each.name: getattr(found, each.name) for each in fields(found)},
        "quotas": dict(found.quotas),
    }


def _checked(name: str, value: Any) -> Any:
    match name, value:
        case "empty_pages", bool():
            return value
        case "stale_lists_seconds", _ if _is_number(value):
            return float(value)
        case "no_capacity", list() | tuple() if all(isinstance(zone, str) for zone in value):
            return tuple(value)
        case "quotas", dict() if all(_is_number(limit) for limit in value.values()):
            return tuple((code, float(limit)) for code, limit in value.items())
    known = ", ".join(each.name for each in fields(Faults))
    raise AwsError(
        "BadRequest", f"There is no fault {name} with the value {value!r}. Faults: {known}."
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
