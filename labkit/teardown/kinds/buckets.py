"""Buckets: block writes, so that nothing fills them again, then delete every object version."""

from __future__ import annotations

import json
from typing import Any

from labkit.aws import Account, ClientError, MissingError, error_code, explain_errors
from labkit.teardown.scope import Resource, Scope

_DENY_SID = "LabkitTeardown"


def find(scope: Scope) -> list[Resource]:
    """Every bucket with the scope's tags."""
    s3 = scope.account.client("s3")
    return [
        found
        for bucket in s3.list_buckets()["Buckets"]
        for found in scope.match_tags("bucket", bucket["Name"], _tags(s3, bucket["Name"]))
    ]


def _tags(s3: Any, bucket: str) -> list[dict[str, Any]]:
    try:
        return list(s3.get_bucket_tagging(Bucket=bucket)["TagSet"])
    except ClientError as error:
        if error_code(error) in {"NoSuchTagSet", "NoSuchBucket", "AccessDenied"}:
            return []
        raise


def block_and_empty(account: Account, bucket: str) -> None:
    """Block new objects and delete the existing ones; it's fine if the bucket is gone."""
    try:
        block_writes(account, bucket)
        empty(account, bucket)
    except MissingError:
        return


def block_writes(account: Account, bucket: str) -> None:
    """Deny every new object, for every principal."""
    s3 = account.client("s3")
    statement = {
        "Sid": _DENY_SID, "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }  # fmt: skip
    with explain_errors(f"blocking writes to the bucket {bucket}"):
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


def empty(account: Account, bucket: str) -> None:
    """Delete every version, delete marker, and unfinished upload."""
    s3 = account.client("s3")
    with explain_errors(f"emptying the bucket {bucket}"):
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            versions = [
                {"Key": entry["Key"], "VersionId": entry["VersionId"]}
                for entry in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
            ]
            if versions:
                s3.delete_objects(Bucket=bucket, Delete={"Objects": versions, "Quiet": True})
        for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
            for upload in page.get("Uploads", ()):
                s3.abort_multipart_upload(
                    Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"]
                )
