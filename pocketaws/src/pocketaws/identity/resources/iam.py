"""IAM: the actions and resources that authorization checks for each call.

Source: service authorization reference, "AWS Identity and Access Management".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ... import moto_state
from ..checks import Check, Keys, action_of, checks, pass_role

if TYPE_CHECKING:
    from ...gateway.call import Call

_LISTS = {
    "ListRoles": "role/", "ListUsers": "user/", "ListGroups": "group/", "ListPolicies": "policy/",
    "ListInstanceProfiles": "instance-profile/",
}  # fmt: skip
_OF_CALLER = {"GetUser", "ListAccessKeys", "CreateAccessKey", "DeleteAccessKey", "UpdateAccessKey"}


@checks("iam")
def named(call: Call) -> Iterator[Check]:
    """The role, user, group, profile, or policy in the parameters, in this order."""
    if call.operation in _LISTS:
        prefix = str(call.params.get("PathPrefix", "/")).removeprefix("/")
        yield _check(call, _LISTS[call.operation] + prefix)
        return
    for name, arn in _ARNS.items():
        if name in call.params and _is_subject(call, name):
            yield _check(call, arn(call, str(call.params[name])))
            break
    else:
        if call.operation in _OF_CALLER and call.caller.kind == "IAMUser":
            yield Check(action_of(call), call.caller.arn, keys=_keys(call))
        else:
            yield Check(action_of(call), keys=_keys(call))
    if call.params.get("Tags") and call.operation.startswith("Create"):
        yield from _tagging(call)


@checks("iam", "RemoveRoleFromInstanceProfile")
def remove_role(call: Call) -> Iterator[Check]:
    """The profile."""
    yield _check(call, _profile_arn(call, call.params.get("InstanceProfileName", "")))


@checks("iam", "AddRoleToInstanceProfile")
def add_role(call: Call) -> Iterator[Check]:
    """The profile, and the role that the caller passes to EC2."""
    yield _check(call, _profile_arn(call, call.params.get("InstanceProfileName", "")))
    role = _role_arn(call, call.params.get("RoleName", ""))
    yield pass_role(call, _full(call, role), "ec2.amazonaws.com")


@checks("iam", "CreateServiceLinkedRole")
def create_service_linked_role(call: Call) -> Iterator[Check]:
    """The service-linked role."""
    service = str(call.params.get("AWSServiceName", ""))
    arn = f"arn:aws:iam::{call.account}:role/aws-service-role/{service}/*"
    yield Check(action_of(call), arn, keys={"iam:awsservicename": (service,)})


def _is_subject(call: Call, name: str) -> bool:
    """Whether the parameter names the resource; an attached policy is only a condition."""
    attaches = call.operation.startswith(("Attach", "Detach"))
    return not (name == "PolicyArn" and attaches)


def _check(call: Call, resource: str) -> Check:
    arn = _full(call, resource)
    return Check(action_of(call), arn, keys=_keys(call), tags=lambda: _tags(call))


def _full(call: Call, resource: str) -> str:
    return resource if resource.startswith("arn:") else f"arn:aws:iam::{call.account}:{resource}"


def _tagging(call: Call) -> Iterator[Check]:
    kinds = {
        "CreateRole": ("iam:TagRole", "RoleName"),
        "CreateUser": ("iam:TagUser", "UserName"),
        "CreatePolicy": ("iam:TagPolicy", "PolicyName"),
        "CreateInstanceProfile": ("iam:TagInstanceProfile", "InstanceProfileName"),
    }
    if call.operation in kinds:
        action, name = kinds[call.operation]
        arn = _ARNS[name](call, str(call.params.get(name, "")))
        yield Check(action, _full(call, arn), keys=_keys(call))


def _keys(call: Call) -> Keys:
    keys: dict[str, Any] = {}
    if "PolicyArn" in call.params:
        keys["iam:policyarn"] = (str(call.params["PolicyArn"]),)
    boundary = call.params.get("PermissionsBoundary") or _boundary(call)
    if boundary:
        keys["iam:permissionsboundary"] = (str(boundary),)
    return keys


def _boundary(call: Call) -> str | None:
    found = _role(call, call.params.get("RoleName", "")) or _iam(call).users.get(
        call.params.get("UserName", "")
    )
    return getattr(found, "permissions_boundary_arn", None)


def _tags(call: Call) -> dict[str, str]:
    params = call.params
    if "RoleName" in params:
        found = _role(call, params["RoleName"])
    elif "UserName" in params:
        found = _iam(call).users.get(params["UserName"])
    else:
        found = _iam(call).instance_profiles.get(params.get("InstanceProfileName", ""))
    return {tag["Key"]: tag["Value"] for tag in (found.tags or [] if found is not None else [])}


def _iam(call: Call) -> Any:
    return moto_state.backend("iam", call.account, "aws")


def _role(call: Call, name: str) -> Any:
    return next((role for role in _iam(call).roles.values() if role.name == name), None)


def _role_arn(call: Call, name: str) -> str:
    found = _role(call, name)
    path = found.path if found is not None else call.params.get("Path", "/")
    return f"role{path}{name}"


def _user_arn(call: Call, name: str) -> str:
    found = _iam(call).users.get(name)
    path = found.path if found is not None else call.params.get("Path", "/")
    return f"user{path}{name}"


def _group_arn(call: Call, name: str) -> str:
    found = _iam(call).groups.get(name)
    path = found.path if found is not None else call.params.get("Path", "/")
    return f"group{path}{name}"


def _profile_arn(call: Call, name: str) -> str:
    found = _iam(call).instance_profiles.get(name)
    path = found.path if found is not None else call.params.get("Path", "/")
    return f"instance-profile{path}{name}"


_ARNS: dict[str, Callable[[Call, str], str]] = {
    "GroupName": _group_arn,
    "RoleName": _role_arn,
    "UserName": _user_arn,
    "InstanceProfileName": _profile_arn,
    "PolicyArn": lambda _, arn: arn,
    "PolicySourceArn": lambda _, arn: arn,
    "PolicyName": lambda call, name: f"policy{call.params.get('Path', '/')}{name}",
}
