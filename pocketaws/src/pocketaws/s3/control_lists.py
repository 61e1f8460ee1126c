"""Access control lists, which a bucket has switched off from the start; what they could grant is not emulated.

Where the owner of the bucket owns every object, lists are read and not written. Where that is switched off, they
still have the one grant here that they begin with: to write another is answered with ``NotImplemented``.

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
    """The owner's grant."""
    _bucket(call)
    return _owners_grant(call)


@operation("s3", "GetObjectAcl")
def get_object_acl(call: Call) -> dict[str, Any]:
    """The same for an object."""
    _object(call)
    return _owners_grant(call)


@operation("s3", "PutBucketAcl")
def put_bucket_acl(call: Call) -> None:
    """Take the list that a bucket has anyway (``no_lists`` has refused others)."""
    _bucket(call)


@operation("s3", "PutObjectAcl")
def put_object_acl(call: Call) -> None:
    """The same for an object."""
    _object(call)


@before("s3", "PutBucketAcl", "PutObjectAcl", "PutObject", "CopyObject", "CreateMultipartUpload")
def no_lists(call: Call) -> None:
    """Refuse lists: as S3 does where they are switched off, by name where they are not."""
    bucket = bucket_of(call.params["Bucket"])
    if bucket is None:
        return
    canned = call.params.get("ACL")
    given = any(name in call.params for name in _LISTS)
    if bucket.ownership_rule == ENFORCED:
        if given or (canned and canned not in _OWNERS_OWN):
            raise AwsError("AccessControlListNotSupported", "The bucket does not allow ACLs")
    elif given or (canned and canned not in {"private", *_OWNERS_OWN}):
        raise AwsError("NotImplemented", "Access control lists are not emulated here.", 501)


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
