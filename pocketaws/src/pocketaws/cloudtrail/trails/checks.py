"""Validate a trail's bucket, topic, log group, and role before CloudTrail creates or changes it.

CloudTrail tries to use them itself, so bucket policies and role trust are evaluated as for any
other call. Source: CloudTrail user guide, "Amazon S3 bucket policy for CloudTrail" and "Sending
events to CloudWatch Logs"; API reference, "CreateTrail".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...errors import AwsError
from ...gateway import protocol
from ...gateway.call import Call
from ...identity.authorize import authorize
from ...identity.caller import service_caller
from ..delivery.logs import ensure_stream
from ..delivery.object_keys import SERVICE, key_prefix

if TYPE_CHECKING:
    from ...world import World
    from .store import Trail

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_LONGEST_PREFIX = 200
_TOPIC_ARN = re.compile(r"arn:aws:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}")
_GROUP_ARN = re.compile(
    r"arn:aws:logs:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):log-group:[^:*]+:\*"
)


def check_bucket(world: World, trail: Trail) -> None:
    """Reject a bucket that doesn't exist or doesn't let CloudTrail write."""
    if _BUCKET.fullmatch(trail.bucket) is None:
        raise AwsError("InvalidS3BucketNameException", f"Bucket name {trail.bucket} is not valid.")
    if trail.prefix is not None and len(trail.prefix) > _LONGEST_PREFIX:
        raise AwsError("InvalidS3PrefixException", "The S3 prefix is too long.")
    caller = service_caller(SERVICE, trail.account, trail.arn)
    try:
        world.call(caller, "s3", "GetBucketAcl", trail.home_region, Bucket=trail.bucket)
        _may_call(
            world, trail, "s3", "PutObject",
            Bucket=trail.bucket, Key=f"{key_prefix(trail)}/{trail.home_region}/check",
            ACL="bucket-owner-full-control",
        )  # fmt: skip
    except AwsError as error:
        if error.code == "NoSuchBucket":
            raise AwsError(
                "S3BucketDoesNotExistException", f"S3 bucket {trail.bucket} does not exist!"
            ) from error
        raise AwsError(
            "InsufficientS3BucketPolicyException",
            f"Incorrect S3 bucket policy is detected for bucket: {trail.bucket}",
        ) from error


def check_topic(world: World, trail: Trail) -> None:
    """Reject a topic that doesn't exist or that CloudTrail isn't allowed to publish to."""
    if trail.topic_arn is None:
        return
    if _TOPIC_ARN.fullmatch(trail.topic_arn) is None:
        raise AwsError("InvalidSnsTopicNameException", f"{trail.topic_arn} is not a topic.")
    try:
        _may_call(world, trail, "sns", "Publish", TopicArn=trail.topic_arn, Message="check")
    except AwsError as error:
        raise AwsError(
            "InsufficientSnsTopicPolicyException",
            "SNS Topic does not exist or the topic policy is incorrect!",
        ) from error


def _may_call(world: World, trail: Trail, service: str, operation: str, **params: str) -> None:
    """Check whether CloudTrail may make a call for the trail, without making it."""
    authorize(
        Call(
            world,
            service_caller(SERVICE, trail.account, trail.arn),
            service,
            operation,
            trail.home_region,
            dict(params),
            world.request_id(),
            world.now,
            protocol.build_request(service, operation, params),
        )
    )


def check_logs(world: World, trail: Trail) -> None:
    """Reject a log group or role that CloudTrail can't deliver with."""
    if trail.log_group_arn is None and trail.logs_role_arn is None:
        return
    if trail.log_group_arn is None:
        raise _no_group("You must specify a log group together with a role.")
    match = _GROUP_ARN.fullmatch(trail.log_group_arn)
    if match is None or match["region"] != trail.home_region:
        raise _no_group("CloudTrail cannot validate the specified log group ARN.")
    if trail.logs_role_arn is None:
        raise AwsError(
            "InvalidCloudWatchLogsRoleArnException",
            "You must specify a role ARN as well as a log group.",
        )
    try:
        ensure_stream(world, trail, trail.home_region)
    except AwsError as error:
        if error.code == "ResourceNotFoundException":
            raise _no_group("The specified log group does not exist.") from error
        raise AwsError(
            "InvalidCloudWatchLogsRoleArnException",
            "Access denied. Check the permissions for your role.",
        ) from error


def _no_group(message: str) -> AwsError:
    return AwsError("InvalidCloudWatchLogsLogGroupArnException", message)
