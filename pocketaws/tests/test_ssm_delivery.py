"""Commands on their way: not visible at once, waiting for an agent, and out of time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pocketaws.clock import ManualClock
from pocketaws.server import LocalAws
from pocketaws.testing import administrator

from .conftest import REGION
from .servers import Site, make_site

MINUTE = 60


Wait = Callable[[int], None]


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    clock = ManualClock(datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
    with LocalAws(region=REGION, delays="aws", clock=clock) as aws:
        yield aws


@pytest.fixture(scope="module")
def site(aws: LocalAws) -> Site:
    return make_site(administrator(aws))


@pytest.fixture(scope="module")
def wait(aws: LocalAws) -> Wait:
    """Let time pass in small steps, so that each effect happens when it's due."""

    def wait(seconds: int) -> None:
        assert isinstance(aws.world.clock, ManualClock)
        for _ in range(max(1, seconds // 10)):
            aws.world.clock.advance(min(seconds, 10))
            aws.world.flush()

    return wait


@pytest.fixture
def server(site: Site, wait: Wait) -> str:
    server = site.run()
    wait(5 * MINUTE)
    return server


def send(site: Site, server: str) -> str:
    sent = site.client("ssm").send_command(
        InstanceIds=[server], DocumentName="AWS-RunShellScript", TimeoutSeconds=600,
        Parameters={"commands": ["hostname"], "executionTimeout": ["300"]},
    )["Command"]  # fmt: skip
    command: str = sent["CommandId"]
    return command


def state(site: Site, command: str, server: str) -> tuple[str, str, int]:
    found: dict[str, Any] = site.client("ssm").get_command_invocation(CommandId=command, InstanceId=server)  # fmt: skip
    return found["Status"], found["StatusDetails"], found["ResponseCode"]


def test_an_agent_registers_only_after_the_boot(site: Site, wait: Wait) -> None:
    server = site.run()
    ssm = site.client("ssm")
    filters = [{"Key": "InstanceIds", "Values": [server]}]
    assert ssm.describe_instance_information(Filters=filters)["InstanceInformationList"] == []
    with pytest.raises(ClientError, match="InvalidInstanceId"):
        send(site, server)
    wait(5 * MINUTE)
    (item,) = ssm.describe_instance_information(Filters=filters)["InstanceInformationList"]
    assert item["PingStatus"] == "Online"


def test_a_new_command_is_not_visible_at_once(site: Site, wait: Wait, server: str) -> None:
    ssm = site.client("ssm")
    command = send(site, server)
    with pytest.raises(ClientError, match="InvocationDoesNotExist"):
        state(site, command, server)
    assert ssm.list_command_invocations(CommandId=command)["CommandInvocations"] == []
    wait(1)
    assert state(site, command, server) == ("Pending", "Pending", -1)
    wait(MINUTE)
    assert state(site, command, server) == ("Success", "Success", 0)


def test_a_command_waits_for_an_agent_until_its_time_is_over(
    site: Site, wait: Wait, server: str
) -> None:
    command = send(site, server)
    site.client("ec2").stop_instances(InstanceIds=[server])
    wait(14 * MINUTE)
    assert state(site, command, server) == ("InProgress", "InProgress", -1)
    wait(2 * MINUTE)
    assert state(site, command, server) == ("TimedOut", "Delivery Timed Out", -1)
    with pytest.raises(ClientError, match="InvalidInstanceId"):
        send(site, server)


def test_a_command_runs_when_the_agent_is_back(site: Site, wait: Wait, server: str) -> None:
    command = send(site, server)
    site.client("ec2").reboot_instances(InstanceIds=[server])
    wait(10)
    assert state(site, command, server)[0] == "InProgress"
    wait(5 * MINUTE)
    assert state(site, command, server) == ("Success", "Success", 0)


def test_a_command_to_a_terminated_server_times_out(site: Site, wait: Wait, server: str) -> None:
    command = send(site, server)
    site.client("ec2").terminate_instances(InstanceIds=[server])
    wait(14 * MINUTE)
    assert state(site, command, server)[0] == "InProgress"
    wait(2 * MINUTE)
    assert state(site, command, server)[1] == "Delivery Timed Out"
