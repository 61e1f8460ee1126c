"""Trails."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from labkit.aws import Account
from labkit.clock import Clock
from labkit.teardown.kinds.kind import Kind, Remove, Stage, Step
from labkit.teardown.resources import Resource, Tags
from labkit.teardown.search import Search


class Trails(Kind):
    """Trails of this Region. They're stopped first, because they'd fill their bucket again."""

    name = "trail"
    stage = Stage.RECORDS

    def find(self, search: Search) -> Iterator[Resource]:
        cloudtrail = search.account.client("cloudtrail")
        listed = cloudtrail.describe_trails(includeShadowTrails=False)["trailList"]
        for trail in listed:
            yield from search.named(
                "trail", trail["Name"], partial(_tags, search.account, trail["TrailARN"])
            )

    def steps(self, resource: Resource, *, with_stack: bool) -> tuple[Step, ...]:
        del resource
        stopped = ((Stage.WRITERS, "stop"),)
        return stopped if with_stack else (*stopped, (self.stage, "delete"))

    @property
    def verbs(self) -> dict[str, Remove]:
        return {"stop": stop, "delete": self.delete}

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        account.client("cloudtrail").delete_trail(Name=key)


KINDS = (Trails(),)


def _tags(account: Account, arn: str) -> Tags:
    listed = account.client("cloudtrail").list_tags(ResourceIdList=[arn])["ResourceTagList"]
    return [tag for entry in listed for tag in entry.get("TagsList", [])]


def stop(account: Account, trail: str, clock: Clock) -> None:
    """Stop a trail's delivery."""
    del clock
    account.client("cloudtrail").stop_logging(Name=trail)
