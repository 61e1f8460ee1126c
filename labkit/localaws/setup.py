"""What exists before the first call: an organization's management account and its administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .identity.caller import Caller
from .identity.env import AdministratorKey, Founding
from .inputs import world_input
from .registry import after, moto_operations

if TYPE_CHECKING:
    from .gateway.call import Call
    from .world import World

ADMINISTRATOR_POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"
_USER = "administrator"
_MEMBER_ROLE = "OrganizationAccountAccessRole"

moto_operations(
    "organizations",
    "CreateOrganization CreateAccount DescribeAccount DescribeCreateAccountStatus DescribeOrganization ListAccounts "
    "ListAccountsForParent ListParents ListRoots TagResource UntagResource ListTagsForResource "
    "CloseAccount",
)


@world_input("setup.found")
def found(world: World) -> None:
    """Make the organization, its administrator and the administrator's access key."""
    account = world.management_account
    root = root_caller(account)
    world.call(root, "organizations", "CreateOrganization", "us-east-1", FeatureSet="ALL")
    world.call(root, "iam", "CreateUser", "us-east-1", UserName=_USER)
    world.call(
        root, "iam", "AttachUserPolicy", "us-east-1", UserName=_USER, PolicyArn=ADMINISTRATOR_POLICY
    )
    made = world.call(root, "iam", "CreateAccessKey", "us-east-1", UserName=_USER)["AccessKey"]
    world.store(Founding, "", "").administrator = AdministratorKey(
        account, made["AccessKeyId"], made["SecretAccessKey"]
    )


def root_caller(account: str) -> Caller:
    """The root user of an account, for what AWS itself does when it makes an account."""
    return Caller(
        "Root", account, f"arn:aws:iam::{account}:root", account, "AWS Internal", "AWS Internal"
    )


@after("organizations", "CreateAccount")
def make_member_role(call: Call, result: dict[str, object]) -> None:
    """Give the role by which the management account enters a new member account its rights.

    moto makes the role and its trust, and leaves it without a policy.

    Source: Organizations user guide, "Accessing member accounts in an organization".
    """
    status = result["CreateAccountStatus"]
    account = str(status["AccountId"])  # type: ignore[index]
    role = str(call.params.get("RoleName", _MEMBER_ROLE))
    root = root_caller(account)
    call.world.call(
        root, "iam", "AttachRolePolicy", "us-east-1", RoleName=role, PolicyArn=ADMINISTRATOR_POLICY
    )
