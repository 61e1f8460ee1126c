"""Everything that happens later: one queue of named effects.

An effect is a name and plain keyword values, so the queue can be saved with the rest of the state.
Parts register the function behind a name with ``@effect("service.what")`` and put work off with
``World.later`` (as long as AWS takes; at once where delays are switched off) or ``World.at`` (a
point in time that is meant, such as an expiry). No part has timers or threads of its own.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .world import World

EffectFunction = Callable[..., None]

_EFFECTS: dict[str, EffectFunction] = {}


def effect(name: str) -> Callable[[EffectFunction], EffectFunction]:
    """Register ``function(world, **values)`` as the effect called ``name``."""

    def register(function: EffectFunction) -> EffectFunction:
        if name in _EFFECTS:
            raise ValueError(f"effect {name} is registered twice")
        _EFFECTS[name] = function
        return function

    return register


@dataclass(order=True, frozen=True)
class Effect:
    """One thing that is still to happen; ordered by due time, then by when it was put in."""

    due: datetime
    number: int
    name: str = field(compare=False)
    values: dict[str, Any] = field(compare=False)


class EffectQueue:
    """The effects still to come."""

    def __init__(self) -> None:
        self._heap: list[Effect] = []
        self._numbers = itertools.count()

    def put(self, due: datetime, name: str, values: dict[str, Any]) -> None:
        if name not in _EFFECTS:
            raise ValueError(f"no effect is called {name}")
        heapq.heappush(self._heap, Effect(due, next(self._numbers), name, values))

    def next_due(self) -> datetime | None:
        return self._heap[0].due if self._heap else None

    def take_due(self, now: datetime) -> Effect | None:
        if self._heap and self._heap[0].due <= now:
            return heapq.heappop(self._heap)
        return None

    def __len__(self) -> int:
        return len(self._heap)


def run(world: World, effect_: Effect) -> None:
    """Do what the effect is for."""
    _EFFECTS[effect_.name](world, **effect_.values)
