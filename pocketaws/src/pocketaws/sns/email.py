"""The text of SNS's emails.

Source: SNS developer guide, "Email notifications"; the footer matches published emails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .inbox import SENDER, Mail, inbox

if TYPE_CHECKING:
    from ..world import World
    from .store import Subscription, Topic

DEFAULT_SUBJECT = "AWS Notification Message"
_CONFIRMATION_SUBJECT = "AWS Notification - Subscription Confirmation"
_SUPPORT = (
    "Please do not reply directly to this email. If you have any questions or comments regarding "
    "this email, please contact us at https://aws.amazon.com/support"
)


def ask_to_confirm(world: World, topic: Topic, subscription: Subscription) -> None:
    """Send the email with the link that confirms a subscription."""
    link = (
        f"{_host(topic)}/confirmation.html?TopicArn={topic.arn}&Token={subscription.token}"
        f"&Endpoint={subscription.endpoint}"
    )
    body = (
        f"You have chosen to subscribe to the topic: \n{topic.arn}\n\n"
        "To confirm this subscription, click or visit the link below (If this was in error no "
        f"action is necessary): \n{link}\n\n{_SUPPORT}\n"
    )
    _send(world, topic, subscription, _CONFIRMATION_SUBJECT, body, None)


def notify(
    world: World,
    topic: Topic,
    subscription: Subscription,
    subject: str | None,
    message: str,
) -> None:
    """Send a published message to one subscriber."""
    body = (
        f"{message}\n\n--\nIf you wish to stop receiving notifications from this topic, please "
        f"click or visit the link below to unsubscribe:\n{_host(topic)}/unsubscribe.html"
        f"?SubscriptionArn={subscription.arn}&Endpoint={subscription.endpoint}\n\n{_SUPPORT}\n"
    )
    _send(world, topic, subscription, subject or DEFAULT_SUBJECT, body, subscription.arn)


def _send(
    world: World,
    topic: Topic,
    subscription: Subscription,
    subject: str,
    body: str,
    subscription_arn: str | None,
) -> None:
    name = topic.attributes.get("DisplayName") or "AWS Notifications"
    inbox(world).mails.append(
        Mail(
            subscription.endpoint,
            f"{name} <{SENDER}>",
            subject,
            body,
            world.now,
            topic.arn,
            subscription_arn,
        )
    )


def _host(topic: Topic) -> str:
    return f"https://sns.{topic.arn.split(':')[3]}.amazonaws.com"
