"""Tags of trails: AddTags, RemoveTags, ListTags.

Source: CloudTrail API reference, the operations of these names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import AwsError
from ...registry import operation
from .find import lookup

if TYPE_CHECKING:
    from ...gateway.call import Call
    from .store import Trail

_MOST_TAGS, _LONGEST_KEY, _LONGEST_VALUE = 50, 128, 256


@operation("cloudtrail", "AddTags")
def add_tags(call: Call) -> None:
    trail = _find(call, call.params["ResourceId"])
    merged = trail.tags | check_tags(call.params["TagsList"])
    if len(merged) > _MOST_TAGS:
        raise AwsError("TagsLimitExceededException", f"A trail has at most {_MOST_TAGS} tags.")
    trail.tags = merged


@operation("cloudtrail", "RemoveTags")
def remove_tags(call: Call) -> None:
    trail = _find(call, call.params["ResourceId"])
    for tag in call.params["TagsList"]:
        trail.tags.pop(tag["Key"], None)


@operation("cloudtrail", "ListTags")
def list_tags(call: Call) -> dict[str, Any]:
    return {
        "ResourceTagList": [
            {
                "ResourceId": arn,
                "TagsList": [
                    {"Key": key, "Value": value} for key, value in _find(call, arn).tags.items()
                ],
            }
            for arn in call.params["ResourceIdList"]
        ]
    }


def check_tags(tags: list[dict[str, Any]]) -> dict[str, str]:
    """Return the tags as a mapping; raises ``InvalidTagParameterException``."""
    for tag in tags:
        key, value = tag["Key"], tag.get("Value", "")
        if not 1 <= len(key) <= _LONGEST_KEY or len(value) > _LONGEST_VALUE:
            raise AwsError("InvalidTagParameterException", f"The tag {key[:40]} is not valid.")
        if key.lower().startswith("aws:") and not key.startswith("aws:cloudformation:"):
            raise AwsError("InvalidTagParameterException", "Tag keys must not begin with aws:.")
    checked = {tag["Key"]: tag.get("Value", "") for tag in tags}
    if len(checked) > _MOST_TAGS:
        raise AwsError("TagsLimitExceededException", f"A trail has at most {_MOST_TAGS} tags.")
    return checked


def _find(call: Call, arn: str) -> Trail:
    if not arn.startswith("arn:"):
        raise AwsError("CloudTrailARNInvalidException", f"{arn} is not a valid ARN.")
    trail = lookup(call, arn)
    if trail is None:
        raise AwsError("ResourceNotFoundException", f"There is no trail {arn}.")
    return trail
