"""Creates, confirms, and deletes subscriptions.

Source: SNS API reference, "Subscribe", "ConfirmSubscription", "ListSubscriptions"; SNS developer
guide, "Email notifications" (a pending subscription is deleted after 48 hours).
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..effects import effect
from ..errors import AwsError
from ..registry import operation
from . import email
from .filtering import check_policy
from .store import (
    PENDING,
    SnsStore,
    Subscription,
    Topic,
    find_subscription,
    find_topic,
    page,
)

if TYPE_CHECKING:
    from ..gateway.call import Call
    from ..world import World

_BY_MAIL = "email"
_OTHERS = {"email-json", "http", "https", "sms", "sqs", "application", "lambda", "firehose"}
_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")
_SETTABLE = {"FilterPolicy", "FilterPolicyScope"}
_OWNER_ANSWERS_SECONDS = 30.0
_PENDING_SECONDS = 48 * 3600.0


@operation("sns", "Subscribe")
def subscribe(call: Call) -> dict[str, Any]:
    """Email the address's owner for confirmation; until then, the response has no ARN."""
    params = call.params
    topic = find_topic(call.world, params["TopicArn"])
    if topic.arn.split(":")[3] != call.region:
        raise AwsError("InvalidParameter", "Invalid parameter: TopicArn")
    protocol, endpoint = params["Protocol"], params.get("Endpoint", "")
    _check_endpoint(protocol, endpoint)
    attributes = dict(params.get("Attributes", {}))
    for name, value in attributes.items():
        _check_attribute(name, value)
    subscription = _same(topic, protocol, endpoint)
    if subscription is None:
        subscription = Subscription(
            f"{topic.arn}:{call.world.uuid()}", topic.arn, call.account, protocol, endpoint,
            call.world.hex(144), attributes=attributes,
        )  # fmt: skip
        topic.subscriptions[subscription.arn] = subscription
        until = call.now + timedelta(seconds=_PENDING_SECONDS)
        call.world.at(until, "sns.forget_pending", arn=subscription.arn)
    if not subscription.confirmed:
        email.ask_to_confirm(call.world, topic, subscription)
        if call.world.confirm_subscriptions:
            call.world.later("sns.owner_confirms", _OWNER_ANSWERS_SECONDS, arn=subscription.arn)
    known = subscription.confirmed or params.get("ReturnSubscriptionArn")
    return {"SubscriptionArn": subscription.arn if known else "pending confirmation"}


def _check_endpoint(protocol: str, endpoint: str) -> None:
    if protocol in _OTHERS:
        raise AwsError(
            "NotImplemented",
            f"pocketaws doesn't emulate subscriptions with the protocol {protocol}.",
            501,
        )
    if protocol != _BY_MAIL:
        message = f"Invalid parameter: Does not support this protocol string: {protocol}"
        raise AwsError("InvalidParameter", message)
    if _ADDRESS.fullmatch(endpoint) is None:
        raise AwsError("InvalidParameter", "Invalid parameter: Email address")


def _same(topic: Topic, protocol: str, endpoint: str) -> Subscription | None:
    for subscription in topic.subscriptions.values():
        if (subscription.protocol, subscription.endpoint) == (protocol, endpoint):
            return subscription
    return None


@effect("sns.owner_confirms")
def owner_confirms(world: World, arn: str) -> None:
    """Confirm as the address's owner would; does nothing if the topic is gone."""
    topic = _topic_of(world, arn)
    if topic is not None and arn in topic.subscriptions:
        topic.subscriptions[arn].confirmed = True


@effect("sns.forget_pending")
def forget_pending(world: World, arn: str) -> None:
    """Delete a subscription that nobody confirmed in time."""
    topic = _topic_of(world, arn)
    if topic is not None and arn in topic.subscriptions and not topic.subscriptions[arn].confirmed:
        del topic.subscriptions[arn]


def _topic_of(world: World, subscription_arn: str) -> Topic | None:
    topic_arn, _, _ = subscription_arn.rpartition(":")
    parts = topic_arn.split(":")
    return world.store(SnsStore, parts[4], parts[3]).topics.get(topic_arn)


@operation("sns", "ConfirmSubscription")
def confirm_subscription(call: Call) -> dict[str, Any]:
    """Confirm a subscription with the token from the email."""
    topic = find_topic(call.world, call.params["TopicArn"])
    for subscription in topic.subscriptions.values():
        if subscription.token == call.params["Token"]:
            subscription.confirmed = True
            return {"SubscriptionArn": subscription.arn}
    raise AwsError("InvalidParameter", "Invalid parameter: Token")


@operation("sns", "Unsubscribe")
def unsubscribe(call: Call) -> None:
    subscription = find_subscription(call.world, call.params["SubscriptionArn"])
    topic = find_topic(call.world, subscription.topic_arn)
    del topic.subscriptions[subscription.arn]
    topic.deleted_subscriptions += 1


@operation("sns", "ListSubscriptions")
def list_subscriptions(call: Call) -> dict[str, Any]:
    """List the account's subscriptions in this Region, 100 per page."""
    found = [
        _listed(subscription)
        for _, region, store in call.world.stores(SnsStore)
        for topic in store.topics.values()
        for subscription in topic.subscriptions.values()
        if region == call.region and subscription.owner == call.account
    ]
    return page("Subscriptions", found, call.params.get("NextToken"))


@operation("sns", "ListSubscriptionsByTopic")
def list_subscriptions_by_topic(call: Call) -> dict[str, Any]:
    """List a topic's subscriptions, 100 per page; pending ones appear without an ARN."""
    topic = find_topic(call.world, call.params["TopicArn"])
    found = [_listed(subscription) for subscription in topic.subscriptions.values()]
    return page("Subscriptions", found, call.params.get("NextToken"))


def _listed(subscription: Subscription) -> dict[str, str]:
    return {
        "SubscriptionArn": subscription.arn if subscription.confirmed else PENDING,
        "Owner": subscription.owner,
        "Protocol": subscription.protocol,
        "Endpoint": subscription.endpoint,
        "TopicArn": subscription.topic_arn,
    }


@operation("sns", "GetSubscriptionAttributes")
def get_subscription_attributes(call: Call) -> dict[str, Any]:
    subscription = find_subscription(call.world, call.params["SubscriptionArn"])
    policy = subscription.attributes.get("FilterPolicy")
    scope = {"FilterPolicyScope": "MessageAttributes"} if policy else {}
    return {
        "Attributes": {
            "SubscriptionArn": subscription.arn,
            "TopicArn": subscription.topic_arn,
            "Owner": subscription.owner,
            "Protocol": subscription.protocol,
            "Endpoint": subscription.endpoint,
            "PendingConfirmation": str(not subscription.confirmed).lower(),
            "ConfirmationWasAuthenticated": "false",
            "RawMessageDelivery": "false",
            **scope,
            **subscription.attributes,
        }
    }


@operation("sns", "SetSubscriptionAttributes")
def set_subscription_attributes(call: Call) -> None:
    subscription = find_subscription(call.world, call.params["SubscriptionArn"])
    name, value = call.params["AttributeName"], call.params.get("AttributeValue", "")
    _check_attribute(name, value)
    if value:
        subscription.attributes[name] = value
    else:
        subscription.attributes.pop(name, None)


def _check_attribute(name: str, value: str) -> None:
    if name not in _SETTABLE:
        raise AwsError("InvalidParameter", "Invalid parameter: AttributeName")
    if name == "FilterPolicyScope" and value not in {"MessageAttributes", "MessageBody"}:
        raise AwsError("InvalidParameter", "Invalid parameter: FilterPolicyScope")
    if name == "FilterPolicy" and value:
        try:
            check_policy(json.loads(value))
        except ValueError as error:
            message = f"Invalid parameter: FilterPolicy: {error}"
            raise AwsError("InvalidParameter", message) from error
