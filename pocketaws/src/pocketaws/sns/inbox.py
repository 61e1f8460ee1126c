"""The emails that SNS would send, stored so that the emulator's user can read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..world import World

SENDER = "no-reply@sns.amazonaws.com"


@dataclass(frozen=True)
class Mail:
    """One email. ``subscription_arn`` is ``None`` for a confirmation request."""

    to: str
    sender: str
    subject: str
    body: str
    sent_at: datetime
    topic_arn: str
    subscription_arn: str | None


@dataclass
class Inbox:
    """All emails sent, oldest first; one inbox for the whole world."""

    mails: list[Mail] = field(default_factory=list)


def inbox(world: World) -> Inbox:
    """Return the world's inbox."""
    return world.store(Inbox, "", "")


def as_json(world: World) -> list[dict[str, Any]]:
    """Return the emails as JSON values, oldest first; times are ISO 8601 in UTC."""
    return [
        {
            "to": mail.to,
            "from": mail.sender,
            "subject": mail.subject,
            "body": mail.body,
            "sent_at": mail.sent_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "topic_arn": mail.topic_arn,
            "subscription_arn": mail.subscription_arn,
        }
        for mail in inbox(world).mails
    ]
