"""Whose a server is or was, even after EC2 has forgotten it."""

from __future__ import annotations

from collections.abc import Collection

from labkit.deploy import stacks
from labkit.teardown.resources import Owner, owner_of, plain_tags
from labkit.teardown.search import Search


def owners_of_servers(search: Search, ids: Collection[str]) -> dict[str, tuple[Owner, str]]:
    """Return the owner of each of these servers that was a workshop's, with the reason.

    An existing stack contains a server, EC2 knows a terminated one for about an hour, and a deleted stack can be read
    for 90 days (CloudFormation API reference, "ListStackResources"). Nobody reads deleted stacks if all is known.
    """
    found: dict[str, tuple[Owner, str]] = {}
    for server in ids:
        stack = search.members.get(server)
        if stack is not None and (owner := owner_of(stack.tags)) is not None:
            found[server] = (owner, f"server {server} of stack {stack.name}")
    if unknown := set(ids) - found.keys():
        found |= _known_to_ec2(search, unknown)
    if unknown := set(ids) - found.keys():
        found |= _of_deleted_stacks(search, unknown)
    return found


def _known_to_ec2(search: Search, ids: Collection[str]) -> dict[str, tuple[Owner, str]]:
    filters = [{"Name": "instance-id", "Values": sorted(ids)}]
    found = {}
    for reservation in search.pages("ec2", "describe_instances", "Reservations", Filters=filters):
        for server in reservation["Instances"]:
            owner = owner_of(plain_tags(server.get("Tags", [])))
            if owner is not None:
                found[server["InstanceId"]] = (owner, f"server {server['InstanceId']}")
    return found


def _of_deleted_stacks(search: Search, ids: Collection[str]) -> dict[str, tuple[Owner, str]]:
    found: dict[str, tuple[Owner, str]] = {}
    for stack in stacks.deleted_of_workshops(search.account):
        owner = owner_of(stack.tags)
        if owner is not None:
            for server in set(ids) & stacks.members(search.account, stack.id):
                found[server] = (owner, f"server {server} of the deleted stack {stack.name}")
        if len(found) == len(set(ids)):
            break
    return found
