"""Servers, and what belongs to servers: volumes and interfaces."""

from __future__ import annotations

from typing import Any

from labkit.names import TAG_WORKSHOP
from labkit.teardown.scope import Found, Scope

_GONE = {"terminated"}


def find(scope: Scope) -> list[Found]:
    """Every server, volume and interface tagged as the scope's."""
    ec2 = scope.account.client("ec2")
    ours = [{"Name": f"tag:{TAG_WORKSHOP}", "Values": [scope.workshop.name]}]
    found = []
    for page in ec2.get_paginator("describe_instances").paginate(Filters=ours):
        for reservation in page["Reservations"]:
            found += [
                _server(server) for server in reservation["Instances"] if scope.owns(server["Tags"])
            ]
    for page in ec2.get_paginator("describe_volumes").paginate(Filters=ours):
        found += [Found("volume", v["VolumeId"]) for v in page["Volumes"] if scope.owns(v["Tags"])]
    for page in ec2.get_paginator("describe_network_interfaces").paginate(Filters=ours):
        found += [
            Found("network interface", i["NetworkInterfaceId"])
            for i in page["NetworkInterfaces"]
            if scope.owns(i.get("TagSet", []))
        ]
    return found


def _server(server: dict[str, Any]) -> Found:
    state = server["State"]["Name"]
    # EC2 user guide, "Terminate your instance": visible for a short while after it is terminated.
    return Found("instance", server["InstanceId"], f"is {state}", goes_by_itself=state in _GONE)
