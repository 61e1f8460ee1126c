"""Access control lists, which are disabled by default and whose grants aren't emulated.

While the bucket's owner owns every object, lists can be read but not written. Where the bucket's owner enables lists,
they keep the one grant that they start with: writing another gets ``NotImplemented``.

Source: S3 user guide, "Controlling ownership of objects and disabling ACLs for your bucket"; S3 API reference,
"GetBucketAcl", "PutBucketAcl", "GetObjectAcl", "PutObjectAcl".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..errors import AwsError
from ..registry import before, operation
from .buckets import ENFORCED, bucket_of
from .owner import canonical_id

if TYPE_CHECKING:
    from ..gateway.call import Call

_OWNERS_OWN = {"bucket-owner-full-control"}
_LISTS = ("AccessControlPolicy", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP")  # fmt: skip


@operation("s3", "GetBucketAcl")
def get_bucket_acl(call: Call) -> dict[str, Any]:
    """The list of a bucket, with the owner's grant."""
    _bucket(call)
    return _owners_grant(call)


@operation("s3", "GetObjectAcl")
def get_object_acl(call: Call) -> dict[str, Any]:
    """The list of an object, with the owner's grant."""
    _object(call)
    return _owners_grant(call)


@operation("s3", "PutBucketAcl")
def put_bucket_acl(call: Call) -> None:
    """Accept the list that a bucket has anyway (``no_lists`` refuses all others)."""
    _bucket(call)


@operation("s3", "PutObjectAcl")
def put_object_acl(call: Call) -> None:
    """Accept the list that an object has anyway (``no_lists`` refuses all others)."""
    _object(call)


@before("s3", "PutBucketAcl", "PutObjectAcl", "PutObject", "CopyObject", "CreateMultipartUpload")
def no_lists(call: Call) -> None:
    """Refuse lists: with S3's error where they're disabled, and with ``NotImplemented`` where they're enabled."""
    bucket = bucket_of(call.params["Bucket"])
    if bucket is None:
        return
    canned = call.params.get("ACL")
    given = any(name in call.params for name in _LISTS)
    if bucket.ownership_rule == ENFORCED:
        if given or (canned and canned not in _OWNERS_OWN):
            raise AwsError("AccessControlListNotSupported", "The bucket does not allow ACLs")
    elif given or (canned and canned not in {"private", *_OWNERS_OWN}):
        raise AwsError("NotImplemented", "pocketaws doesn't emulate access control lists.", 501)


def _owners_grant(call: Call) -> dict[str, Any]:
    owner = {"ID": canonical_id(str(moto_state.bucket_account(call.params["Bucket"])))}
    grantee = {**owner, "Type": "CanonicalUser"}
    return {"Owner": owner, "Grants": [{"Grantee": grantee, "Permission": "FULL_CONTROL"}]}


def _bucket(call: Call) -> Any:
    bucket = bucket_of(call.params["Bucket"])
    if bucket is None:
        raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404)
    return bucket


def _object(call: Call) -> None:
    if not hasattr(_bucket(call).keys.get(call.params["Key"]), "storage_class"):
        message = "The specified key does not exist."
        raise AwsError("NoSuchKey", message, 404, Key=call.params["Key"])
