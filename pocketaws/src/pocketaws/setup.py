"""What exists before the first signed call: an organization's management account and its administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .identity.caller import Caller
from .identity.env import AdministratorKey, Setup
from .inputs import world_input

if TYPE_CHECKING:
    from .world import World

ADMINISTRATOR_POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"
_USER = "administrator"


@world_input("setup.create_organization")
def create_organization(world: World) -> None:
    """Create the organization, its administrator, and the administrator's access key, if they don't exist."""
    setup = world.store(Setup, "", "")
    if setup.administrator is not None:  # another caller was first
        return
    account = world.management_account
    root = root_caller(account)
    world.call(root, "organizations", "CreateOrganization", "us-east-1", FeatureSet="ALL")
    world.call(root, "iam", "CreateUser", "us-east-1", UserName=_USER)
    world.call(
        root, "iam", "AttachUserPolicy", "us-east-1", UserName=_USER, PolicyArn=ADMINISTRATOR_POLICY
    )
    made = world.call(root, "iam", "CreateAccessKey", "us-east-1", UserName=_USER)["AccessKey"]
    setup.administrator = AdministratorKey(account, made["AccessKeyId"], made["SecretAccessKey"])


def root_caller(account: str) -> Caller:
    """The root user of an account, for what AWS itself does when it creates an account."""
    return Caller(
        "Root", account, f"arn:aws:iam::{account}:root", account, "AWS Internal", "AWS Internal"
    )
