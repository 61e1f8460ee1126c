"""Tags of the detector and its lists.

Source: GuardDuty API reference, "TagResource".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..registry import operation
from .store import GuardDutyStore, bad_request, detector_arn

if TYPE_CHECKING:
    from ..gateway.call import Call


@operation("guardduty", "TagResource")
def tag_resource(call: Call) -> None:
    _tags(call).update(call.params["Tags"])


@operation("guardduty", "UntagResource")
def untag_resource(call: Call) -> None:
    tags = _tags(call)
    for key in call.params["TagKeys"]:
        tags.pop(key, None)


@operation("guardduty", "ListTagsForResource")
def list_tags_for_resource(call: Call) -> dict[str, Any]:
    return {"Tags": _tags(call)}


def _tags(call: Call) -> dict[str, str]:
    """Return the tags of ``detector/ID`` or ``detector/ID/threatintelset/ID``."""
    detector = call.store(GuardDutyStore).detector
    if detector is not None:
        arn = detector_arn(call.account, call.region, detector.detector_id)
        tagged = {arn: detector.tags} | {
            f"{arn}/threatintelset/{known.list_id}": known.tags for known in detector.lists.values()
        }
        if call.params["ResourceArn"] in tagged:
            return tagged[call.params["ResourceArn"]]
    raise bad_request("the resource is not owned by the current account.")
