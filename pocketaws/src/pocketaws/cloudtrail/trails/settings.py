"""CreateTrail, UpdateTrail, DeleteTrail, and the operations that read trails.

Source: CloudTrail API reference, the operations of these names.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...errors import AwsError
from ...registry import operation
from ..delivery import deliver
from .checks import check_bucket, check_logs, check_topic
from .find import check_name, find_own_trail, find_trail, lookup, trail_arn
from .store import Trail, trails_of
from .tags import check_tags

if TYPE_CHECKING:
    from ...gateway.call import Call

_MOST_TRAILS = 5
# Parameter -> the trail's field.
_FIELDS = {
    "S3BucketName": "bucket",
    "S3KeyPrefix": "prefix",
    "SnsTopicName": "topic_arn",
    "IncludeGlobalServiceEvents": "global_events",
    "IsMultiRegionTrail": "multi_region",
    "EnableLogFileValidation": "validation",
    "CloudWatchLogsLogGroupArn": "log_group_arn",
    "CloudWatchLogsRoleArn": "logs_role_arn",
    "KmsKeyId": "kms_key",
    "RecursiveLogging": "recursive",
}
_UNEMULATED = {"IsOrganizationTrail": "Trails of an organization", "KmsKeyId": "KMS keys"}
# An empty string removes these.
_CLEARABLE = frozenset({"prefix", "topic_arn", "log_group_arn", "logs_role_arn", "kms_key"})


@operation("cloudtrail", "CreateTrail")
def create_trail(call: Call) -> dict[str, Any]:
    """Create a trail; it delivers nothing until ``StartLogging``."""
    params = call.params
    name = params["Name"]
    check_name(name)
    store = trails_of(call.world, call.account)
    arn = trail_arn(call.region, call.account, name)
    if arn in store.trails or _has_shadow(call, name):
        raise AwsError(
            "TrailAlreadyExistsException",
            f"Trail {name} already exists for customer: {call.account}",
        )
    here = [t for t in store.trails.values() if t.home_region == call.region or t.multi_region]
    if len(here) >= _MOST_TRAILS:
        raise AwsError(
            "MaximumNumberOfTrailsExceededException",
            f"User: {call.account} already has {_MOST_TRAILS} trails in {call.region}.",
        )
    _refuse_unemulated(params)
    made = Trail(name, arn, call.account, call.region, bucket=params["S3BucketName"])
    _set(call, made, params)
    made.tags = check_tags(params.get("TagsList", []))
    _check(call, made)
    store.trails[arn] = made
    return _answer(made)


@operation("cloudtrail", "UpdateTrail")
def update_trail(call: Call) -> dict[str, Any]:
    """Change the given settings and keep the others."""
    trail = find_own_trail(call, call.params["Name"])
    _refuse_unemulated(call.params)
    changed = replace(trail)
    _set(call, changed, call.params)
    _check(call, changed)
    _set(call, trail, call.params)
    if trail.logs_role_arn != changed.logs_role_arn or "CloudWatchLogsRoleArn" in call.params:
        trail.logs_key = changed.logs_key
    deliver.follow(call.world, trail)
    return _answer(trail)


@operation("cloudtrail", "DeleteTrail")
def delete_trail(call: Call) -> None:
    """Delete a trail; its bucket and log files stay."""
    trail = find_own_trail(call, call.params["Name"])
    del trails_of(call.world, call.account).trails[trail.arn]
    deliver.leave(call.world, trail)


@operation("cloudtrail", "GetTrail")
def get_trail(call: Call) -> dict[str, Any]:
    return {"Trail": _described(find_trail(call, call.params["Name"]))}


@operation("cloudtrail", "DescribeTrails")
def describe_trails(call: Call) -> dict[str, Any]:
    """Return the Region's trails, and multi-Region trails of other Regions (shadow trails)."""
    names = call.params.get("trailNameList")
    shadows = call.params.get("includeShadowTrails", True)
    if names:
        found = [trail for name in names if (trail := lookup(call, name)) is not None]
    else:
        found = [
            trail
            for trail in trails_of(call.world, call.account).trails.values()
            if trail.home_region == call.region or (shadows and trail.multi_region)
        ]
    return {"trailList": [_described(trail) for trail in found]}


@operation("cloudtrail", "ListTrails")
def list_trails(call: Call) -> dict[str, Any]:
    """Return the trails of all Regions."""
    return {
        "Trails": [
            {"TrailARN": trail.arn, "Name": trail.name, "HomeRegion": trail.home_region}
            for trail in trails_of(call.world, call.account).trails.values()
        ]
    }


def _has_shadow(call: Call, name: str) -> bool:
    trails = trails_of(call.world, call.account).trails.values()
    return any(trail.multi_region and trail.name == name for trail in trails)


def _refuse_unemulated(params: dict[str, Any]) -> None:
    """Reject settings that pocketaws doesn't emulate, so that no trail does less than it claims."""
    for name, what in _UNEMULATED.items():
        if params.get(name):
            raise AwsError("UnsupportedOperationException", f"pocketaws doesn't emulate {what}.")


def _set(call: Call, trail: Trail, params: dict[str, Any]) -> None:
    for name, field in _FIELDS.items():
        if name in params:
            value = params[name]
            if field in _CLEARABLE and value == "":
                value = None
            setattr(trail, field, value)
    topic = trail.topic_arn
    if topic is not None and not topic.startswith("arn:"):
        trail.topic_arn = f"arn:aws:sns:{call.region}:{call.account}:{topic}"


def _check(call: Call, trail: Trail) -> None:
    if trail.multi_region and not trail.global_events:
        raise AwsError(
            "InvalidParameterCombinationException",
            "Multi-Region trail must include global service events.",
        )
    check_bucket(call.world, trail)
    check_topic(call.world, trail)
    check_logs(call.world, trail)


def _answer(trail: Trail) -> dict[str, Any]:
    settings = {
        "Name": trail.name,
        "S3BucketName": trail.bucket,
        "S3KeyPrefix": trail.prefix,
        "SnsTopicName": None if trail.topic_arn is None else trail.topic_arn.rpartition(":")[2],
        "SnsTopicARN": trail.topic_arn,
        "IncludeGlobalServiceEvents": trail.global_events,
        "IsMultiRegionTrail": trail.multi_region,
        "TrailARN": trail.arn,
        "LogFileValidationEnabled": trail.validation,
        "CloudWatchLogsLogGroupArn": trail.log_group_arn,
        "CloudWatchLogsRoleArn": trail.logs_role_arn,
        "KmsKeyId": trail.kms_key,
        "IsOrganizationTrail": False,
        "RecursiveLogging": trail.recursive,
    }
    return {name: value for name, value in settings.items() if value is not None}


def _described(trail: Trail) -> dict[str, Any]:
    return {
        **_answer(trail),
        "HomeRegion": trail.home_region,
        "HasCustomEventSelectors": bool(trail.event_selectors or trail.advanced_selectors),
        "HasInsightSelectors": False,
    }
