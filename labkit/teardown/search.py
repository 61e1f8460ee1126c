"""A search in one account: its stacks and what they contain, and how kinds report what they find."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from labkit.aws import Account, ClientError, is_missing
from labkit.deploy import stacks
from labkit.deploy.expiry import parse_time
from labkit.deploy.stacks import Stack
from labkit.names import TAG_WORKSHOP
from labkit.teardown.resources import (
    Owner,
    Resource,
    Tags,
    expiry_of,
    owner_of,
    plain_tags,
    tag_reason,
)

Value = TypeVar("Value")

OUR_PREFIX = "labkit-"
"""Templates give every resource with a name of its own one that begins like this."""
TAG_FILTER = ({"Name": "tag-key", "Values": [TAG_WORKSHOP]},)


@dataclass(frozen=True, slots=True)
class Search:
    """What every kind needs to know about an account: labkit's stacks and what they contain."""

    account: Account
    stacks: tuple[Stack, ...]
    """Every existing stack of any workshop, in any state."""
    members: Mapping[str, Stack]
    """The stack of each resource that these stacks contain, by physical ID."""
    members_by_workshop: Mapping[tuple[str, str], Stack]
    """The same by workshop and physical ID, for kinds whose names are unique only within a workshop."""
    vpcs: Mapping[str, tuple[Owner, str]]
    """Each VPC of a workshop, with its owner and with why it's theirs."""

    @classmethod
    def begin(cls, account: Account) -> Search:
        """Read the account's stacks, what they contain, and its VPCs."""
        found = stacks.of_workshops(account)
        contained = [
            (member, stack) for stack in found for member in stacks.members(account, stack.id)
        ]
        members = dict(contained)
        # GuardDuty's threat lists have a physical ID of two parts, the list's and the detector's.
        members |= {member.partition("|")[0]: stack for member, stack in members.items()}
        by_workshop = {(stack.tags[TAG_WORKSHOP], member): stack for member, stack in contained}
        search = cls(account, found, members, by_workshop, {})
        vpcs = search.pages("ec2", "describe_vpcs", "Vpcs", Filters=[*TAG_FILTER])
        owned = {
            vpc.id: (vpc.owner, f"VPC {vpc.id} ({vpc.reason})")
            for item in vpcs
            for vpc in search.tagged("VPC", item["VpcId"], item["Tags"])
        }
        return replace(search, vpcs=owned)

    def pages(self, service: str, operation: str, key: str, **parameters: Any) -> Iterator[Any]:
        """Yield the items of a paginated list. A list that's gone is empty."""
        try:
            for page in (
                self.account.client(service).get_paginator(operation).paginate(**parameters)
            ):
                yield from page[key]
        except ClientError as error:
            if not is_missing(error):
                raise

    def named(
        self,
        kind: str,
        id: str,  # noqa: A002 - as in ``Resource``
        read_tags: Callable[[], Tags],
        **more: Any,
    ) -> Iterator[Resource]:
        """Yield a resource if a stack contains it, or if its tags, which take a call to read, name a workshop."""
        stack = self.members.get(more.get("target") or id) or self.members.get(id)
        if stack is not None:
            yield self.member(kind, id, stack, **more)
        else:
            nothing: Tags = {}
            yield from self.tagged(kind, id, unless_gone(read_tags, nothing), **more)

    def tagged(self, kind: str, id: str, tags: Tags, **more: Any) -> Iterator[Resource]:  # noqa: A002
        """Yield a resource if a stack contains it or its tags name a workshop."""
        plain = plain_tags(tags)
        stack = self.members.get(more.get("target") or id) or self.members.get(id)
        if stack is not None:
            yield self.member(kind, id, stack, **more)
        elif (owner := owner_of(plain)) is not None:
            yield Resource(kind, id, owner, tag_reason(owner), expires=expiry_of(plain), **more)

    def member(self, kind: str, id: str, stack: Stack, **more: Any) -> Resource:  # noqa: A002
        """Return a resource that a stack contains."""
        owner = owner_of(stack.tags)
        if owner is None:
            raise AssertionError("a search reads only stacks of workshops")
        return Resource(
            kind, id, owner, f"stack {stack.name}",
            stack=stack.name, expires=parse_time(stack.expires or ""), **more,
        )  # fmt: skip

    def inside(self, kind: str, id: str, vpc: str, **more: Any) -> Iterator[Resource]:  # noqa: A002
        """Yield a resource if it's inside a VPC of a workshop."""
        if vpc in self.vpcs:
            owner, where = self.vpcs[vpc]
            yield Resource(kind, id, owner, f"inside {where}", **more)

    @property
    def in_our_vpcs(self) -> tuple[dict[str, Any], ...]:
        """A filter for everything inside the workshops' VPCs."""
        return ({"Name": "vpc-id", "Values": sorted(self.vpcs)},)


def unless_gone(call: Callable[[], Value], otherwise: Value) -> Value:
    """Return what a call returns, or something else if its subject has gone since it was listed."""
    try:
        return call()
    except ClientError as error:
        if is_missing(error):
            return otherwise
        raise


def first_of_each(resources: Iterable[Resource]) -> Iterator[Resource]:
    """Drop repeated resources: a kind may find one by its tags and again by what contains it."""
    seen = set()
    for resource in resources:
        key = (resource.kind, resource.target or resource.id)
        if key not in seen:
            seen.add(key)
            yield resource
