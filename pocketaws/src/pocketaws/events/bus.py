"""The default event bus: events come in, rules are asked, targets are sent what they want.

Other parts send their events by ``put``.

Source: EventBridge user guide, "Events"; API reference, "PutEvents".
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..effects import effect
from ..identity.caller import service_caller
from ..registry import operation
from .pattern import Pattern
from .store import EventsStore, check_bus
from .transform import input_for

if TYPE_CHECKING:
    from ..gateway.call import Call
    from ..world import World

_DELIVERY_SECONDS = 1.0
MAX_ENTRY_BYTES = 1024 * 1024


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
    """Put an event on an account's default bus; answers with its id.

    ``detail`` is plain JSON; ``time`` is the world's where it is left out.
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
    """Publish to a topic, if its policy lets EventBridge do so for this rule."""
    caller = service_caller("events.amazonaws.com", account, source_arn=rule_arn)
    region = target_arn.split(":")[3]
    world.call(caller, "sns", "Publish", region, TopicArn=target_arn, Message=text)


@operation("events", "PutEvents")
def put_events(call: Call) -> dict[str, Any]:
    """Put events of one's own; each is taken or refused by itself."""
    answers = [_put_entry(call, entry) for entry in call.params["Entries"]]
    failed = sum("ErrorCode" in answer for answer in answers)
    return {"FailedEntryCount": failed, "Entries": answers}


def _put_entry(call: Call, entry: dict[str, Any]) -> dict[str, str]:
    check_bus(call, entry.get("EventBusName"))
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            return _refused("InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument.")  # fmt: skip
    if entry["Source"].startswith("aws."):
        return _refused("NotAuthorizedForSourceException", "Not authorized for the source.")
    if sum(len(entry[name].encode()) for name in ("Source", "DetailType", "Detail")) > MAX_ENTRY_BYTES:  # fmt: skip
        return _refused("InvalidArgument", "Total size of the entries in the request is over the limit.")  # fmt: skip
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        return _refused("MalformedDetail", "Detail is malformed.")
    if not isinstance(detail, dict):
        return _refused("MalformedDetail", "Detail is malformed.")
    event_id = put(
        call.world, call.account, call.region, entry["Source"], entry["DetailType"], detail,
        entry.get("Resources"), entry.get("Time"),
    )  # fmt: skip
    return {"EventId": event_id}


def _refused(code: str, message: str) -> dict[str, str]:
    return {"ErrorCode": code, "ErrorMessage": message}
