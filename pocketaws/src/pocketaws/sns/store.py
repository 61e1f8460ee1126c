"""SNS's state: topics and subscriptions, stored under the topic's account and Region."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .. import paging
from ..errors import AwsError

if TYPE_CHECKING:
    from ..world import World

PENDING = "PendingConfirmation"


@dataclass
class Subscription:
    """A subscription to a topic. ``owner`` is the account that subscribed."""

    arn: str
    topic_arn: str
    owner: str
    protocol: str
    endpoint: str
    token: str
    confirmed: bool = False
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass
class Topic:
    """A topic; ``attributes`` holds the attributes that were set, as text, including ``Policy``."""

    arn: str
    attributes: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    deleted_subscriptions: int = 0

    @property
    def name(self) -> str:
        return self.arn.rpartition(":")[2]

    @property
    def owner(self) -> str:
        return self.arn.split(":")[4]


@dataclass
class SnsStore:
    """The topics of one account and Region, by ARN."""

    topics: dict[str, Topic] = field(default_factory=dict)


def find_topic(world: World, arn: str) -> Topic:
    """Return the topic with this ARN, in any account; raises ``NotFound``."""
    parts = arn.split(":")
    if len(parts) != 6 or parts[:3] != ["arn", "aws", "sns"]:
        raise AwsError("InvalidParameter", "Invalid parameter: TopicArn")
    topic = world.store(SnsStore, parts[4], parts[3]).topics.get(arn)
    if topic is None:
        raise AwsError("NotFound", "Topic does not exist", 404)
    return topic


def find_subscription(world: World, arn: str) -> Subscription:
    """Return the confirmed or pending subscription with this ARN; raises ``NotFound``."""
    topic_arn, _, _ = arn.rpartition(":")
    parts = topic_arn.split(":")
    if len(parts) != 6:
        message = "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements"
        raise AwsError("InvalidParameter", message)
    topic = world.store(SnsStore, parts[4], parts[3]).topics.get(topic_arn)
    subscription = topic.subscriptions.get(arn) if topic else None
    if subscription is None:
        raise AwsError("NotFound", "Subscription does not exist", 404)
    return subscription


def topic_policy(world: World, arn: str) -> str | None:
    """Return a topic's resource policy as JSON text, or ``None`` if the topic doesn't exist."""
    parts = arn.split(":")
    if len(parts) != 6:
        return None
    topic = world.store(SnsStore, parts[4], parts[3]).topics.get(arn)
    return topic.attributes["Policy"] if topic else None


def default_policy(arn: str) -> str:
    """Return a new topic's policy, which allows the owner's account everything.

    Source: SNS developer guide, "Example cases for Amazon SNS access control".
    """
    owner = arn.split(":")[4]
    actions = (
        "GetTopicAttributes SetTopicAttributes AddPermission RemovePermission DeleteTopic "
        "Subscribe ListSubscriptionsByTopic Publish"
    )
    return json.dumps(
        {
            "Version": "2008-10-17",
            "Id": "__default_policy_ID",
            "Statement": [
                {
                    "Sid": "__default_statement_ID",
                    "Effect": "Allow",
                    "Principal": {"AWS": "*"},
                    "Action": [f"SNS:{action}" for action in actions.split()],
                    "Resource": arn,
                    "Condition": {"StringEquals": {"AWS:SourceOwner": owner}},
                }
            ],
        },
        separators=(",", ":"),
    )


def page(name: str, items: list[Any], token: str | None) -> dict[str, Any]:
    """Return ``{name: …, "NextToken": …}`` with at most 100 items."""
    return paging.page(
        name, items, token, 100, AwsError("InvalidParameter", "Invalid parameter: NextToken")
    )
