"""Notify a topic of every delivered file.

Source: CloudTrail user guide, "Configuring Amazon SNS notifications for CloudTrail".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ...errors import AwsError
from ...identity.caller import service_caller
from .object_keys import SERVICE

if TYPE_CHECKING:
    from ...world import World
    from ..trails.store import Trail


def notify(world: World, trail: Trail, key: str) -> None:
    """Publish a file's key to the trail's topic, if it has one. An error goes to the trail's status."""
    if trail.topic_arn is None:
        return
    trail.last_notice_attempt = world.now
    message = {"s3Bucket": trail.bucket, "s3ObjectKey": [key]}
    try:
        world.call(
            service_caller(SERVICE, trail.account, trail.arn), "sns", "Publish", trail.home_region,
            TopicArn=trail.topic_arn, Message=json.dumps(message, separators=(",", ":")),
        )  # fmt: skip
    except AwsError as error:
        trail.notice_error = error.code
    else:
        trail.last_notice, trail.notice_error = world.now, None
