"""S3: the actions and resources that authorization checks for each call.

Source: service authorization reference, "Amazon S3"; S3 user guide, "Required permissions for
Amazon S3 API operations".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from ... import moto_state
from ...errors import AwsError
from ..checks import Check, Keys, checks

if TYPE_CHECKING:
    from ...gateway.call import Call

# Operation -> action, if they differ.
_ACTIONS = {
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "HeadBucket": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetBucketCors": "GetBucketCORS",
    "PutBucketCors": "PutBucketCORS",
    "DeleteBucketCors": "PutBucketCORS",
    "HeadObject": "GetObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "ListParts": "ListMultipartUploadParts",
}
# Actions on an object that have another name if the request has a version ID.
_VERSIONED = {
    "GetObject": "GetObjectVersion",
    "DeleteObject": "DeleteObjectVersion",
    "GetObjectTagging": "GetObjectVersionTagging",
    "PutObjectTagging": "PutObjectVersionTagging",
    "DeleteObjectTagging": "DeleteObjectVersionTagging",
    "GetObjectAcl": "GetObjectVersionAcl",
    "PutObjectAcl": "PutObjectVersionAcl",
    "GetObjectAttributes": "GetObjectVersionAttributes",
}
_KEYS = {
    "Prefix": "s3:prefix",
    "Delimiter": "s3:delimiter",
    "MaxKeys": "s3:max-keys",
    "ACL": "s3:x-amz-acl",
    "GrantFullControl": "s3:x-amz-grant-full-control",
    "GrantRead": "s3:x-amz-grant-read",
    "GrantWrite": "s3:x-amz-grant-write",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
    "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "StorageClass": "s3:x-amz-storage-class",
    "VersionId": "s3:versionid",
    "CopySource": "s3:x-amz-copy-source",
    "ObjectOwnership": "s3:x-amz-object-ownership",
}
_SOURCE = re.compile(r"/?(?P<bucket>[^/]+)/(?P<key>.+?)(?:\?versionId=(?P<version>.+))?")


@checks("s3")
def bucket_or_object(call: Call) -> Iterator[Check]:
    """The bucket or the object in it, with the bucket's policy."""
    params = call.params
    _must_exist(str(params.get("Bucket", "")))
    action = _ACTIONS.get(call.operation, call.operation)
    if params.get("VersionId"):
        action = _VERSIONED.get(action, action)
    yield _check(call, action, params.get("Bucket", ""), params.get("Key"))
    if call.operation in {"CopyObject", "UploadPartCopy"}:
        match = _SOURCE.fullmatch(str(params.get("CopySource", "")))
        if match is not None:
            read = "GetObjectVersion" if match["version"] else "GetObject"
            yield _check(call, read, match["bucket"], unquote(match["key"]))
    if params.get("Tagging") and call.operation in {
        "PutObject",
        "CopyObject",
        "CreateMultipartUpload",
    }:
        yield _check(call, "PutObjectTagging", params.get("Bucket", ""), params.get("Key"))
    if call.operation == "GetObjectAttributes":
        read = "GetObjectVersion" if params.get("VersionId") else "GetObject"
        yield _check(call, read, params.get("Bucket", ""), params.get("Key"))


@checks("s3", "CreateBucket")
def create_bucket(call: Call) -> Iterator[Check]:
    """The new bucket; an existing bucket's owner doesn't matter."""
    yield Check(
        "s3:CreateBucket", f"arn:aws:s3:::{call.params.get('Bucket', '')}", keys=_keys(call)
    )


@checks("s3", "ListBuckets")
def list_buckets(call: Call) -> Iterator[Check]:
    """No specific bucket."""
    yield Check("s3:ListAllMyBuckets", keys=_keys(call), has_policy=False)


@checks("s3", "DeleteObjects")
def delete_objects(_call: Call) -> Iterator[Check]:
    """The operation checks each object separately with ``object_check``."""
    return iter(())


def object_check(call: Call, bucket: str, key: str, version: str | None) -> Check:
    """Return the check for deleting one of many objects."""
    return _check(call, "DeleteObjectVersion" if version else "DeleteObject", bucket, key)


def list_check(call: Call, bucket: str) -> Check:
    """Return the check for listing a bucket, which decides the error for a missing object."""
    return Check("s3:ListBucket", f"arn:aws:s3:::{bucket}", *_owner_of(call, bucket))


def _must_exist(bucket: str) -> None:
    """S3 reports a missing bucket before it checks permissions."""
    if moto_state.bucket_account(bucket) is None:
        raise AwsError(
            "NoSuchBucket", "The specified bucket does not exist", 404, BucketName=bucket
        )


def _check(call: Call, action: str, bucket: str, key: str | None) -> Check:
    expected = call.params.get("ExpectedBucketOwner")
    if expected is not None and moto_state.bucket_account(bucket) not in {None, expected}:
        raise AwsError("AccessDenied", "Access Denied", 403)
    resource = f"arn:aws:s3:::{bucket}" + (f"/{key}" if key is not None else "")
    account, keys, tags, policy, has_policy = _owner_of(call, bucket)
    return Check(f"s3:{action}", resource, account, keys, tags, policy, has_policy)


def _owner_of(call: Call, name: str) -> tuple[str | None, Keys, None, str | None, bool]:
    account = moto_state.bucket_account(name)
    if account is None:
        return None, _keys(call), None, None, True
    policy = moto_state.backend("s3", account, "aws").buckets[name].policy
    return account, _keys(call), None, policy.decode() if policy else None, True


def _keys(call: Call) -> dict[str, Any]:
    presigned = "X-Amz-Signature=" in call.http.query
    keys: dict[str, Any] = {
        key: (str(call.params[name]),) for name, key in _KEYS.items() if name in call.params
    }
    keys["s3:signatureversion"] = ("AWS4-HMAC-SHA256",)
    keys["s3:authtype"] = ("REST-QUERY-STRING" if presigned else "REST-HEADER",)
    location = call.params.get("CreateBucketConfiguration", {}).get("LocationConstraint")
    if location:
        keys["s3:locationconstraint"] = (location,)
    return keys
