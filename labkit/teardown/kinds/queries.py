"""Athena work groups, and the Glue database that they query."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from labkit.aws import ClientError, error_code
from labkit.teardown.scope import Resource, Scope


def find(scope: Scope) -> list[Resource]:
    """Every work group with the scope's tags, and the workshop's database."""
    athena = scope.account.client("athena")
    account, region = scope.account.id, scope.account.region
    found: list[Resource] = []
    for name in _work_groups(athena):
        arn = f"arn:aws:athena:{region}:{account}:workgroup/{name}"
        tags = athena.list_tags_for_resource(ResourceARN=arn)["Tags"]
        found += scope.match_tags("work group", name, tags)
    if scope.last_in_account:
        name = f"labkit_{scope.workshop.name}".replace("-", "_")
        try:
            scope.account.client("glue").get_database(Name=name)
            found.append(Resource("database", name, None))
        except ClientError as error:
            if error_code(error) != "EntityNotFoundException":
                raise
    return found


def _work_groups(athena: Any) -> Iterator[str]:
    """Every work group's name; botocore has no paginator for this operation."""
    parameters: dict[str, str] = {}
    while True:
        page = athena.list_work_groups(**parameters)
        yield from (group["Name"] for group in page["WorkGroups"])
        if "NextToken" not in page:
            return
        parameters["NextToken"] = page["NextToken"]
