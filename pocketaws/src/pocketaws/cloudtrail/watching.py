"""Who else hears of recorded calls as they happen, whether or not a trail wants them.

Source: GuardDuty user guide, "GuardDuty foundational data sources" (independent streams of events, no trail needed).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..errors import AwsError
    from ..gateway.call import Call
    from .records.event import Event

Watcher = Callable[["Call", "Event", "AwsError | None"], None]

_WATCHERS: list[Watcher] = []


def watcher(function: Watcher) -> Watcher:
    """Have a function called with every call that is recorded, its event and how it was refused, if it was."""
    _WATCHERS.append(function)
    return function


def tell(call: Call, event: Event, error: AwsError | None) -> None:
    """Tell everybody of a call."""
    for watch in _WATCHERS:
        watch(call, event, error)
