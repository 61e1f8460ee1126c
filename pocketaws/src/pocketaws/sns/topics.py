"""Topics and their tags.

Source: SNS API reference, "CreateTopic", "GetTopicAttributes", "SetTopicAttributes", "TagResource".
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..registry import operation
from .store import SnsStore, Topic, default_policy, find_topic, page

if TYPE_CHECKING:
    from ..gateway.call import Call

_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_SETTABLE = {
    "DeliveryPolicy", "DisplayName", "KmsMasterKeyId", "Policy", "SignatureVersion", "TracingConfig",
}  # fmt: skip
_DEFAULT_DELIVERY = {
    "http": {
        "defaultHealthyRetryPolicy": {
            "minDelayTarget": 20,
            "maxDelayTarget": 20,
            "numRetries": 3,
            "numMaxDelayRetries": 0,
            "numNoDelayRetries": 0,
            "numMinDelayRetries": 0,
            "backoffFunction": "linear",
        },
        "disableSubscriptionOverrides": False,
        "defaultRequestPolicy": {"headerContentType": "text/plain; charset=UTF-8"},
    }
}
MAX_TAGS = 50


@operation("sns", "CreateTopic")
def create_topic(call: Call) -> dict[str, Any]:
    """Create a topic, or return the existing one with the same name and attributes."""
    name = call.params["Name"]
    if name.endswith(".fifo"):
        raise AwsError("NotImplemented", "pocketaws doesn't emulate FIFO topics.", 501)
    if _NAME.fullmatch(name) is None:
        raise AwsError("InvalidParameter", "Invalid parameter: Topic Name")
    arn = f"arn:aws:sns:{call.region}:{call.account}:{name}"
    attributes = dict(call.params.get("Attributes", {}))
    for attribute, value in attributes.items():
        _check_attribute(attribute, value)
    tags = {tag["Key"]: tag["Value"] for tag in call.params.get("Tags", [])}
    topics = call.store(SnsStore).topics
    if arn in topics:
        there = topics[arn]
        if any(there.attributes.get(key) != value for key, value in attributes.items()):
            message = "Invalid parameter: Attributes Reason: Topic already exists with different attributes"
            raise AwsError("InvalidParameter", message)
        if "Tags" in call.params and tags != there.tags:
            message = "Invalid parameter: Tags Reason: Topic already exists with different tags"
            raise AwsError("InvalidParameter", message)
        return {"TopicArn": arn}
    topics[arn] = Topic(arn, {"Policy": default_policy(arn), **attributes}, tags)
    return {"TopicArn": arn}


@operation("sns", "DeleteTopic")
def delete_topic(call: Call) -> None:
    """Delete a topic and its subscriptions; a missing topic isn't an error."""
    arn = call.params["TopicArn"]
    parts = arn.split(":")
    if len(parts) != 6:
        raise AwsError("InvalidParameter", "Invalid parameter: TopicArn")
    call.world.store(SnsStore, parts[4], parts[3]).topics.pop(arn, None)


@operation("sns", "ListTopics")
def list_topics(call: Call) -> dict[str, Any]:
    """List the caller's topics in this Region, 100 per page."""
    arns = [{"TopicArn": arn} for arn in sorted(call.store(SnsStore).topics)]
    return page("Topics", arns, call.params.get("NextToken"))


@operation("sns", "GetTopicAttributes")
def get_topic_attributes(call: Call) -> dict[str, Any]:
    topic = find_topic(call.world, call.params["TopicArn"])
    subscriptions = topic.subscriptions.values()
    delivery = topic.attributes.get("DeliveryPolicy") or json.dumps(_DEFAULT_DELIVERY)
    return {
        "Attributes": {
            "DisplayName": "",
            **topic.attributes,
            "TopicArn": topic.arn,
            "Owner": topic.owner,
            "SubscriptionsConfirmed": str(sum(s.confirmed for s in subscriptions)),
            "SubscriptionsPending": str(sum(not s.confirmed for s in subscriptions)),
            "SubscriptionsDeleted": str(topic.deleted_subscriptions),
            "EffectiveDeliveryPolicy": delivery,
        }
    }


@operation("sns", "SetTopicAttributes")
def set_topic_attributes(call: Call) -> None:
    topic = find_topic(call.world, call.params["TopicArn"])
    name = call.params["AttributeName"]
    value = call.params.get("AttributeValue", "")
    _check_attribute(name, value)
    if value:
        topic.attributes[name] = value
    elif name == "Policy":
        topic.attributes[name] = default_policy(topic.arn)
    else:
        topic.attributes.pop(name, None)


def _check_attribute(name: str, value: str) -> None:
    if name not in _SETTABLE:
        raise AwsError("InvalidParameter", "Invalid parameter: AttributeName")
    if name == "Policy" and value:
        try:
            statements = json.loads(value)["Statement"]
        except (ValueError, KeyError, TypeError) as error:
            message = "Invalid parameter: Policy Error: null"
            raise AwsError("InvalidParameter", message) from error
        if not statements:
            raise AwsError("InvalidParameter", "Invalid parameter: Policy Error: null")
    if name == "DisplayName" and len(value) > 100:
        raise AwsError("InvalidParameter", "Invalid parameter: DisplayName")


@operation("sns", "TagResource")
def tag_resource(call: Call) -> None:
    topic = _tagged(call)
    tags = topic.tags | {tag["Key"]: tag["Value"] for tag in call.params["Tags"]}
    if len(tags) > MAX_TAGS:
        raise AwsError("TagLimitExceeded", "Could not complete request: tag quota of per resource exceeded")  # fmt: skip
    topic.tags = tags


@operation("sns", "UntagResource")
def untag_resource(call: Call) -> None:
    topic = _tagged(call)
    for key in call.params["TagKeys"]:
        topic.tags.pop(key, None)


@operation("sns", "ListTagsForResource")
def list_tags_for_resource(call: Call) -> dict[str, Any]:
    tags = _tagged(call).tags
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def _tagged(call: Call) -> Topic:
    """Return a tagging call's topic; the error code differs from that of other operations."""
    arn = call.params["ResourceArn"]
    topic = call.store(SnsStore).topics.get(arn)
    if topic is None:
        raise AwsError("ResourceNotFound", "Resource does not exist", 404)
    return topic
