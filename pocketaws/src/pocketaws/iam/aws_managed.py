"""AWS managed policies, created on first use.

moto loads all of them into every account, or none. Here, an account gets one when the policy is attached, set as a
boundary, or read. ``ListPolicies`` (``policies``) lists them all.

Source: IAM user guide, "AWS managed policies" (the same for everybody, and nobody else's to change).
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from .. import moto_state
from ..errors import AwsError
from ..registry import before

if TYPE_CHECKING:
    from ..gateway.call import Call

_OWNED_BY_AWS = "arn:aws:iam::aws:policy/"


@before(
    "iam", "AttachUserPolicy", "AttachGroupPolicy", "AttachRolePolicy", "GetPolicy", "GetPolicyVersion",
    "ListPolicyVersions", "ListEntitiesForPolicy",
)  # fmt: skip
def make_available(call: Call) -> None:
    """Create the policy that a call names, if AWS has one with that name."""
    _make(call, str(call.params.get("PolicyArn", "")))


@before(
    "iam", "CreateUser", "CreateRole", "PutUserPermissionsBoundary", "PutRolePermissionsBoundary"
)
def make_boundary_available(call: Call) -> None:
    """Create the boundary that a call names; refuse one that doesn't exist."""
    arn = call.params.get("PermissionsBoundary")
    if arn is None:
        return
    _make(call, arn)
    if arn not in moto_state.backend("iam", call.account, "aws").managed_policies:
        raise AwsError(
            "NoSuchEntity", f"Scope ARN: {arn} does not exist or is not attachable.", 404
        )


@before(
    "iam", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion", "SetDefaultPolicyVersion"
)
def reject_changes(call: Call) -> None:
    """Refuse changes to AWS's own policies."""
    arn = str(call.params.get("PolicyArn", ""))
    if arn.startswith(_OWNED_BY_AWS):
        raise AwsError(
            "AccessDenied", f"Policy {arn} is managed by AWS and cannot be changed.", 403
        )


def _make(call: Call, arn: str) -> None:
    policies = moto_state.backend("iam", call.account, "aws").managed_policies
    if arn.startswith(_OWNED_BY_AWS) and arn not in policies:
        made = moto_state.aws_managed_policy(arn, call.account)
        if made is not None:
            made.id = policy_id(arn)
            policies[arn] = made


def policy_id(arn: str) -> str:
    """The ID of an AWS managed policy, which is the same in every account."""
    return "ANPA" + base64.b32encode(hashlib.sha256(arn.encode()).digest()).decode()[:17]
