"""IAM roles and instance profiles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from labkit.aws import Account
from labkit.clock import Clock
from labkit.teardown.kinds.kind import Kind, Stage
from labkit.teardown.resources import Owner, Resource, Tags
from labkit.teardown.search import OUR_PREFIX, Search

# CloudFormation names an instance profile STACK-LOGICALID-RANDOM. A logical ID starts with a capital letter, and a
# seat ID never does.
_PROFILE = re.compile(
    r"labkit-(?P<workshop>[a-z0-9-]+?)-seat-(?P<seat>[a-z0-9-]+)-[A-Z][A-Za-z0-9]*-\w+"
)


class Roles(Kind):
    """Roles with their policies."""

    name = "role"
    stage = Stage.RECORDS

    def find(self, search: Search) -> Iterator[Resource]:
        iam = search.account.client("iam")
        for role in search.pages("iam", "list_roles", "Roles"):
            name = role["RoleName"]
            if name.startswith(OUR_PREFIX):
                yield from search.named("role", name, partial(_tags, iam, name))

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        iam = account.client("iam")
        for profile in iam.list_instance_profiles_for_role(RoleName=key)["InstanceProfiles"]:
            iam.remove_role_from_instance_profile(
                InstanceProfileName=profile["InstanceProfileName"], RoleName=key
            )
        for policy in iam.list_attached_role_policies(RoleName=key)["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=key, PolicyArn=policy["PolicyArn"])
        for name in iam.list_role_policies(RoleName=key)["PolicyNames"]:
            iam.delete_role_policy(RoleName=key, PolicyName=name)
        iam.delete_role(RoleName=key)


class InstanceProfiles(Kind):
    """Instance profiles. CloudFormation doesn't tag them, so the role in one says whose it is, or else its name.

    The role's expiry matters, too: IAM lists the profiles of every Region, also those of labs that run in another one.
    """

    name = "instance profile"
    stage = Stage.RECORDS

    def find(self, search: Search) -> Iterator[Resource]:
        iam = search.account.client("iam")
        for profile in search.pages("iam", "list_instance_profiles", "InstanceProfiles"):
            name = profile["InstanceProfileName"]
            match = _PROFILE.fullmatch(name)
            if name in search.members:
                yield search.member("instance profile", name, search.members[name])
            elif match is None:
                continue
            elif profile["Roles"]:
                role = profile["Roles"][0]["RoleName"]
                yield from search.named("instance profile", name, partial(_tags, iam, role))
            else:
                owner = Owner(match["workshop"], match["seat"])
                yield Resource(
                    "instance profile", name, owner, "CloudFormation's name for a seat's"
                )

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        iam = account.client("iam")
        profile = iam.get_instance_profile(InstanceProfileName=key)["InstanceProfile"]
        for role in profile["Roles"]:
            iam.remove_role_from_instance_profile(
                InstanceProfileName=key, RoleName=role["RoleName"]
            )
        iam.delete_instance_profile(InstanceProfileName=key)


KINDS = (Roles(), InstanceProfiles())


def _tags(iam: Any, role: str) -> Tags:
    tags: Tags = iam.list_role_tags(RoleName=role)["Tags"]
    return tags
