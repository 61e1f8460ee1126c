"""The emails that SNS would send, kept for whoever runs the emulator to read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..world import World

SENDER = "no-reply@sns.amazonaws.com"


@dataclass(frozen=True)
class Mail:
    """One e-mail. ``subscription_arn`` is missing in the mail that asks for confirmation."""

    to: str
    sender: str
    subject: str
    body: str
    sent_at: datetime
    topic_arn: str
    subscription_arn: str | None


@dataclass
class Inbox:
    """Every mail sent, oldest first (one for the whole world)."""

    mails: list[Mail] = field(default_factory=list)


def inbox(world: World) -> Inbox:
    """The world's mails."""
    return world.store(Inbox, "", "")


def as_json(world: World) -> list[dict[str, Any]]:
    """The mails as JSON values, oldest first; times as ISO 8601, UTC."""
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
