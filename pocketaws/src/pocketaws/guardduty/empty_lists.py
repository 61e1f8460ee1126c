"""Always-empty lists: filters and trusted IP lists.

Consoles and inventory tools request them next to the detector. The operations that create them
aren't emulated, so the lists are empty.

Source: GuardDuty API reference, "ListFilters", "ListIPSets".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..registry import operation
from .store import find_detector

if TYPE_CHECKING:
    from ..gateway.call import Call


@operation("guardduty", "ListFilters")
def list_filters(call: Call) -> dict[str, Any]:
    """Return no filters."""
    find_detector(call)
    return {"FilterNames": []}


@operation("guardduty", "ListIPSets")
def list_ip_sets(call: Call) -> dict[str, Any]:
    """Return no trusted IP lists."""
    find_detector(call)
    return {"IpSetIds": []}
