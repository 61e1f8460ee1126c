"""Lists of what can't be created here: filters and lists of trusted addresses.

Consoles and inventory tools ask for them beside the detector. The operations that create them aren't emulated, so
there are none.

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
    """No filters."""
    find_detector(call)
    return {"FilterNames": []}


@operation("guardduty", "ListIPSets")
def list_ip_sets(call: Call) -> dict[str, Any]:
    """No lists of trusted addresses."""
    find_detector(call)
    return {"IpSetIds": []}
