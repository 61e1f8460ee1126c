"""Buckets: fenced, so that nothing fills them again, then emptied to the last version."""

from __future__ import annotations

import json
from typing import Any

from labkit.aws import Account, ClientError, MissingError, error_code, explain_errors
from labkit.teardown.scope import Found, Scope

_FENCE = "LabkitTeardown"


def find(scope: Scope) -> list[Found]:
    """Every bucket tagged as the scope's."""
    s3 = scope.account.client("s3")
    return [
        found
        for bucket in s3.list_buckets()["Buckets"]
        for found in scope.tagged("bucket", bucket["Name"], _tags(s3, bucket["Name"]))
    ]


def _tags(s3: Any, bucket: str) -> list[dict[str, Any]]:
    try:
        return list(s3.get_bucket_tagging(Bucket=bucket)["TagSet"])
    except ClientError as error:
        if error_code(error) in {"NoSuchTagSet", "NoSuchBucket", "AccessDenied"}:
            return []
        raise


def clear(account: Account, bucket: str) -> None:
    """Refuse every new object and delete those that are there; a bucket that is gone is fine."""
    try:
        fence(account, bucket)
        empty(account, bucket)
    except MissingError:
        return


def fence(account: Account, bucket: str) -> None:
    """Refuse every new object, whoever brings it."""
    s3 = account.client("s3")
    statement = {
        "Sid": _FENCE, "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }  # fmt: skip
    with explain_errors(f"fencing the bucket {bucket}"):
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


def empty(account: Account, bucket: str) -> None:
    """Delete every version, delete marker and unfinished upload."""
    s3 = account.client("s3")
    with explain_errors(f"emptying the bucket {bucket}"):
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            doomed = [
                {"Key": entry["Key"], "VersionId": entry["VersionId"]}
                for entry in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
            ]
            if doomed:
                s3.delete_objects(Bucket=bucket, Delete={"Objects": doomed, "Quiet": True})
        for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
            for upload in page.get("Uploads", ()):
                s3.abort_multipart_upload(
                    Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                )
