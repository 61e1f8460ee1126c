"""IAM roles and instance profiles."""

from __future__ import annotations

from labkit.teardown.scope import Found, Scope


def find(scope: Scope) -> list[Found]:
    """Every role tagged as the scope's, and the instance profiles such roles are in.

    IAM lists no tags with roles, so only roles with a name or description of labkit's are asked for theirs.
    """
    iam = scope.account.client("iam")
    found = []
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            if "labkit-" in role["RoleName"]:
                tags = iam.list_role_tags(RoleName=role["RoleName"])["Tags"]
                if scope.owns(tags):
                    found.append(Found("role", role["RoleName"]))
    for page in iam.get_paginator("list_instance_profiles").paginate():
        for profile in page["InstanceProfiles"]:
            name = profile["InstanceProfileName"]
            if any(
                name.startswith(f"labkit-{scope.workshop.name}-seat-{seat}-")
                for seat in scope.seats
            ):
                found.append(Found("instance profile", name))
    return found
