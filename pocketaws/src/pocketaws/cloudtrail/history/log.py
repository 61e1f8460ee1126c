"""Stores all events of one account and Region in order of time, with an index by attribute."""

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
    """The events of one account and Region. An event's number is its index in ``events``."""

    events: list[Event] = field(default_factory=list)
    data_events: list[Event] = field(default_factory=list)
    """Events recorded only because a trail selects them; they aren't in the event history."""
    identities: dict[tuple[object, ...], Identity] = field(default_factory=dict)
    restored: dict[str, Identity] = field(default_factory=dict)
    """Identities of events restored from a journal, keyed by their content."""
    numbers: dict[Key, list[int]] = field(default_factory=dict)
    indexed: int = 0
    """How many events ``numbers`` covers."""
    lookups: list[datetime] = field(default_factory=list)
    """The latest lookup requests, for the rate limit."""

    def identity(self, caller: Caller) -> Identity:
        """Return the caller's identity; the same caller always gets the same object."""
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
        """Return the stored identity that equals this one."""
        return self.restored.setdefault(repr(identity), identity)

    def newest_first(
        self, key: Key | None, start: datetime, end: datetime, below: int | None
    ) -> Iterator[tuple[int, Event]]:
        """Yield the events with an attribute between two times (inclusive), newest first.

        ``below`` continues after an earlier page: it limits the result to events with smaller
        numbers.
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
