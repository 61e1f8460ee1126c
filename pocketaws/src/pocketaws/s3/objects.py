"""Objects: which error a missing one gets, and deleting many at once.

Source: S3 API reference, "GetObject" (403 instead of 404 without ``s3:ListBucket``), "DeleteObjects".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import moto_state
from ..errors import AwsError
from ..gateway import protocol
from ..identity.authorize import decide
from ..identity.resources.s3 import list_check, object_check
from ..registry import before, operation
from .buckets import bucket_of

if TYPE_CHECKING:
    from ..gateway.call import Call

_MOST_KEYS = 1000


@before("s3", "GetObject", "HeadObject", "GetObjectTagging", "GetObjectAttributes")
def hide_missing(call: Call) -> None:
    """Answer ``AccessDenied`` for a missing object if the caller may not list the bucket."""
    name, key = call.params["Bucket"], call.params["Key"]
    bucket = bucket_of(name)
    if bucket is None or bucket.keys.get(key) is not None:
        return
    if not decide(call, list_check(call, name)).allowed:
        raise AwsError("AccessDenied", "Access Denied", 403)


@operation("s3", "DeleteObjects")
def delete_objects(call: Call) -> dict[str, Any]:
    """Delete the objects that the caller may delete, and report the result for each one."""
    name = call.params["Bucket"]
    entries = call.params.get("Delete", {}).get("Objects", [])
    if bucket_of(name) is None:
        raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404)
    if not entries or len(entries) > _MOST_KEYS:
        message = "The XML you provided was not well-formed or did not validate against our published schema"
        raise AwsError("MalformedXML", message)
    allowed, errors = [], []
    for each in entries:
        check = object_check(call, name, each["Key"], each.get("VersionId"))
        if decide(call, check).allowed:
            allowed.append({k: each[k] for k in ("Key", "VersionId") if k in each})
        else:
            errors.append({**each, "Code": "AccessDenied", "Message": "Access Denied"})
    deleted: list[Any] = []
    if allowed:
        request = protocol.build_request(
            "s3", "DeleteObjects", {"Bucket": name, "Delete": {"Objects": allowed}}
        )
        answer = moto_state.run("s3", call.account, call.region, request)
        found = protocol.parse_answer("s3", "DeleteObjects", answer)
        deleted, errors = found.get("Deleted", []), errors + found.get("Errors", [])
    quiet = call.params["Delete"].get("Quiet")
    return {"Deleted": [] if quiet else deleted, "Errors": errors}
