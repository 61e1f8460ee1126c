"""GuardDuty: the actions and resources that authorization checks for each call.

The service authorization reference names resource types for few actions, but the user guide says
that policies can limit every action on a detector by the detector's ARN.

Sources: GuardDuty user guide, "Identity-based policy examples" (limiting access to resources);
service authorization reference, "Amazon GuardDuty".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..checks import Check, action_of, arn, checks

if TYPE_CHECKING:
    from ...gateway.call import Call


@checks("guardduty")
def of_detector(call: Call) -> Iterator[Check]:
    """The detector; calls without one have no resource."""
    detector = call.params.get("DetectorId")
    resource = "*" if detector is None else arn(call, "guardduty", f"detector/{detector}")
    yield Check(action_of(call), resource)


@checks("guardduty", "GetThreatIntelSet", "UpdateThreatIntelSet", "DeleteThreatIntelSet")
def of_list(call: Call) -> Iterator[Check]:
    """The detector's list.

    GuardDuty changes its own role with the caller's credentials, which are checked then.
    """
    detector, name = (call.params.get(key, "*") for key in ("DetectorId", "ThreatIntelSetId"))
    path = f"detector/{detector}/threatintelset/{name}"
    yield Check(action_of(call), arn(call, "guardduty", path))


@checks("guardduty", "TagResource", "UntagResource", "ListTagsForResource")
def tagging(call: Call) -> Iterator[Check]:
    """The resource with this ARN."""
    yield Check(action_of(call), str(call.params.get("ResourceArn", "*")))
