"""Lists of buckets, objects, and versions.

moto keeps a page's end in its state, so tokens don't survive a restart. It also doesn't count prefixes in
``ListObjects``, and gives every account the same owner name.

Source: S3 API reference, "ListObjects", "ListObjectsV2", "ListObjectVersions", "ListBuckets".
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from datetime import UTC
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from .. import moto_state
from ..errors import AwsError
from ..gateway import protocol
from ..registry import operation
from .buckets import bucket_of
from .owner import canonical_id

if TYPE_CHECKING:
    from ..gateway.call import Call

_MOST = 1000


@operation("s3", "ListObjectsV2")
def list_objects_v2(call: Call) -> dict[str, Any]:
    """Objects and common prefixes in order of their names, in pages that continue from a token."""
    params = call.params
    token = params.get("ContinuationToken")
    after = _name_in(token) if token is not None else params.get("StartAfter", "")
    result, page, last = _page(call, after)
    result["KeyCount"] = len(page)
    for name in ("ContinuationToken", "StartAfter"):
        if name in params:
            result[name] = params[name] if name != "StartAfter" else _encode(call, params[name])
    if last is not None:
        result["NextContinuationToken"] = base64.b64encode(last.encode()).decode()
    if not params.get("FetchOwner"):
        for item in result.get("Contents", ()):
            del item["Owner"]
    return result


@operation("s3", "ListObjects")
def list_objects(call: Call) -> dict[str, Any]:
    """The same with markers, which are names; the answer has the next one only if there's a delimiter."""
    marker = call.params.get("Marker", "")
    result, _, last = _page(call, marker)
    result["Marker"] = _encode(call, marker)
    if last is not None and call.params.get("Delimiter"):
        result["NextMarker"] = _encode(call, last)
    return result


@operation("s3", "ListObjectVersions")
def list_object_versions(call: Call) -> dict[str, Any]:
    """moto's list, with the bucket's owner as the owner of each object."""
    result = _by_moto(call)
    owner = _owner(str(moto_state.bucket_account(call.params["Bucket"])))
    for item in (*result.get("Versions", ()), *result.get("DeleteMarkers", ())):
        item["Owner"] = owner
    return result


@operation("s3", "ListBuckets")
def list_buckets(call: Call) -> dict[str, Any]:
    """moto's list, with the account as the owner of each bucket."""
    return {**_by_moto(call), "Owner": _owner(call.account)}


def _by_moto(call: Call) -> dict[str, Any]:
    answer = moto_state.run("s3", call.account, call.region, call.http)
    return protocol.parse_answer("s3", call.operation, answer)


def _owner(account: str) -> dict[str, str]:
    return {"ID": canonical_id(account)}


def _page(call: Call, after: str) -> tuple[dict[str, Any], list[str], str | None]:
    """The parts that all responses share, the names on the page, and the last of them if there are more."""
    params = call.params
    bucket = bucket_of(params["Bucket"])
    if bucket is None:
        message = "The specified bucket does not exist"
        raise AwsError("NoSuchBucket", message, 404, BucketName=params["Bucket"])
    size = params.get("MaxKeys", _MOST)
    if size < 0:
        raise AwsError(
            "InvalidArgument", "Argument maxKeys must be an integer between 0 and 2147483647"
        )
    size = min(size, _MOST)
    prefix, delimiter = params.get("Prefix", ""), params.get("Delimiter", "")
    names = [name for name in _names(bucket, prefix, delimiter) if name > after]
    page = names[:size]
    owner = _owner(str(moto_state.bucket_account(bucket.name)))
    result: dict[str, Any] = {
        "Name": bucket.name,
        "Prefix": _encode(call, prefix),
        "MaxKeys": size,
        "IsTruncated": 0 < len(page) < len(names),
    }
    if delimiter:
        result["Delimiter"] = _encode(call, delimiter)
    if "EncodingType" in params:
        result["EncodingType"] = params["EncodingType"]
    is_prefix = [bool(delimiter) and delimiter in name[len(prefix) :] for name in page]
    result["Contents"] = [
        {**_shown(call, bucket.keys[name]), "Owner": owner}
        for name, common in zip(page, is_prefix, strict=True)
        if not common
    ]
    result["CommonPrefixes"] = [
        {"Prefix": _encode(call, name)}
        for name, common in zip(page, is_prefix, strict=True)
        if common
    ]
    return result, page, page[-1] if result["IsTruncated"] else None


def _names(bucket: Any, prefix: str, delimiter: str) -> list[str]:
    """The names of objects, with names that share a part up to the delimiter combined into a prefix."""
    return sorted(set(_named(bucket, prefix, delimiter)))


def _named(bucket: Any, prefix: str, delimiter: str) -> Iterator[str]:
    for name in dict.keys(bucket.keys):
        if not name.startswith(prefix) or not hasattr(bucket.keys[name], "storage_class"):
            continue  # a delete marker has no content
        head, found, _ = name[len(prefix) :].partition(delimiter) if delimiter else (name, "", "")
        yield f"{prefix}{head}{found}" if found else name


def _shown(call: Call, key: Any) -> dict[str, Any]:
    shown = {
        "Key": _encode(call, key.name),
        "LastModified": key.last_modified.replace(tzinfo=UTC),
        "ETag": key.etag,
        "Size": key.size,
        "StorageClass": key.storage_class,
    }
    if key.checksum_algorithm:
        shown["ChecksumAlgorithm"] = [key.checksum_algorithm]
    return shown


def _encode(call: Call, name: str) -> str:
    return quote_plus(name, safe="/") if call.params.get("EncodingType") == "url" else name


def _name_in(token: str) -> str:
    try:
        return base64.b64decode(token, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise AwsError("InvalidArgument", "The continuation token provided is incorrect") from error
