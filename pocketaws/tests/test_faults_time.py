"""Faults over time: lists that lag behind, and faults after a restart."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from pocketaws.clock import ManualClock
from pocketaws.server import LocalAws
from pocketaws.testing import administrator as administrator_of
from pocketaws.testing import set_faults

from .conftest import REGION


def test_faults_survive_a_restart(tmp_path: Path) -> None:
    with LocalAws(data=tmp_path, region=REGION) as aws:
        set_faults(aws, no_capacity=[f"{REGION}a"])
    with LocalAws(data=tmp_path, region=REGION) as aws:
        assert set_faults(aws)["no_capacity"] == [f"{REGION}a"]


def test_a_list_shows_what_was_deleted_a_moment_ago() -> None:
    clock = ManualClock(datetime(2026, 11, 20, 9, 0, tzinfo=UTC))
    with LocalAws(region=REGION, clock=clock) as aws:
        client = administrator_of(aws)
        set_faults(aws, stale_lists_seconds=20)
        ec2, s3, iam, tagging = (
            client(s) for s in ("ec2", "s3", "iam", "resourcegroupstaggingapi")
        )
        volume = ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=1)["VolumeId"]
        s3.create_bucket(Bucket="lags", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_tagging(Bucket="lags", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}  # fmt: skip
        iam.create_role(RoleName="lags", AssumeRolePolicyDocument=json.dumps(trust))

        def listed() -> list[bool]:
            arns = [r["ResourceARN"] for r in tagging.get_resources()["ResourceTagMappingList"]]
            return [
                volume in {v["VolumeId"] for v in ec2.describe_volumes()["Volumes"]},
                "lags" in {b["Name"] for b in s3.list_buckets()["Buckets"]},
                "lags" in {r["RoleName"] for r in iam.list_roles()["Roles"]},
                "arn:aws:s3:::lags" in arns,
            ]

        assert listed() == [True] * 4
        clock.advance(60)
        ec2.delete_volume(VolumeId=volume)
        s3.delete_bucket(Bucket="lags")
        iam.delete_role(RoleName="lags")
        assert listed() == [True] * 4
        with pytest.raises(ClientError, match=r"InvalidVolume\.NotFound"):
            ec2.delete_volume(VolumeId=volume)
        with pytest.raises(ClientError, match="NoSuchEntity"):
            iam.get_role(RoleName="lags")
        clock.advance(19)
        assert listed() == [True] * 4
        clock.advance(2)
        assert listed() == [False] * 4
