"""The Organizations operations that moto answers, who may call them, and how to enter a member account.

Source: Organizations API reference, the operations of these names; user guide, "Accessing member accounts in an
organization".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import AwsError
from ..registry import after, before, moto_operations
from ..setup import ADMINISTRATOR_POLICY, root_caller
from . import policies, units

if TYPE_CHECKING:
    from ..gateway.call import Call

_MEMBER_ROLE = "OrganizationAccountAccessRole"
_NAMES = """
    CloseAccount CreateAccount CreateOrganization DescribeAccount DescribeCreateAccountStatus DescribeOrganization
    ListAccounts ListAccountsForParent ListParents ListRoots ListTagsForResource TagResource UntagResource
"""
_FROM_ANYWHERE = {"CreateOrganization", "DescribeOrganization"}

moto_operations("organizations", _NAMES)


@before(
    "organizations",
    *sorted({*f"{_NAMES} {policies.NAMES} {units.NAMES}".split()} - _FROM_ANYWHERE),
)
def management_account_only(call: Call) -> None:
    """Refuse member accounts: delegated administrators aren't emulated."""
    if call.account != call.world.management_account:
        message = "You don't have permissions to access this resource."
        raise AwsError("AccessDeniedException", message)


@after("organizations", "CreateAccount")
def make_member_role(call: Call, result: dict[str, object]) -> None:
    """Attach the policy to the role that the management account uses to enter a new member account.

    moto creates the role with its trust policy but without permissions.
    """
    status = result["CreateAccountStatus"]
    account = str(status["AccountId"])  # type: ignore[index]
    role = str(call.params.get("RoleName", _MEMBER_ROLE))
    root = root_caller(account)
    call.world.call(
        root, "iam", "AttachRolePolicy", "us-east-1", RoleName=role, PolicyArn=ADMINISTRATOR_POLICY
    )
