"""Volumes, and what attendees make of them: snapshots and images."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from labkit.aws import Account
from labkit.clock import Clock
from labkit.teardown.kinds.kind import Kind, Stage
from labkit.teardown.resources import Owner, Resource
from labkit.teardown.search import TAG_FILTER, Search, first_of_each
from labkit.teardown.servers import owners_of_servers

# EC2 describes the snapshots of an image like this (EC2 user guide, "Create an Amazon EBS-backed AMI").
_OF_IMAGE = re.compile(r"Created by CreateImage\((i-[0-9a-f]+)\)")


class Volumes(Kind):
    """Volumes with a workshop's tags, and those attached to its servers.

    Those that a server of a stack deletes when it terminates count as the stack's.
    """

    name = "volume"
    stage = Stage.VOLUMES

    def find(self, search: Search) -> Iterator[Resource]:
        yield from _volumes(search)

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        account.client("ec2").delete_volume(VolumeId=key)


class Snapshots(Kind):
    """Snapshots of servers and their volumes."""

    name = "snapshot"
    stage = Stage.CONTENTS

    def find(self, search: Search) -> Iterator[Resource]:
        yield from _snapshots(search)

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        account.client("ec2").delete_snapshot(SnapshotId=key)


class Images(Kind):
    """Images of servers. They go before their snapshots."""

    name = "image"
    stage = Stage.ATTACHMENTS

    def find(self, search: Search) -> Iterator[Resource]:
        images = list(search.pages("ec2", "describe_images", "Images", Owners=["self"]))
        if not images:
            return
        snapshots = {each.id: each for each in _snapshots(search)}
        for image in images:
            if tagged := list(search.tagged("image", image["ImageId"], image.get("Tags", []))):
                yield from tagged
                continue
            used = (
                snapshots[snapshot]
                for device in image.get("BlockDeviceMappings", [])
                if (snapshot := device.get("Ebs", {}).get("SnapshotId")) in snapshots
            )
            if (one := next(used, None)) is not None:
                reason = f"made of snapshot {one.id} ({one.reason})"
                yield Resource("image", image["ImageId"], one.owner, reason)

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        account.client("ec2").deregister_image(ImageId=key)


KINDS = (Volumes(), Snapshots(), Images())


def _volumes(search: Search) -> Iterator[Resource]:
    kept, deleted = _attached(search)
    yield from first_of_each([*deleted, *_tagged_volumes(search), *kept])


def _tagged_volumes(search: Search) -> Iterator[Resource]:
    for volume in search.pages("ec2", "describe_volumes", "Volumes", Filters=[*TAG_FILTER]):
        yield from search.tagged("volume", volume["VolumeId"], volume["Tags"])


def _attached(search: Search) -> tuple[list[Resource], list[Resource]]:
    """Return the volumes of the workshops' servers: those that stay after the server, and those that go with it."""
    kept: list[Resource] = []
    deleted: list[Resource] = []
    for reservation in search.pages(
        "ec2", "describe_instances", "Reservations", Filters=[*TAG_FILTER]
    ):
        for server in reservation["Instances"]:
            for found in search.tagged("instance", server["InstanceId"], server["Tags"]):
                for device in server.get("BlockDeviceMappings", []):
                    volume, goes = device["Ebs"]["VolumeId"], device["Ebs"]["DeleteOnTermination"]
                    reason = f"attached to server {found.id} ({found.reason})"
                    stack = found.stack if goes else None
                    resource = Resource("volume", volume, found.owner, reason, stack=stack)
                    (deleted if goes else kept).append(resource)
    return kept, deleted


def _snapshots(search: Search) -> Iterator[Resource]:
    snapshots = list(search.pages("ec2", "describe_snapshots", "Snapshots", OwnerIds=["self"]))
    if not snapshots:
        return
    volumes = {each.id: each for each in _volumes(search)}
    servers = {_server(each) for each in snapshots} - {None}
    owners = owners_of_servers(search, [server for server in servers if server is not None])
    for snapshot in snapshots:
        snapshot_id = snapshot["SnapshotId"]
        if tagged := list(search.tagged("snapshot", snapshot_id, snapshot.get("Tags", []))):
            yield from tagged
        elif (volume := volumes.get(snapshot.get("VolumeId", ""))) is not None:
            reason = f"made of volume {volume.id} ({volume.reason})"
            yield Resource("snapshot", snapshot_id, volume.owner, reason)
        elif (server := _server(snapshot)) in owners and server is not None:
            owner, reason = owners[server]
            yield Resource("snapshot", snapshot_id, Owner(owner.workshop, owner.seat), reason)


def _server(snapshot: dict[str, Any]) -> str | None:
    match = _OF_IMAGE.match(snapshot.get("Description", ""))
    return match[1] if match else None
