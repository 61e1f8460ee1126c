"""CloudTrail as slow as AWS's, in a world whose time the test moves."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from pocketaws.clock import ManualClock
from pocketaws.server import LocalAws
from pocketaws.setup import root_caller

from .conftest import ClientFactory, client_factory
from .test_cloudtrail_history import look_up
from .test_cloudtrail_trails import delivered, keys, make_trail, names


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime.now(UTC))


@pytest.fixture
def slow_aws(clock: ManualClock) -> Iterator[LocalAws]:
    """A local AWS with AWS's delays."""
    with LocalAws(region="eu-west-1", delays="aws", clock=clock) as aws:
        yield aws


@pytest.fixture
def slow(slow_aws: LocalAws) -> ClientFactory:
    key = slow_aws.administrator
    return client_factory(slow_aws, key.access_key_id, key.secret_access_key)


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


def test_a_validated_trail_writes_a_chain_of_digests(
    slow: ClientFactory, slow_aws: LocalAws, clock: ManualClock
) -> None:
    make_trail(slow, "signed", EnableLogFileValidation=True)
    world, root = slow_aws.world, root_caller(slow_aws.administrator.account)
    for _ in range(2):  # an hour later a client's signatures would be too old
        clock.advance(3601)
        world.flush()
    listed = world.call(root, "s3", "ListObjectsV2", "eu-west-1", Bucket="signed-bucket")
    digests = [o["Key"] for o in listed["Contents"] if "/CloudTrail-Digest/" in o["Key"]]
    assert len(digests) == 2
    first, second = (
        world.call(root, "s3", "GetObject", "eu-west-1", Bucket="signed-bucket", Key=key)
        for key in sorted(digests)
    )
    said = json.loads(gzip.decompress(first["Body"]))
    after = json.loads(gzip.decompress(second["Body"]))
    assert said["previousDigestSignature"] is None
    assert [file["s3Object"] for file in said["logFiles"]] == [
        o["Key"] for o in listed["Contents"] if "/CloudTrail/" in o["Key"]
    ]
    assert after["logFiles"] == []
    assert after["previousDigestS3Object"] == min(digests)
    assert after["previousDigestSignature"] == first["Metadata"]["signature"]
    hashed = hashlib.sha256(gzip.decompress(first["Body"])).hexdigest()
    assert after["previousDigestHashValue"] == hashed
