"""Servers that boot: nobody answers on port 22 until they have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pocketaws.clock import ManualClock
from pocketaws.ec2 import states
from pocketaws.server import LocalAws
from pocketaws.testing import administrator as administrator_of

from .conftest import REGION, Ssh
from .servers import make_site, push


@pytest.fixture(scope="module")
def local_aws() -> Iterator[LocalAws]:
    clock = ManualClock(datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
    with LocalAws(region=REGION, delays="aws", clock=clock) as aws:
        yield aws


def test_a_running_server_answers_only_after_its_boot(
    local_aws: LocalAws, ssh: Ssh, key: Path
) -> None:
    clock = local_aws.world.clock
    assert isinstance(clock, ManualClock)
    site = make_site(administrator_of(local_aws))
    site.open_port(22, "0.0.0.0/0")
    server = site.run()
    clock.advance(states.PENDING_SECONDS)
    assert site.describe(server)["State"]["Name"] == "running"
    push(site, server, key)
    early = ssh("hostname")
    assert early.returncode == 255
    assert "Permission denied" not in early.stderr, (
        "the server doesn't refuse the key: it isn't there"
    )
    clock.advance(states.BOOT_SECONDS)
    push(site, server, key)
    assert ssh("hostname").stdout.startswith("ip-10-0-0-")
    site.client("ec2").reboot_instances(InstanceIds=[server])
    assert site.describe(server)["State"]["Name"] == "running"
    push(site, server, key)
    assert ssh("hostname").returncode == 255
    clock.advance(states.REBOOT_SECONDS)
    push(site, server, key)
    assert ssh("hostname").returncode == 0
