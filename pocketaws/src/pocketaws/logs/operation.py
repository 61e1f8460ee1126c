"""Registers this service's operations, and holds what they share."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import registry
from ..errors import AwsError
from .store import LogGroup, LogsStore
from .validation import validate

if TYPE_CHECKING:
    from ..gateway.call import Call

Handler = Callable[["Call"], "dict[str, Any] | None"]

_GROUP_ARN = re.compile(
    r"arn:[^:]+:logs:(?P<region>[^:]+):(?P<account>\d{12}):log-group:(?P<name>[^:*]+)"
)


def logs_operation(name: str) -> Callable[[Handler], Handler]:
    """Register a handler for ``logs:name``; invalid parameters never reach it."""

    def register(function: Handler) -> Handler:
        @functools.wraps(function)
        def checked(call: Call) -> dict[str, Any] | None:
            validate(call)
            return function(call)

        return registry.operation("logs", name)(checked)

    return register


def milliseconds(call: Call) -> int:
    """Return the call's time in milliseconds since 1970, UTC."""
    return int(call.now.timestamp() * 1000)


def named_group(call: Call) -> LogGroup:
    """Return the group that the ``logGroupName`` parameter names."""
    return call.store(LogsStore).group(call.params["logGroupName"])


def identified_group(call: Call) -> LogGroup:
    """Return the group from exactly one of ``logGroupName`` and ``logGroupIdentifier``."""
    name, identifier = call.params.get("logGroupName"), call.params.get("logGroupIdentifier")
    if (name is None) == (identifier is None):
        message = (
            "Exactly one of these parameters must be passed: [logGroupName, logGroupIdentifier]"
        )
        raise AwsError("InvalidParameterException", message)
    return group_by_identifier(call, str(name or identifier))


def group_by_identifier(call: Call, identifier: str) -> LogGroup:
    """Return a group by name or ARN; another account's groups don't exist for the caller."""
    if not identifier.startswith("arn:"):
        return call.store(LogsStore).group(identifier)
    match = _GROUP_ARN.fullmatch(identifier)
    if match is None:
        raise AwsError("InvalidParameterException", "Log group ARN is not valid.")
    if (match["region"], match["account"]) != (call.region, call.account):
        message = "The specified log group does not exist."
        raise AwsError("ResourceNotFoundException", message)
    return call.store(LogsStore).group(match["name"])
