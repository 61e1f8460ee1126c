"""Operations on log groups.

Source: CloudWatch Logs API reference, the operations of these names; user guide, "Log classes", "Change log data
retention in CloudWatch Logs".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from .operation import group_by_identifier, logs_operation, milliseconds, named_group
from .paging import page_of
from .store import LogGroup, LogsStore

if TYPE_CHECKING:
    from ..gateway.call import Call

RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
)  # fmt: skip
"""Source: CloudWatch Logs API reference, PutRetentionPolicy."""
MAX_TAGS = 50
_CLOUDFORMATION = "cloudformation.amazonaws.com"


@logs_operation("CreateLogGroup")
def create_log_group(call: Call) -> None:
    """Create an empty log group."""
    store, name = call.store(LogsStore), call.params["logGroupName"]
    if name in store.groups:
        message = "The specified log group already exists"
        raise AwsError("ResourceAlreadyExistsException", message)
    if name.startswith("aws/"):
        message = "Log groups starting with AWS/ are reserved for AWS."
        raise AwsError("InvalidParameterException", message)
    tags = dict(call.params.get("tags", {}))
    check_tags(call, tags, {})
    store.groups[name] = LogGroup(
        name,
        f"arn:aws:logs:{call.region}:{call.account}:log-group:{name}",
        milliseconds(call),
        salt=call.world.random.getrandbits(64),
        log_class=call.params.get("logGroupClass", "STANDARD"),
        kms_key_id=call.params.get("kmsKeyId"),
        deletion_protection=call.params.get("deletionProtectionEnabled", False),
        tags=tags,
    )


@logs_operation("DeleteLogGroup")
def delete_log_group(call: Call) -> None:
    """Delete a log group and everything in it."""
    group = named_group(call)
    if group.deletion_protection:
        message = "The log group has deletion protection enabled."
        raise AwsError("ValidationException", message)
    del call.store(LogsStore).groups[group.name]


@logs_operation("DescribeLogGroups")
def describe_log_groups(call: Call) -> dict[str, Any]:
    """List log groups by prefix, substring, or identifiers, ordered by name."""
    params = call.params
    prefix, part = params.get("logGroupNamePrefix"), params.get("logGroupNamePattern")
    if prefix and part:
        message = (
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."
        )
        raise AwsError("InvalidParameterException", message)
    if "logGroupIdentifiers" in params:
        if prefix or part:
            message = "logGroupIdentifiers cannot be used with a name prefix or a name pattern."
            raise AwsError("InvalidParameterException", message)
        wanted = {group_by_identifier(call, i).name for i in params["logGroupIdentifiers"]}
    else:
        wanted = set(call.store(LogsStore).groups)
    groups = [
        group
        for name, group in sorted(call.store(LogsStore).groups.items())
        if name in wanted
        and name.startswith(prefix or "")
        and (part or "") in name
        and params.get("logGroupClass", group.log_class) == group.log_class
    ]
    shown, token = page_of(groups, params.get("nextToken"), params.get("limit", 50), _name)
    described = [describe_group(group, milliseconds(call)) for group in shown]
    return {"logGroups": described, **token}


def describe_group(group: LogGroup, now: int) -> dict[str, Any]:
    """Return a log group in the shape that ``DescribeLogGroups`` returns."""
    group.forget_expired(now)
    described: dict[str, Any] = {
        "logGroupName": group.name,
        "creationTime": group.created,
        "metricFilterCount": 0,
        "arn": f"{group.arn}:*",
        "storedBytes": group.stored_bytes,
        "logGroupClass": group.log_class,
        "logGroupArn": group.arn,
        "deletionProtectionEnabled": group.deletion_protection,
    }
    if group.retention_days is not None:
        described["retentionInDays"] = group.retention_days
    if group.kms_key_id is not None:
        described["kmsKeyId"] = group.kms_key_id
    return described


@logs_operation("PutRetentionPolicy")
def put_retention_policy(call: Call) -> None:
    """Set the number of days after which events expire."""
    days = call.params["retentionInDays"]
    if days not in RETENTION_DAYS:
        message = (
            f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy "
            f"constraint: Member must satisfy enum value set: {list(RETENTION_DAYS)}"
        )
        raise AwsError("InvalidParameterException", message)
    named_group(call).retention_days = days


@logs_operation("DeleteRetentionPolicy")
def delete_retention_policy(call: Call) -> None:
    """Keep events forever."""
    named_group(call).retention_days = None


def check_tags(call: Call, given: dict[str, str], present: dict[str, str]) -> None:
    """Reject ``aws:`` tags from anybody but CloudFormation, and more than ``MAX_TAGS`` others."""
    reserved = any(key.lower().startswith("aws:") for key in given)
    if reserved and call.caller.invoked_by != _CLOUDFORMATION:
        message = "Tag keys starting with 'aws:' are reserved for system use"
        raise AwsError("InvalidParameterException", message)
    own = [key for key in {**present, **given} if not key.lower().startswith("aws:")]
    if len(own) > MAX_TAGS:
        raise AwsError("TooManyTagsException", f"A resource can have no more than {MAX_TAGS} tags.")


def _name(group: LogGroup) -> str:
    return group.name
