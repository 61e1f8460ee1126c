"""Limits on sizes and names that IAM enforces and moto doesn't.

Source: IAM user guide, "IAM and AWS STS quotas" (sizes do not count white space); IAM API reference, "CreateRole",
"CreateUser".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..errors import AwsError
from ..registry import before

if TYPE_CHECKING:
    from ..gateway.call import Call

_MOST_TRUST = 2048
_MOST_MANAGED = 6144
_MOST_INLINE = {"UserName": 2048, "GroupName": 5120, "RoleName": 10240}
_MOST_ATTACHED = 10
_MOST_VERSIONS = 5
_NAMES = {
    "RoleName": 64,
    "UserName": 64,
    "GroupName": 128,
    "InstanceProfileName": 128,
    "PolicyName": 128,
}
_NAME = re.compile(r"[\w+=,.@-]+", re.ASCII)
_PATH = re.compile(r"/|/[\x21-\x7e]*/")


@before(
    "iam", "CreateRole", "CreateUser", "CreateGroup", "CreateInstanceProfile", "CreatePolicy",
    "PutRolePolicy", "PutUserPolicy", "PutGroupPolicy",
)  # fmt: skip
def names(call: Call) -> None:
    """Refuse names and paths with invalid characters or lengths."""
    for parameter, longest in _NAMES.items():
        name = call.params.get(parameter)
        if name is None:
            continue
        member = parameter[0].lower() + parameter[1:]
        if _NAME.fullmatch(name) is None:
            allowed = "The specified value for {} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"
            raise AwsError("ValidationError", allowed.format(member))
        if len(name) > longest:
            raise AwsError(
                "ValidationError",
                f"1 validation error detected: Value '{name}' at '{member}' failed to satisfy constraint: Member must have length less than or equal to {longest}",
            )
    path = call.params.get("Path")
    if path is not None and _PATH.fullmatch(path) is None:
        message = "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters."
        raise AwsError("ValidationError", message)


@before("iam", "CreateRole", "UpdateRole")
def durations(call: Call) -> None:
    """Refuse session durations outside 1 to 12 hours."""
    seconds = call.params.get("MaxSessionDuration")
    if seconds is not None and not 3600 <= int(seconds) <= 43_200:
        bound = (
            "greater than or equal to 3600"
            if int(seconds) < 3600
            else "less than or equal to 43200"
        )
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value '{seconds}' at 'maxSessionDuration' failed to satisfy constraint: Member must have value {bound}",
        )


@before("iam", "CreateRole", "UpdateAssumeRolePolicy")
def trust_size(call: Call) -> None:
    """Refuse trust policies that are too long."""
    text = call.params.get("AssumeRolePolicyDocument") or call.params.get("PolicyDocument", "")
    if _size(text) > _MOST_TRUST:
        raise _exceeded(f"Cannot exceed quota for ACLSizePerRole: {_MOST_TRUST}")


@before("iam", "CreatePolicy", "CreatePolicyVersion")
def managed_size(call: Call) -> None:
    """Refuse managed policies with too many characters or versions."""
    if _size(call.params.get("PolicyDocument", "")) > _MOST_MANAGED:
        raise _exceeded(f"Cannot exceed quota for PolicySize: {_MOST_MANAGED}")
    policy = _iam(call).managed_policies.get(call.params.get("PolicyArn", ""))
    if policy is not None and len(policy.versions) >= _MOST_VERSIONS:
        raise _exceeded(
            "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version."
        )


@before("iam", "PutRolePolicy", "PutUserPolicy", "PutGroupPolicy")
def inline_size(call: Call) -> None:
    """Refuse an inline policy if the entity's inline policies together have too many characters."""
    parameter = next(name for name in _MOST_INLINE if name in call.params)
    holder = _holder(call, parameter)
    if holder is None:
        return
    replaced = call.params["PolicyName"]
    others = sum(_size(text) for name, text in holder.policies.items() if name != replaced)
    longest = _MOST_INLINE[parameter]
    if others + _size(call.params.get("PolicyDocument", "")) > longest:
        kind = parameter.removesuffix("Name").lower()
        raise _exceeded(f"Maximum policy size of {longest} bytes exceeded for {kind} {holder.name}")


@before("iam", "AttachRolePolicy", "AttachUserPolicy", "AttachGroupPolicy")
def attached(call: Call) -> None:
    """Refuse an eleventh managed policy on an entity."""
    parameter = next(name for name in _MOST_INLINE if name in call.params)
    holder = _holder(call, parameter)
    if holder is None or call.params["PolicyArn"] in holder.managed_policies:
        return
    if len(holder.managed_policies) >= _MOST_ATTACHED:
        kind = parameter.removesuffix("Name")
        raise _exceeded(f"Cannot exceed quota for PoliciesPer{kind}: {_MOST_ATTACHED}")


def _holder(call: Call, parameter: str) -> Any:
    iam = _iam(call)
    name = call.params[parameter]
    if parameter == "RoleName":
        return next((role for role in iam.roles.values() if role.name == name), None)
    return (iam.users if parameter == "UserName" else iam.groups).get(name)


def _iam(call: Call) -> Any:
    return moto_state.backend("iam", call.account, "aws")


def _size(text: str) -> int:
    return len("".join(text.split()))


def _exceeded(message: str) -> AwsError:
    return AwsError("LimitExceeded", message, 409)
