"""A class that nobody takes down: labs and evidence end by themselves, and ``up`` and ``down`` go on from there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from labkit.aws import Account
from labkit.deploy.stacks import of_workshops
from labkit.embedded_aws import embedded_aws
from labkit.scenario import scenarios
from labkit.workflow import demo_run
from labkit.workflow.operations import Operations
from pocketaws.clock import ManualClock
from pocketaws.server import LocalAws


@dataclass
class Class:
    """A workshop with one seat, on an AWS whose clock the test sets."""

    aws: LocalAws
    clock: ManualClock
    work: Operations

    @property
    def account(self) -> Account:
        return self.work.cloud.account(self.work.seats[0].account)

    def wait(self, span: timedelta) -> None:
        self.clock.advance(span.total_seconds())
        self.aws.world.flush()
        self.work = Operations.on(self.work.workshop)  # its sessions have expired

    def statuses(self) -> dict[str, str]:
        prefix = f"labkit-{self.work.workshop.name}-"
        return {s.name.removeprefix(prefix): s.status for s in of_workshops(self.account)}

    def running(self) -> list[str]:
        return [
            server["InstanceId"]
            for reservation in self.account.client("ec2").describe_instances()["Reservations"]
            for server in reservation["Instances"]
            if server["State"]["Name"] not in {"terminated", "shutting-down"}
        ]


@pytest.fixture(params=sorted(scenarios()))
def group(request: pytest.FixtureRequest) -> Iterator[Class]:
    clock = ManualClock(datetime.now(UTC))
    with embedded_aws(demo_run.REGION, clock) as aws:
        work = demo_run.begin(1, request.param)
        assert [row["state"] for row in work.up()] == ["ready"]
        yield Class(aws, clock, work)


def test_after_its_time_to_live_it_runs_nothing_and_can_go_on_or_be_removed(group: Class) -> None:
    first = group.running()
    assert first
    group.wait(group.work.workshop.ttl + timedelta(hours=2))

    assert group.running() == []
    left = group.statuses()
    assert left.pop("expiry") == "CREATE_COMPLETE"
    assert left.pop("evidence") == "DELETE_FAILED", "its bucket drains by lifecycle rules"
    assert set(left.items()) <= {("seat-seat-1", "DELETE_FAILED")}, "its bucket, too"
    assert group.account.client("cloudtrail").describe_trails()["trailList"] == []

    assert [row["state"] for row in group.work.up()] == ["ready"]
    again = group.running()
    assert len(again) == len(first)
    group.wait(group.work.workshop.ttl - timedelta(hours=1))
    assert group.running() == again, "a new time to live"

    group.wait(timedelta(hours=3))
    assert group.running() == []
    assert [(row["state"], row["leftovers"]) for row in group.work.down()] == [("absent", [])]
    assert group.statuses() == {}
    roles = group.account.client("iam").list_roles()["Roles"]
    assert [r["RoleName"] for r in roles if r["RoleName"].startswith("labkit-")] == []
