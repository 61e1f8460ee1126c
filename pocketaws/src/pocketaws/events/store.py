"""EventBridge's state: the default event bus's rules and their targets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .. import paging
from ..errors import AwsError

if TYPE_CHECKING:
    from ..gateway.call import Call

DEFAULT_BUS = "default"


@dataclass
class Rule:
    """A rule; ``targets`` are in the shape of ``PutTargets``, keyed by ``Id``."""

    name: str
    arn: str
    created_by: str
    event_pattern: str
    state: str
    description: str | None = None
    role_arn: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    targets: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class EventsStore:
    """The rules of one account and Region, by name."""

    rules: dict[str, Rule] = field(default_factory=dict)


def bus_arn(call: Call) -> str:
    return f"arn:aws:events:{call.region}:{call.account}:event-bus/{DEFAULT_BUS}"


def check_bus(call: Call, name: str | None) -> None:
    """Accept only the default bus, by name or ARN; raises ``ResourceNotFoundException``."""
    if name not in {None, DEFAULT_BUS, bus_arn(call)}:
        shown = str(name).rpartition("/")[2]
        raise AwsError("ResourceNotFoundException", f"Event bus {shown} does not exist.")


def find_rule(call: Call, name: str) -> Rule:
    """Return a rule by name; raises ``ResourceNotFoundException``."""
    rule = call.store(EventsStore).rules.get(name)
    if rule is None:
        message = f"Rule {name} does not exist on EventBus {DEFAULT_BUS}."
        raise AwsError("ResourceNotFoundException", message)
    return rule


def validation(message: str) -> AwsError:
    return AwsError("ValidationException", message)


def page(name: str, items: list[Any], params: dict[str, Any]) -> dict[str, Any]:
    """Return the requested page: ``{name: …, "NextToken": …}``."""
    error = validation("Parameter NextToken is not valid.")
    return paging.page(name, items, params.get("NextToken"), params.get("Limit", 100), error)
