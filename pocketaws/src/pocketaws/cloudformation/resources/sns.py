"""SNS: topics, their policies, and subscriptions.

Source: CloudFormation template reference, "AWS::SNS::Topic", "…::TopicPolicy", "…::Subscription";
SNS developer guide for the default policy of a topic, which returns when its ``TopicPolicy`` is
deleted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from .handler import ResourceType, Work, resource_type, update_tags

_ABSENT = ("NotFound", "NotFoundException")
_TOPIC_SETTINGS = ("DisplayName", "KmsMasterKeyId", "SignatureVersion", "TracingConfig")
_SUBSCRIPTION_SETTINGS = (
    "DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy",
)  # fmt: skip
_DEFAULT_ACTIONS = (
    "GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic",
    "Subscribe", "ListSubscriptionsByTopic", "Publish",
)  # fmt: skip


def _text(value: Any) -> str:
    """Return an attribute's value in the API's format."""
    return value if isinstance(value, str) else json.dumps(value)


def _update_settings(
    work: Work, before: Mapping[str, Any], settings: Iterable[str], operation: str, **which: str
) -> None:
    for name in settings:
        if work.properties.get(name) != before.get(name):
            value = _text(work.properties.get(name, ""))
            work.call("sns", operation, **which, AttributeName=name, AttributeValue=value)


@resource_type("AWS::SNS::Topic")
class Topic(ResourceType):
    """A topic; its ``Ref`` is its ARN."""

    supported = frozenset({"TopicName", "Subscription", "Tags", *_TOPIC_SETTINGS})
    attributes = frozenset({"TopicArn", "TopicName"})
    updatable = frozenset(_TOPIC_SETTINGS)
    create_seconds = 11.0

    def create(self, work: Work) -> None:
        name = work.properties.get("TopicName") or work.name(256)
        made = work.call(
            "sns", "CreateTopic",
            Name=name, Attributes=_settings(work.properties, _TOPIC_SETTINGS), Tags=work.tag_list(),
        )["TopicArn"]  # fmt: skip
        work.identify(made, TopicArn=made, TopicName=name)
        for each in work.properties.get("Subscription", []):
            work.call("sns", "Subscribe", TopicArn=made, ReturnSubscriptionArn=True, **each)

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        _update_settings(
            work, before, _TOPIC_SETTINGS, "SetTopicAttributes", TopicArn=work.physical_id
        )
        update_tags(work, before, "sns", ResourceArn=work.physical_id)

    def delete(self, work: Work) -> None:
        work.delete_if_exists("sns", "DeleteTopic", *_ABSENT, TopicArn=work.physical_id)

    def gone(self, work: Work) -> bool:
        return not work.exists("sns", "GetTopicAttributes", *_ABSENT, TopicArn=work.physical_id)


@resource_type("AWS::SNS::TopicPolicy")
class TopicPolicy(ResourceType):
    """The policy of one or more topics; its ID is generated."""

    supported = frozenset({"PolicyDocument", "Topics"})
    attributes = frozenset({"Id"})
    updatable = frozenset({"PolicyDocument", "Topics"})

    def create(self, work: Work) -> None:
        name = work.short_name()
        work.identify(name, Id=name)
        self._put(work)

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        self._put(work)
        for topic in [each for each in before["Topics"] if each not in work.properties["Topics"]]:
            self._reset(work, topic)

    def _put(self, work: Work) -> None:
        for topic in work.properties["Topics"]:
            work.call(
                "sns", "SetTopicAttributes",
                TopicArn=topic,
                AttributeName="Policy",
                AttributeValue=_text(work.properties["PolicyDocument"]),
            )  # fmt: skip

    def _reset(self, work: Work, topic: str) -> None:
        work.delete_if_exists(
            "sns", "SetTopicAttributes", *_ABSENT,
            TopicArn=topic,
            AttributeName="Policy",
            AttributeValue=_default_policy(topic, work.account),
        )  # fmt: skip

    def delete(self, work: Work) -> None:
        for topic in work.properties["Topics"]:
            self._reset(work, topic)

    def gone(self, work: Work) -> bool:
        del work  # a topic always has a policy: resetting it is the deletion
        return True


@resource_type("AWS::SNS::Subscription")
class Subscription(ResourceType):
    """A subscription, confirmed or not; its ``Ref`` is its ARN."""

    supported = frozenset({"Endpoint", "Protocol", "TopicArn", *_SUBSCRIPTION_SETTINGS})
    attributes = frozenset({"Arn"})
    updatable = frozenset(_SUBSCRIPTION_SETTINGS)

    def create(self, work: Work) -> None:
        made = work.call(
            "sns", "Subscribe",
            **{k: v for k, v in work.properties.items() if k in {"TopicArn", "Protocol", "Endpoint"}},
            Attributes=_settings(work.properties, _SUBSCRIPTION_SETTINGS),
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]  # fmt: skip
        work.identify(made, Arn=made)

    def update(self, work: Work, before: Mapping[str, Any]) -> None:
        _update_settings(
            work,
            before,
            _SUBSCRIPTION_SETTINGS,
            "SetSubscriptionAttributes",
            SubscriptionArn=work.physical_id,
        )

    def delete(self, work: Work) -> None:
        work.delete_if_exists("sns", "Unsubscribe", *_ABSENT, SubscriptionArn=work.physical_id)

    def gone(self, work: Work) -> bool:
        return not work.exists(
            "sns", "GetSubscriptionAttributes", *_ABSENT, SubscriptionArn=work.physical_id
        )


def _settings(properties: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str] | None:
    return {name: _text(properties[name]) for name in names if name in properties} or None


def _default_policy(topic: str, account: str) -> str:
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{name}" for name in _DEFAULT_ACTIONS],
        "Resource": topic,
        "Condition": {"StringEquals": {"AWS:SourceOwner": account}},
    }
    return json.dumps(
        {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}
    )
