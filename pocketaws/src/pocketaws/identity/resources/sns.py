"""SNS: the actions and resources that authorization checks for each call.

Source: service authorization reference, "Amazon SNS"; SNS developer guide, "Amazon SNS API
permissions".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...sns.store import topic_policy
from ..checks import Check, action_of, arn, checks

if TYPE_CHECKING:
    from ...gateway.call import Call

_WITHOUT_RESOURCE = ("ListTopics", "ListSubscriptions")


@checks("sns")
def topic(call: Call) -> Iterator[Check]:
    """The topic with its policy; for a subscription, its topic."""
    params = call.params
    topic_arn = params.get("TopicArn") or params.get("TargetArn") or params.get("ResourceArn")
    if topic_arn is None and params.get("SubscriptionArn"):
        topic_arn = str(params["SubscriptionArn"]).rpartition(":")[0]
    if topic_arn is None:
        topic_arn = arn(call, "sns", str(params.get("Name", "*")))
    fields = topic_arn.split(":")
    owner = fields[4] if len(fields) > 5 else call.account
    policy = topic_policy(call.world, topic_arn)
    yield Check(action_of(call), topic_arn, owner, policy=policy, has_policy=True)
    if call.operation == "CreateTopic" and params.get("Tags"):
        yield Check("sns:TagResource", topic_arn, owner, policy=policy, has_policy=True)


@checks("sns", "ConfirmSubscription")
def confirm(_call: Call) -> Iterator[Check]:
    """The token is the authorization."""
    return iter(())


@checks("sns", *_WITHOUT_RESOURCE)
def lists(call: Call) -> Iterator[Check]:
    """All topics of the account."""
    yield Check(action_of(call), arn(call, "sns", "*"))
