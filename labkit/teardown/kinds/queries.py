"""Athena work groups, and the Glue database and tables that they query."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from labkit.aws import Account
from labkit.clock import Clock
from labkit.names import athena_database_name
from labkit.teardown.kinds.kind import Kind, Stage
from labkit.teardown.resources import Owner, Resource, Tags, owner_of
from labkit.teardown.search import OUR_PREFIX, Search

_DESCRIPTION = "CloudTrail records of the workshop "


class WorkGroups(Kind):
    """Athena work groups with their saved queries, query history, and results."""

    name = "work group"
    stage = Stage.RECORDS

    def find(self, search: Search) -> Iterator[Resource]:
        athena = search.account.client("athena")
        account, region = search.account.id, search.account.region
        for name in _work_groups(athena):
            if name.startswith(OUR_PREFIX):
                arn = f"arn:{search.account.partition}:athena:{region}:{account}:workgroup/{name}"
                yield from search.named(
                    "work group", name, partial(_tags, athena, arn)
                )  # fmt: skip

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        account.client("athena").delete_work_group(WorkGroup=key, RecursiveDeleteOption=True)


class Databases(Kind):
    """The workshop's Glue database. Its tables go with it, those of attendees included.

    Databases have no tags, so the name and the description of the template show whose one is.
    """

    name = "database"
    stage = Stage.RECORDS

    def find(self, search: Search) -> Iterator[Resource]:
        for database in search.pages("glue", "get_databases", "DatabaseList"):
            name, description = database["Name"], database.get("Description", "")
            workshop = description.removeprefix(_DESCRIPTION)
            if name in search.members:
                yield search.member("database", name, search.members[name])
            elif description.startswith(_DESCRIPTION) and name == athena_database_name(workshop):
                yield Resource(
                    "database", name, Owner(workshop), "its description names the workshop"
                )

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        account.client("glue").delete_database(Name=key)


class Tables(Kind):
    """Tables in other databases that attendees made over a bucket of a lab, such as CloudTrail's console offers."""

    name = "table"
    stage = Stage.ATTACHMENTS

    def find(self, search: Search) -> Iterator[Resource]:
        buckets = {
            name: stack for name, stack in search.members.items() if name.startswith(OUR_PREFIX)
        }
        if not buckets:
            return
        for database in search.pages("glue", "get_databases", "DatabaseList"):
            if database["Name"] in search.members:
                continue  # its tables go with it
            for table in search.pages(
                "glue", "get_tables", "TableList", DatabaseName=database["Name"]
            ):
                location = table.get("StorageDescriptor", {}).get("Location", "")
                bucket = location.removeprefix("s3://").partition("/")[0]
                owner = owner_of(buckets[bucket].tags) if bucket in buckets else None
                if owner is not None:
                    reason = f"reads the bucket {bucket} of stack {buckets[bucket].name}"
                    yield Resource("table", f"{database['Name']}.{table['Name']}", owner, reason)

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        database, _, table = key.partition(".")
        account.client("glue").delete_table(DatabaseName=database, Name=table)


KINDS = (WorkGroups(), Databases(), Tables())


def _work_groups(athena: Any) -> Iterator[str]:
    """Every work group's name; botocore has no paginator for this operation."""
    parameters: dict[str, str] = {}
    while True:
        page = athena.list_work_groups(**parameters)
        yield from (group["Name"] for group in page["WorkGroups"])
        if "NextToken" not in page:
            return
        parameters["NextToken"] = page["NextToken"]


def _tags(athena: Any, arn: str) -> Tags:
    tags: Tags = athena.list_tags_for_resource(ResourceARN=arn)["Tags"]
    return tags
