"""Effects: everything that happens later, in one queue.

An effect is a name and plain keyword values, so the queue can be saved with the rest of the state. A module registers
the function behind a name with ``@effect("service.what")`` and schedules it with ``World.later`` (after as long as
AWS takes, or at once without delays) or ``World.at`` (at a fixed time, such as an expiry). No module has timers or
threads of its own.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

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
    """A scheduled effect. Effects are ordered by due time, then by when they were scheduled."""

    due: datetime
    number: int
    name: str = field(compare=False)
    values: dict[str, Any] = field(compare=False)


class EffectQueue:
    """The scheduled effects."""

    def __init__(self) -> None:
        self._heap: list[Effect] = []
        self._next_number = 0

    def put(self, due: datetime, name: str, values: dict[str, Any]) -> None:
        if name not in _EFFECTS:
            raise ValueError(f"no effect is called {name}")
        heapq.heappush(self._heap, Effect(due, self._next_number, name, values))
        self._next_number += 1

    def next_due(self) -> datetime | None:
        return self._heap[0].due if self._heap else None

    def take_due(self, now: datetime) -> Effect | None:
        if self._heap and self._heap[0].due <= now:
            return heapq.heappop(self._heap)
        return None

    def __len__(self) -> int:
        return len(self._heap)


def run(world: object, effect_: Effect) -> None:
    """Run an effect."""
    _EFFECTS[effect_.name](world, **effect_.values)
