"""Publishes to topics.

Source: SNS API reference, "Publish".
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..registry import operation
from . import email
from .filtering import accepts
from .store import find_topic

if TYPE_CHECKING:
    from ..gateway.call import Call

MAX_BYTES = 256 * 1024
_SUBJECT = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,99}")


@operation("sns", "Publish")
def publish(call: Call) -> dict[str, Any]:
    """Send a message to all confirmed subscribers of a topic."""
    params = call.params
    if "PhoneNumber" in params:
        raise AwsError("NotImplemented", "pocketaws doesn't emulate SMS messages.", 501)
    arn = params.get("TopicArn") or params.get("TargetArn")
    if not arn:
        message = "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter"
        raise AwsError("InvalidParameter", message)
    topic = find_topic(call.world, arn)
    message, subject = params["Message"], params.get("Subject")
    if not message:
        raise AwsError("InvalidParameter", "Invalid parameter: Empty message")
    if len(message.encode()) > MAX_BYTES:
        raise AwsError("InvalidParameter", "Invalid parameter: Message too long")
    if subject is not None and _SUBJECT.fullmatch(subject) is None:
        raise AwsError("InvalidParameter", "Invalid parameter: Subject")
    per_protocol = _per_protocol(message, params.get("MessageStructure"))
    attributes = params.get("MessageAttributes", {})
    message_id = call.world.uuid()
    for subscription in topic.subscriptions.values():
        text = per_protocol.get(subscription.protocol, per_protocol["default"])
        if subscription.confirmed and accepts(subscription.attributes, text, attributes):
            email.notify(call.world, topic, subscription, subject, text)
    return {"MessageId": message_id}


def _per_protocol(message: str, structure: str | None) -> dict[str, str]:
    if structure is None:
        return {"default": message}
    if structure != "json":
        raise AwsError("InvalidParameter", "Invalid parameter: MessageStructure")
    try:
        parts = json.loads(message)
    except ValueError as error:
        text = "Invalid parameter: Message Structure - JSON message body failed to parse"
        raise AwsError("InvalidParameter", text) from error
    if not isinstance(parts, dict) or not isinstance(parts.get("default"), str):
        text = "Invalid parameter: Message Structure - No default entry in JSON message body"
        raise AwsError("InvalidParameter", text)
    return {name: value for name, value in parts.items() if isinstance(value, str)}
