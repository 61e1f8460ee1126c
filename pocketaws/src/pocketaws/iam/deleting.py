"""Deletions that IAM refuses because something must be removed first, where moto allows them.

Source: IAM API reference, "DeleteUser", "DeleteGroup", "DeletePolicy" (``DeleteConflict``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..errors import AwsError
from ..registry import before

if TYPE_CHECKING:
    from ..gateway.call import Call


@before("iam", "DeleteUser")
def keep_user(call: Call) -> None:
    """Refuse to delete a user who has access keys, a login profile, or group memberships."""
    iam = moto_state.backend("iam", call.account, "aws")
    user = iam.users.get(call.params["UserName"])
    if user is None:
        return
    if user.access_keys:
        raise _conflict("must delete access keys first.")
    if user.password is not None:
        raise _conflict("must delete login profile first.")
    if any(user in group.users for group in iam.groups.values()):
        raise _conflict("must remove users from group first.")


@before("iam", "DeleteGroup")
def keep_group(call: Call) -> None:
    """Refuse to delete a group that has members or policies."""
    group = moto_state.backend("iam", call.account, "aws").groups.get(call.params["GroupName"])
    if group is None:
        return
    if group.users:
        raise _conflict("must remove users from group first.")
    if group.managed_policies:
        raise _conflict("must detach all policies first.")
    if group.policies:
        raise _conflict("must delete policies first.")


@before("iam", "DeletePolicy")
def keep_policy(call: Call) -> None:
    """Refuse to delete a policy that's attached, used as a boundary, or has versions besides the default."""
    arn = call.params["PolicyArn"]
    iam = moto_state.backend("iam", call.account, "aws")
    policy = iam.managed_policies.get(arn)
    if policy is None:
        return
    holders: list[Any] = [*iam.users.values(), *iam.roles.values(), *iam.groups.values()]
    if any(arn in holder.managed_policies for holder in holders):
        raise AwsError("DeleteConflict", "Cannot delete a policy attached to entities.", 409)
    if any(getattr(holder, "permissions_boundary_arn", None) == arn for holder in holders):
        message = "Cannot delete a policy that is used as a permissions boundary."
        raise AwsError("DeleteConflict", message, 409)
    if len(policy.versions) > 1:
        message = (
            "This policy has more than one version. Before you delete a policy, you must delete the "
            "policy's versions. The default version is deleted with the policy."
        )
        raise AwsError("DeleteConflict", message, 409)


def _conflict(what: str) -> AwsError:
    return AwsError("DeleteConflict", f"Cannot delete entity, {what}", 409)
