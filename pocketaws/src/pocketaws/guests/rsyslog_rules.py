"""rsyslog's filters, and the actions for messages that match them.

Source: rsyslog documentation, "Filter Conditions".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from .rsyslog_templates import FACILITIES, SEVERITIES, Message, property_value


@dataclass(frozen=True, slots=True)
class Action:
    """Writes the message to a file."""

    path: str
    template: str
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class Stop:
    """Ends the processing of a message."""


@dataclass(frozen=True, slots=True)
class Selector:
    """``facility,facility.severity;…``. Later parts override earlier ones."""

    parts: tuple[tuple[frozenset[str], str], ...]
    """Facilities with the lowest severity, ``*``, or ``none``."""

    def matches(self, message: Message) -> bool:
        selected = False
        for facilities, severity in self.parts:
            if message.facility not in facilities and "*" not in facilities:
                continue
            if severity == "none":
                selected = False
            elif severity == "*" or SEVERITIES.index(message.severity) <= SEVERITIES.index(
                severity
            ):
                selected = True
        return selected


@dataclass(frozen=True, slots=True)
class Equals:
    """``$property == "text"``."""

    property: str
    text: str

    def matches(self, message: Message) -> bool:
        return property_value(self.property, message) == self.text


@dataclass(frozen=True, slots=True)
class Rule:
    """A filter, and the statements for messages that match it."""

    filter: Selector | Equals
    body: tuple[Action | Stop, ...]


Statement: TypeAlias = Action | Stop | Rule


def parse_selector(text: str) -> Selector | str:
    """A selector, or an error message."""
    parts: list[tuple[frozenset[str], str]] = []
    for part in text.split(";"):
        facilities, _, severity = part.rpartition(".")
        for facility in facilities.split(","):
            if facility not in {*FACILITIES, "*"}:
                return f'unknown facility name "{facility}"'
        if severity not in {*SEVERITIES, "*", "none"}:
            return f'unknown priority name "{severity}"'
        parts.append((frozenset(facilities.split(",")), severity))
    return Selector(tuple(parts))
