"""Buckets as S3 creates them, where moto differs.

Source: S3 user guide, "General purpose bucket naming rules", "Default settings for new S3 buckets FAQ" (encryption,
blocked public access and owner-enforced objects for every new bucket); S3 API reference, "CreateBucket", "Error
responses".
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..errors import AwsError
from ..registry import after, before, operation

if TYPE_CHECKING:
    from ..gateway.call import Call

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]")
_FORBIDDEN_STARTS = ("xn--", "sthree-", "amzn-s3-demo-")
_FORBIDDEN_ENDS = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
ENFORCED = "BucketOwnerEnforced"


def bucket_of(name: str) -> Any | None:
    """moto's bucket, whichever account owns it."""
    account = moto_state.bucket_account(name)
    return None if account is None else moto_state.backend("s3", account, "aws").buckets[name]


@before("s3", "CreateBucket")
def new_name(call: Call) -> None:
    """Refuse names that aren't valid, or that another account's bucket has."""
    name = call.params["Bucket"]
    if not _may_be_named(name):
        raise AwsError("InvalidBucketName", "The specified bucket is not valid.")
    if moto_state.bucket_account(name) not in {None, call.account}:
        message = (
            "The requested bucket name is not available. The bucket namespace is shared by all users "
            "of the system. Please select a different name and try again."
        )
        raise AwsError("BucketAlreadyExists", message, 409)
    ownership = call.params.get("ObjectOwnership", ENFORCED)
    if call.params.get("ACL", "private") != "private" and ownership == ENFORCED:
        message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
        raise AwsError("InvalidBucketAclWithObjectOwnership", message)


def _may_be_named(name: str) -> bool:
    if _NAME.fullmatch(name) is None or ".." in name:
        return False
    if name.startswith(_FORBIDDEN_STARTS) or name.endswith(_FORBIDDEN_ENDS):
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return True
    return False


@after("s3", "CreateBucket")
def settle(call: Call, _result: dict[str, Any]) -> None:
    """Give a new bucket the settings that every bucket starts with."""
    bucket = bucket_of(call.params["Bucket"])
    if bucket is None or bucket.encryption is not None:  # the caller's own bucket, created again
        return
    bucket.creation_date = call.now
    bucket.encryption = {
        "Rule": {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
            "BucketKeyEnabled": "false",
        }
    }
    bucket.ownership_rule = bucket.ownership_rule or ENFORCED
    moto_state.backend("s3", call.account, "aws").put_public_access_block(
        bucket.name,
        {
            "BlockPublicAcls": "true",
            "IgnorePublicAcls": "true",
            "BlockPublicPolicy": "true",
            "RestrictPublicBuckets": "true",
        },
    )


@operation("s3", "DeleteBucketEncryption")
def delete_encryption(call: Call) -> None:
    """Replace a bucket's own encryption with the default, because every bucket is encrypted."""
    bucket = bucket_of(call.params["Bucket"])
    if bucket is None:
        raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404)
    bucket.encryption = {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}}
