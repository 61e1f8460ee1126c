"""Log groups: the stacks' own, and the command logs that the agents of earlier labs created."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from labkit.aws import Account
from labkit.clock import Clock
from labkit.teardown.kinds.kind import Kind, Stage
from labkit.teardown.resources import Resource, Tags
from labkit.teardown.search import OUR_PREFIX, Search
from labkit.teardown.servers import owners_of_servers

_COMMAND_LOG = re.compile(r"(i-[0-9a-f]{8,17})-commands-log")


class LogGroups(Kind):
    """Log groups with a workshop's tags, and the command logs of its servers, which earlier labs didn't tag."""

    name = "log group"
    stage = Stage.RECORDS

    def find(self, search: Search) -> Iterator[Resource]:
        for group in search.pages(
            "logs", "describe_log_groups", "logGroups", logGroupNamePrefix=OUR_PREFIX
        ):
            yield from _tagged(search, group)
        command_logs = {}
        for group in search.pages(
            "logs", "describe_log_groups", "logGroups", logGroupNamePrefix="i-"
        ):
            if match := _COMMAND_LOG.fullmatch(group["logGroupName"]):
                command_logs[match[1]] = group
        untagged = []
        for instance, group in command_logs.items():
            found = list(_tagged(search, group))
            yield from found
            untagged += [] if found else [instance]
        for instance, (owner, reason) in owners_of_servers(search, untagged).items():
            yield Resource("log group", command_logs[instance]["logGroupName"], owner, reason)

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        account.client("logs").delete_log_group(logGroupName=key)


KINDS = (LogGroups(),)


def _tagged(search: Search, group: dict[str, str]) -> Iterator[Resource]:
    arn = group["arn"].removesuffix(":*")
    yield from search.named(
        "log group", group["logGroupName"], partial(_tags, search.account, arn)
    )  # fmt: skip


def _tags(account: Account, arn: str) -> Tags:
    tags: Tags = account.client("logs").list_tags_for_resource(resourceArn=arn)["tags"]
    return tags
