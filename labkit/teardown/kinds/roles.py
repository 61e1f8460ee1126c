"""IAM roles and instance profiles."""

from __future__ import annotations

import re

from labkit.teardown.scope import Found, Scope


def find(scope: Scope) -> list[Found]:
    """Every role tagged as the scope's, and the instance profiles that its stacks made.

    IAM lists no tags with roles, so only roles with a name of labkit's are asked for theirs. CloudFormation tags no
    instance profiles; it names them STACK-LOGICALID-RANDOM, and a logical id begins with a capital, a seat never.
    """
    iam = scope.account.client("iam")
    found: list[Found] = []
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            if role["RoleName"].startswith("labkit-"):
                tags = iam.list_role_tags(RoleName=role["RoleName"])["Tags"]
                found += scope.tagged("role", role["RoleName"], tags)
    seats = "|".join(re.escape(seat) for seat in scope.seats)
    own = re.compile(
        rf"labkit-{re.escape(scope.workshop.name)}-seat-({seats})-[A-Z][A-Za-z0-9]*-\w+"
    )
    for page in iam.get_paginator("list_instance_profiles").paginate():
        for profile in page["InstanceProfiles"]:
            if its := own.fullmatch(profile["InstanceProfileName"]):
                found.append(Found("instance profile", its[0], its[1]))
    return found
