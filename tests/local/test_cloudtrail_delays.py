"""CloudTrail as slow as AWS's, in a world whose time the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from labkit.localaws.clock import ManualClock
from labkit.localaws.server import LocalAws

from .conftest import ClientFactory, client_factory
from .test_cloudtrail_history import look_up
from .test_cloudtrail_trails import delivered, keys, make_trail, names


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime.now(UTC))


@pytest.fixture
def slow(clock: ManualClock) -> Iterator[ClientFactory]:
    """The administrator of a local AWS with AWS's delays."""
    with LocalAws(region="eu-west-1", delays="aws", clock=clock) as aws:
        key = aws.administrator
        yield client_factory(aws, key.access_key_id, key.secret_access_key)


def test_with_delays_files_come_every_five_minutes(slow: ClientFactory, clock: ManualClock) -> None:
    make_trail(slow, "slow")
    slow("ec2").describe_vpcs()
    assert keys(slow, "slow-bucket") == []
    clock.advance(299)
    assert keys(slow, "slow-bucket") == []
    clock.advance(1)
    first = keys(slow, "slow-bucket")
    assert len(first) == 1
    assert f"_{clock.now():%Y%m%dT%H%M}Z_" in first[0]
    slow("ec2").describe_subnets()
    clock.advance(300)
    assert len(keys(slow, "slow-bucket")) == 2
    assert "DescribeSubnets" in names(delivered(slow, "slow-bucket"))
    clock.advance(240)
    assert len(keys(slow, "slow-bucket")) == 2


def test_with_delays_a_deleted_trail_still_writes_its_last_file(
    slow: ClientFactory, clock: ManualClock
) -> None:
    make_trail(slow, "late")
    slow("cloudtrail").delete_trail(Name="late")
    assert keys(slow, "late-bucket") == []
    clock.advance(301)
    assert names(delivered(slow, "late-bucket")) == ["StartLogging", "DeleteTrail"]


def test_with_delays_an_event_appears_after_minutes(
    slow: ClientFactory, clock: ManualClock
) -> None:
    slow("ec2").describe_regions()
    clock.advance(60)
    assert look_up(slow, "EventName", "DescribeRegions") == []
    clock.advance(250)
    assert len(look_up(slow, "EventName", "DescribeRegions")) == 1


def test_with_delays_only_two_lookups_a_second_are_answered(
    slow: ClientFactory, clock: ManualClock
) -> None:
    for _ in range(2):
        look_up(slow, "EventName", "DescribeRegions")
    with pytest.raises(ClientError) as caught:
        look_up(slow, "EventName", "DescribeRegions")
    assert caught.value.response["Error"]["Code"] == "ThrottlingException"
    clock.advance(1)
    assert look_up(slow, "EventName", "DescribeRegions") == []
