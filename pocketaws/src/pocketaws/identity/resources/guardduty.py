"""GuardDuty: what its calls are checked for.

The service authorization reference names resource types for few actions; by the user guide every action
on a detector can be limited by the detector's ARN.

Source: GuardDuty user guide, "Identity-based policy examples" (limiting access to resources); service
authorization reference, "Amazon GuardDuty".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..checks import Check, action_of, arn, checks

if TYPE_CHECKING:
    from ...gateway.call import Call


@checks("guardduty")
def of_detector(call: Call) -> Iterator[Check]:
    """The detector; what is about none has no resource."""
    detector = call.params.get("DetectorId")
    resource = "*" if detector is None else arn(call, "guardduty", f"detector/{detector}")
    yield Check(action_of(call), resource)


@checks("guardduty", "GetThreatIntelSet", "UpdateThreatIntelSet", "DeleteThreatIntelSet")
def of_list(call: Call) -> Iterator[Check]:
    """The list of a detector.

    What the service changes of its own role for it, it changes as the caller, who is checked then.
    """
    detector, name = (call.params.get(key, "*") for key in ("DetectorId", "ThreatIntelSetId"))
    path = f"detector/{detector}/threatintelset/{name}"
    yield Check(action_of(call), arn(call, "guardduty", path))


@checks("guardduty", "TagResource", "UntagResource", "ListTagsForResource")
def tagging(call: Call) -> Iterator[Check]:
    """The resource by its ARN."""
    yield Check(action_of(call), str(call.params.get("ResourceArn", "*")))
