"""Everything recorded in one account and Region, in the order of time, and found again by attribute."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ..records.event import Event
from ..records.identity import Identity, identity_of
from .resources import looked_up_resources

if TYPE_CHECKING:
    from ...identity.caller import Caller

Key = tuple[str, str]
"""A lookup attribute and its value."""


@dataclass
class EventLog:
    """The events of one account and Region. Their number is their place in ``events``."""

    events: list[Event] = field(default_factory=list)
    data_events: list[Event] = field(default_factory=list)
    """Only those that a trail had asked for; they are not in the event history."""
    identities: dict[tuple[object, ...], Identity] = field(default_factory=dict)
    restored: dict[str, Identity] = field(default_factory=dict)
    """Identities of events that came back from a journal, by what they say."""
    numbers: dict[Key, list[int]] = field(default_factory=dict)
    indexed: int = 0
    """How many events ``numbers`` knows."""
    lookups: list[datetime] = field(default_factory=list)
    """The last requests to look something up, for the rate limit."""

    def identity(self, caller: Caller) -> Identity:
        """What to say of a caller; the same value for the same caller."""
        key = (
            caller.arn,
            caller.access_key_id,
            caller.source_address,
            caller.user_agent,
            caller.invoked_by,
        )
        known = self.identities.get(key)
        if known is None:
            known = self.identities[key] = identity_of(caller)
        return known

    def same_identity(self, identity: Identity) -> Identity:
        """The value kept for an identity that says the same."""
        return self.restored.setdefault(repr(identity), identity)

    def newest_first(
        self, key: Key | None, start: datetime, end: datetime, below: int | None
    ) -> Iterator[tuple[int, Event]]:
        """Events with an attribute between two times (inclusive), from the newest down.

        ``below`` goes on where an earlier page ended: only events with smaller numbers.
        """
        first = bisect_left(self.events, start, key=_time)
        last = bisect_right(self.events, end, key=_time)
        if below is not None:
            last = min(last, below)
        if key is None:
            numbers: list[int] | range = range(first, last)
        else:
            self._index()
            found = self.numbers.get(key, [])
            numbers = found[bisect_left(found, first) : bisect_left(found, last)]
        for number in reversed(numbers):
            yield number, self.events[number]

    def _index(self) -> None:
        for number in range(self.indexed, len(self.events)):
            for key in _keys(self.events[number]):
                self.numbers.setdefault(key, []).append(number)
        self.indexed = len(self.events)


def _time(event: Event) -> datetime:
    return event.time


def _keys(event: Event) -> set[Key]:
    operation, identity = event.operation, event.identity
    keys = {
        ("EventId", event.event_id),
        ("EventName", operation.event_name),
        ("EventSource", operation.event_source),
        ("ReadOnly", "true" if operation.read_only else "false"),
    }
    if identity.username is not None:
        keys.add(("Username", identity.username))
    if identity.access_key_id is not None:
        keys.add(("AccessKeyId", identity.access_key_id))
    for name, kind in looked_up_resources(event):
        keys.add(("ResourceName", name))
        if kind is not None:
            keys.add(("ResourceType", kind))
    return keys
