"""The permission checks of a call, and how services register them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..gateway.call import Call

Tags = Callable[[], Mapping[str, str]]
Keys = Mapping[str, "tuple[str, ...] | Callable[[], tuple[str, ...] | None]"]
NO_KEYS: Keys = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Check:
    """An action on a resource."""

    action: str
    """``ec2:RunInstances``"""
    resource: str = "*"
    """An ARN, or ``*`` for an action without resource types."""
    account: str | None = None
    """The resource's account; ``None`` means the account that the call is made in."""
    keys: Keys = field(default_factory=dict)
    """The service's condition keys (in lower case) and their values, or functions that return the values."""
    tags: Tags | None = None
    """Returns the resource's tags."""
    policy: str | None = None
    """The resource's own policy, if it has one."""
    has_policy: bool = False
    """Whether resources of this kind have policies, so that services need one for access."""
    needs_grant: bool = False
    """Whether the resource's policy must name the caller even within an account (role trust)."""


Checks = Callable[["Call"], Iterable[Check]]

_BY_OPERATION: dict[tuple[str, str], Checks] = {}
_BY_SERVICE: dict[str, Checks] = {}

# botocore's service name -> prefix of its actions, where they differ.
_PREFIXES = {
    "resourcegroupstaggingapi": "tag",
    "stepfunctions": "states",
    "s3control": "s3",
    "service-quotas": "servicequotas",
}


def checks(service: str, *operations: str) -> Callable[[Checks], Checks]:
    """Register the checks of these operations or, without operations, of all others of the service."""

    def register(function: Checks) -> Checks:
        if not operations:
            _BY_SERVICE[service] = function
        for operation in operations:
            if (service, operation) in _BY_OPERATION:
                raise ValueError(f"{service}:{operation} is registered twice")
            _BY_OPERATION[service, operation] = function
        return function

    return register


def checks_of(call: Call) -> Iterable[Check]:
    """The checks of a call, in AWS's order."""
    found = _BY_OPERATION.get((call.service, call.operation)) or _BY_SERVICE.get(call.service)
    return found(call) if found is not None else (Check(action_of(call)),)


def action_of(call: Call) -> str:
    """The action that has the operation's name."""
    return f"{_PREFIXES.get(call.service, call.service)}:{call.operation}"


def own(call: Call, resource: str, *, tags: Tags | None = None, keys: Keys = NO_KEYS) -> Check:
    """A check for the action that has the operation's name."""
    return Check(action_of(call), resource, keys=keys, tags=tags)


def arn(call: Call, service: str, resource: str) -> str:
    """The ARN of a resource in the account and Region of the call."""
    return f"arn:aws:{service}:{call.region}:{call.account}:{resource}"


def pass_role(call: Call, role_arn: str, service: str) -> Check:
    """The permission to pass a role to a service (IAM user guide, "Grant a user permissions to pass a role")."""
    fields = role_arn.split(":")
    account = fields[4] if len(fields) > 5 else call.account
    return Check("iam:PassRole", role_arn, account, {"iam:passedtoservice": (service,)})
