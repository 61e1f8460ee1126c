"""The default event bus: matches events against the rules and sends them to the rules' targets.

Other services send their events with ``put``. ``PutEvents`` isn't emulated.

Source: EventBridge user guide, "Events".
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..effects import effect
from ..identity.caller import service_caller
from .pattern import Pattern
from .store import EventsStore
from .transform import input_for

if TYPE_CHECKING:
    from ..world import World

_DELIVERY_SECONDS = 1.0


def put(
    world: World,
    account: str,
    region: str,
    source: str,
    detail_type: str,
    detail: dict[str, Any],
    resources: list[str] | None = None,
    time: datetime | None = None,
) -> str:
    """Put an event on an account's default bus, and return the event's ID.

    ``detail`` is plain JSON; ``time`` defaults to the world's time.
    """
    moment = (time or world.now).astimezone(UTC)
    event = {
        "version": "0",
        "id": world.uuid(),
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": resources or [],
        "detail": detail,
    }
    received = world.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    for rule in list(world.store(EventsStore, account, region).rules.values()):
        if rule.state == "DISABLED" or not Pattern.parse(rule.event_pattern).matches(event):
            continue
        for target in rule.targets.values():
            text = input_for(target, event, rule.arn, received)
            world.later(
                "events.invoke_target", _DELIVERY_SECONDS,
                account=account, rule_arn=rule.arn, target_arn=target["Arn"], text=text,
            )  # fmt: skip
    return str(event["id"])


@effect("events.invoke_target")
def invoke_target(world: World, account: str, rule_arn: str, target_arn: str, text: str) -> None:
    """Publish to a topic if its policy allows EventBridge to do so for this rule."""
    caller = service_caller("events.amazonaws.com", account, source_arn=rule_arn)
    region = target_arn.split(":")[3]
    world.call(caller, "sns", "Publish", region, TopicArn=target_arn, Message=text)
