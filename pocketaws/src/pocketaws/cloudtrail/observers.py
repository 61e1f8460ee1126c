"""Observers of recorded calls, notified as the calls happen, whether or not a trail selects them.

Source: GuardDuty user guide, "GuardDuty foundational data sources" (independent streams of events, no trail needed).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..errors import AwsError
    from ..gateway.call import Call
    from .records.event import Event

Observer = Callable[["Call", "Event", "AwsError | None"], None]

_OBSERVERS: list[Observer] = []


def observer(function: Observer) -> Observer:
    """Register a function to call with every recorded call, its event, and its error if it was refused."""
    _OBSERVERS.append(function)
    return function


def notify(call: Call, event: Event, error: AwsError | None) -> None:
    """Notify every observer of a call."""
    for watch in _OBSERVERS:
        watch(call, event, error)
