"""IAM roles and instance profiles."""

from __future__ import annotations

import re

from labkit.teardown.scope import Resource, Scope


def find(scope: Scope) -> list[Resource]:
    """Every role with the scope's tags, and the instance profiles that its stacks created.

    ``ListRoles`` doesn't return tags, so labkit reads only the tags of roles whose names begin with ``labkit-``.
    CloudFormation doesn't tag instance profiles. It names them STACK-LOGICALID-RANDOM; a logical ID starts with a
    capital letter, and a seat ID never does.
    """
    iam = scope.account.client("iam")
    found: list[Resource] = []
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            if role["RoleName"].startswith("labkit-"):
                tags = iam.list_role_tags(RoleName=role["RoleName"])["Tags"]
                found += scope.match_tags("role", role["RoleName"], tags)
    seats = "|".join(re.escape(seat) for seat in scope.seats)
    own = re.compile(
        rf"labkit-{re.escape(scope.workshop.name)}-seat-({seats})-[A-Z][A-Za-z0-9]*-\w+"
    )
    for page in iam.get_paginator("list_instance_profiles").paginate():
        for profile in page["InstanceProfiles"]:
            if its := own.fullmatch(profile["InstanceProfileName"]):
                found.append(Resource("instance profile", its[0], its[1]))
    return found
