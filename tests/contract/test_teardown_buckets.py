"""``down`` empties a lab's own bucket to the last version before it deletes the stack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from labkit.deploy import stacks
from labkit.embedded_aws import embedded_aws
from labkit.names import TAG_SEAT, TAG_WORKSHOP, seat_stack
from labkit.workflow import demo_run
from labkit.workflow.operations import Operations

TEMPLATE = """
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: Enabled}
      Tags: [{Key: "labkit:workshop", Value: demo}, {Key: "labkit:seat", Value: seat-1}]
Outputs:
  InstanceIds:
    Value: ""
  Bucket:
    Value: !Ref Data
"""


@pytest.fixture
def lab() -> Iterator[tuple[Operations, Any, str]]:
    """A seat whose stack has only a bucket with objects in it."""
    with embedded_aws(demo_run.REGION):
        work = demo_run.begin(1)
        (seat,) = work.seats
        account = work.cloud.account(seat.account)
        tags = {TAG_WORKSHOP: work.workshop.name, TAG_SEAT: seat.id}
        name = seat_stack(work.workshop, seat.id)
        stacks.start_create(account, name, TEMPLATE, {}, tags)
        (stack,) = stacks.of_workshops(account)
        s3, bucket = account.client("s3"), stack.outputs["Bucket"]
        for version in (b"one", b"two"):
            s3.put_object(Bucket=bucket, Key="backups/a", Body=version)
        s3.delete_object(Bucket=bucket, Key="backups/a")
        s3.create_multipart_upload(Bucket=bucket, Key="backups/b")
        yield work, s3, bucket


def test_versions_markers_and_unfinished_uploads_go_with_the_bucket(
    lab: tuple[Operations, Any, str],
) -> None:
    work, s3, bucket = lab
    assert [(action.verb, action.kind, action.id) for action in work.plan_down().actions] == [
        ("block", "bucket", bucket),
        ("empty", "bucket", bucket),
        ("delete", "stack", "labkit-demo-seat-seat-1"),
    ]

    (row,) = work.down()

    assert (row["state"], row["leftovers"]) == ("absent", [])
    assert s3.list_buckets()["Buckets"] == []


def test_a_bucket_that_someone_removed_before_is_no_hindrance(
    lab: tuple[Operations, Any, str],
) -> None:
    work, s3, bucket = lab
    for found in s3.list_object_versions(Bucket=bucket).get("Versions", []):
        s3.delete_object(Bucket=bucket, Key=found["Key"], VersionId=found["VersionId"])
    for found in s3.list_object_versions(Bucket=bucket).get("DeleteMarkers", []):
        s3.delete_object(Bucket=bucket, Key=found["Key"], VersionId=found["VersionId"])
    for found in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]:
        s3.abort_multipart_upload(Bucket=bucket, Key=found["Key"], UploadId=found["UploadId"])
    s3.delete_bucket(Bucket=bucket)

    (row,) = work.down()

    assert (row["state"], row["leftovers"]) == ("absent", [])
