"""Servers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from labkit.aws import Account
from labkit.clock import Clock, backoff
from labkit.errors import CloudError
from labkit.teardown.kinds.kind import Kind, Remove, Stage, Step
from labkit.teardown.resources import Resource
from labkit.teardown.search import TAG_FILTER, Search, first_of_each

_GONE = "terminated"
# A server remains visible for about an hour after termination (EC2 user guide, "Terminate your instance").
_FORGOTTEN_AFTER = timedelta(hours=1)
_MAX_POLLS = 60


class Instances(Kind):
    """Servers of a workshop, and any server in one of its VPCs."""

    name = "instance"
    stage = Stage.SERVERS

    def find(self, search: Search) -> Iterator[Resource]:
        yield from first_of_each(_servers(search))

    def steps(self, resource: Resource, *, with_stack: bool) -> tuple[Step, ...]:
        del resource
        return () if with_stack else ((self.stage, "terminate"),)

    @property
    def verbs(self) -> dict[str, Remove]:
        return {"terminate": self.delete}

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        """Terminate a server, and wait until it's terminated: its agent writes until then."""
        ec2 = account.client("ec2")
        ec2.terminate_instances(InstanceIds=[key])
        for pause in islice(backoff(first=0.2, longest=10.0, growth=1.5), _MAX_POLLS):
            answer = ec2.describe_instances(InstanceIds=[key])
            states = {s["State"]["Name"] for r in answer["Reservations"] for s in r["Instances"]}
            if states <= {_GONE}:
                return
            clock.sleep(pause)
        raise CloudError(f"{key} doesn't terminate.", "Look at it in the EC2 console.")


KINDS = (Instances(),)


def _servers(search: Search) -> Iterator[Resource]:
    for server in _described(search, Filters=[*TAG_FILTER]):
        yield from search.tagged("instance", server["InstanceId"], server["Tags"], **_state(server))
    if search.vpcs:
        for server in _described(search, Filters=[*search.in_our_vpcs]):
            yield from search.inside(
                "instance", server["InstanceId"], server["VpcId"], **_state(server)
            )


def _described(search: Search, **parameters: Any) -> Iterator[dict[str, Any]]:
    for reservation in search.pages("ec2", "describe_instances", "Reservations", **parameters):
        yield from reservation["Instances"]


def _state(server: dict[str, Any]) -> dict[str, Any]:
    state = server["State"]["Name"]
    if state != _GONE:
        return {"state": state}
    return {"state": state, "goes_by_itself": True, "until": _forgotten(server)}


def _forgotten(server: dict[str, Any]) -> datetime | None:
    """Return when EC2 has forgotten a terminated server; its transition reason ends with the time."""
    found = re.search(
        r"\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:GMT|UTC)\)", server.get("StateTransitionReason", "")
    )
    if found is None:
        return None
    return datetime.fromisoformat(found[1]).replace(tzinfo=UTC) + _FORGOTTEN_AFTER
