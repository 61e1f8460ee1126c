"""GuardDuty's service-linked role in an account.

Source: GuardDuty user guide, "Service-linked role permissions for GuardDuty"; "Setting up
prerequisites for entity lists and IP address lists" (IP lists: the caller grants the role read
access through ``iam:PutRolePolicy``).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..identity.role_sessions import find_role, role_session_caller

if TYPE_CHECKING:
    from ..gateway.call import Call
    from ..identity.caller import Caller
    from ..world import World
    from .store import AddressList

PRINCIPAL = "guardduty.amazonaws.com"
ROLE_NAME = "AWSServiceRoleForAmazonGuardDuty"


def role_arn(account: str) -> str:
    return f"arn:aws:iam::{account}:role/aws-service-role/{PRINCIPAL}/{ROLE_NAME}"


def ensure(call: Call) -> None:
    """Create the role if it's missing; the caller needs ``iam:CreateServiceLinkedRole``."""
    try:
        find_role(role_arn(call.account))
    except AwsError:
        _iam(call, "CreateServiceLinkedRole", AWSServiceName=PRINCIPAL)


def allow_read(call: Call, address_list: AddressList, bucket: str, key: str) -> None:
    """Allow the role to read a list's object, using the caller's ``iam:PutRolePolicy``.

    Raises ``BadRequestException`` if the caller lacks that permission.
    """
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::{bucket}/{key}",
            }
        ],
    }
    _iam_or_refuse(
        call, "PutRolePolicy",
        RoleName=ROLE_NAME, PolicyName=_policy_name(address_list),
        PolicyDocument=json.dumps(document),
    )  # fmt: skip


def revoke_read(call: Call, address_list: AddressList) -> None:
    """Revoke the permission from ``allow_read``."""
    names = _iam(call, "ListRolePolicies", RoleName=ROLE_NAME)["PolicyNames"]
    if _policy_name(address_list) in names:
        _iam_or_refuse(
            call, "DeleteRolePolicy",
            RoleName=ROLE_NAME, PolicyName=_policy_name(address_list),
        )  # fmt: skip


def session(world: World, account: str) -> Caller:
    """Start a session of the role."""
    return role_session_caller(
        world, role_arn(account), "GuardDuty", PRINCIPAL, PRINCIPAL, PRINCIPAL
    )


def _policy_name(address_list: AddressList) -> str:
    return f"threatintelset-{address_list.list_id}"


def _iam_or_refuse(call: Call, operation: str, **params: Any) -> None:
    try:
        _iam(call, operation, **params)
    except AwsError as error:
        if error.code != "AccessDenied":
            raise
        message = f"The request failed because you do not have required iam:{operation} permission."
        raise AwsError("BadRequestException", message) from error


def _iam(call: Call, operation: str, **params: Any) -> dict[str, Any]:
    caller = call.caller.through(PRINCIPAL)
    return call.world.call(caller, "iam", operation, "us-east-1", **params)
