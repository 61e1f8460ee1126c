"""Buckets: block writes, so that nothing fills them again, then delete every object version."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from labkit.aws import Account, ClientError, error_code
from labkit.clock import Clock
from labkit.errors import CloudError
from labkit.teardown.kinds.kind import Kind, Remove, Stage, Step
from labkit.teardown.resources import Resource, Tags
from labkit.teardown.search import OUR_PREFIX, Search, unless_gone

_DENY_SID = "LabkitTeardown"


class Buckets(Kind):
    """Buckets with everything in them, including what attendees added."""

    name = "bucket"
    stage = Stage.RECORDS

    def find(self, search: Search) -> Iterator[Resource]:
        for bucket in search.account.client("s3").list_buckets()["Buckets"]:
            name = bucket["Name"]
            if name in search.members or (
                name.startswith(OUR_PREFIX) and _is_here(search.account, name)
            ):
                yield from search.named("bucket", name, partial(_tags, search.account, name))

    def steps(self, resource: Resource, *, with_stack: bool) -> tuple[Step, ...]:
        del resource
        emptied = ((Stage.WRITERS, "block"), (Stage.CONTENTS, "empty"))
        return emptied if with_stack else (*emptied, (self.stage, "delete"))

    @property
    def verbs(self) -> dict[str, Remove]:
        return {"block": block_writes, "empty": empty, "delete": self.delete}

    def delete(self, account: Account, key: str, clock: Clock) -> None:
        del clock
        account.client("s3").delete_bucket(Bucket=key)


KINDS = (Buckets(),)


def _tags(account: Account, bucket: str) -> Tags:
    try:
        return list(account.client("s3").get_bucket_tagging(Bucket=bucket)["TagSet"])
    except ClientError as error:
        if error_code(error) == "NoSuchTagSet":
            return []
        raise


def _is_here(account: Account, bucket: str) -> bool:
    """Whether a bucket is in the account's Region; the list has those of every Region.

    Two Regions have old names (S3 API reference, "GetBucketLocation").
    """
    nowhere: dict[str, Any] = {"LocationConstraint": "gone"}
    locate = partial(account.client("s3").get_bucket_location, Bucket=bucket)
    region = unless_gone(locate, nowhere).get("LocationConstraint") or "us-east-1"
    return {"EU": "eu-west-1"}.get(region, region) == account.region


def block_writes(account: Account, bucket: str, clock: Clock) -> None:
    """Deny every new object, for every principal."""
    del clock
    statement = {
        "Sid": _DENY_SID, "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
        "Resource": f"arn:{account.partition}:s3:::{bucket}/*",
    }  # fmt: skip
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    account.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)


def empty(account: Account, bucket: str, clock: Clock) -> None:
    """Delete every version, delete marker, and unfinished upload.

    ``DeleteObjects`` succeeds even if it fails for some objects, and lists these (S3 API reference, "DeleteObjects").
    """
    del clock
    s3 = account.client("s3")
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        versions = [
            {"Key": entry["Key"], "VersionId": entry["VersionId"]}
            for entry in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
        ]
        if versions:
            answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": versions, "Quiet": True})
            if errors := answer.get("Errors"):
                first = errors[0]
                raise CloudError(
                    f"{len(errors)} objects in the bucket {bucket} can't be deleted. The first is "
                    f"{first.get('Key')}: {first.get('Code')}: {first.get('Message')}",
                    "Delete them in the S3 console, then rerun 'labkit down'.",
                )
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        for upload in page.get("Uploads", ()):
            s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
