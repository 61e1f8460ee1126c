"""Servers with their volumes and network interfaces."""

from __future__ import annotations

from typing import Any

from labkit.names import TAG_WORKSHOP
from labkit.teardown.scope import Resource, Scope

_GONE = {"terminated"}


def find(scope: Scope) -> list[Resource]:
    """Every server, volume and interface with the scope's tags."""
    ec2 = scope.account.client("ec2")
    ours = [{"Name": f"tag:{TAG_WORKSHOP}", "Values": [scope.workshop.name]}]
    found: list[Resource] = []
    for page in ec2.get_paginator("describe_instances").paginate(Filters=ours):
        for reservation in page["Reservations"]:
            for server in reservation["Instances"]:
                found += _server(scope, server)
    for page in ec2.get_paginator("describe_volumes").paginate(Filters=ours):
        for volume in page["Volumes"]:
            found += scope.match_tags("volume", volume["VolumeId"], volume["Tags"])
    for page in ec2.get_paginator("describe_network_interfaces").paginate(Filters=ours):
        for interface in page["NetworkInterfaces"]:
            interface_id, tags = interface["NetworkInterfaceId"], interface.get("TagSet", [])
            found += scope.match_tags("network interface", interface_id, tags)
    return found


def _server(scope: Scope, server: dict[str, Any]) -> list[Resource]:
    state = server["State"]["Name"]
    # A server remains visible for a short while after termination (EC2 user guide, "Terminate your instance").
    return scope.match_tags(
        "instance", server["InstanceId"], server["Tags"], reason=f"state {state}", goes_by_itself=state in _GONE,
    )  # fmt: skip
