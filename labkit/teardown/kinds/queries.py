"""Athena work groups, and the Glue database that the queries go to."""

from __future__ import annotations

from labkit.aws import ClientError, error_code
from labkit.teardown.scope import Found, Scope


def find(scope: Scope) -> list[Found]:
    """Every work group tagged as the scope's, and the workshop's database."""
    athena = scope.account.client("athena")
    account, region = scope.account.identity.account, scope.account.region
    found = []
    for page in athena.get_paginator("list_work_groups").paginate():
        for group in page["WorkGroups"]:
            arn = f"arn:aws:athena:{region}:{account}:workgroup/{group['Name']}"
            if scope.owns(athena.list_tags_for_resource(ResourceARN=arn)["Tags"]):
                found.append(Found("work group", group["Name"]))
    if scope.last:
        name = f"labkit_{scope.workshop.name}".replace("-", "_")
        try:
            scope.account.client("glue").get_database(Name=name)
            found.append(Found("database", name))
        except ClientError as error:
            if error_code(error) != "EntityNotFoundException":
                raise
    return found
