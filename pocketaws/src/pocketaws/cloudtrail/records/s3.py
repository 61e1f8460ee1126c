"""Convert S3's parameters: the bucket, the key, and the request's XML document as JSON.

Sources: S3 user guide, "CloudTrail log file entries for Amazon S3", "Setting default server-side
encryption behavior for Amazon S3 buckets" (``SSEApplied``), and records published in 2024
(``Host`` is a single string; an empty subresource names the call; a call on many objects has their
common ARN prefix; the parts of a presigned URL).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from moto.core.utils import get_service_model

from ... import moto_state
from ...errors import AwsError
from ...gateway.protocol import s3_host_id
from .identity import iso

if TYPE_CHECKING:
    from ...gateway.call import Call

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
# Request headers that the record shows.
_SHOWN_HEADERS = frozenset(
    {
        "x-amz-acl",
        "x-amz-server-side-encryption",
        "x-amz-copy-source",
        "x-amz-storage-class",
        "x-amz-object-ownership",
        "x-amz-bucket-object-lock-enabled",
        "x-amz-tagging",
    }
)
_UNSHOWN = (
    "x-id",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-Security-Token",
)
_MAKING_OBJECTS = frozenset({"PutObject", "CopyObject", "CreateMultipartUpload"})
_ENCRYPTIONS = {"AES256": "SSE_S3", "aws:kms": "SSE_KMS"}


def request_parameters(call: Call) -> dict[str, Any]:
    """Return the request parameters that a record of an S3 call shows."""
    params = call.params
    bucket = params.get("Bucket")
    fields: dict[str, Any] = {}
    if bucket is not None:
        fields["bucketName"] = bucket
    fields["Host"] = host(bucket, call.region)
    if call.http.query:
        query = parse_qsl(call.http.query, keep_blank_values=True)
        fields |= {name: value for name, value in query if not name.startswith(_UNSHOWN)}
    if "Key" in params:
        fields["key"] = params["Key"]
    for name, (spelling, write) in _members(call.operation).items():
        if name in params:
            fields[spelling] = write(params[name])
    if "Policy" in params and call.operation == "PutBucketPolicy":
        fields["bucketPolicy"] = _policy(params["Policy"])
    return fields


def host(bucket: str | None, region: str) -> str:
    """Return the endpoint's host name, with the bucket in front."""
    endpoint = f"s3.{region}.amazonaws.com"
    return f"{bucket}.{endpoint}" if bucket else endpoint


def additional_data(call: Call, error: AwsError | None, sent: int) -> dict[str, Any]:
    """Return ``additionalEventData`` for an S3 call whose response had ``sent`` bytes."""
    query = call.http.query
    fields: dict[str, Any] = {
        "SignatureVersion": "SigV4",
        "CipherSuite": "TLS_AES_128_GCM_SHA256",
        # S3 rejects unauthorized requests before it reads their bodies.
        "bytesTransferredIn": 0
        if error is not None and error.status == 403
        else len(call.http.body),
    }
    if error is None and call.operation in _MAKING_OBJECTS:
        algorithm = str(call.params.get("ServerSideEncryption"))
        fields["SSEApplied"] = _ENCRYPTIONS.get(algorithm, "Default_SSE_S3")
    return {
        **fields,
        "AuthenticationMethod": "QueryString" if "X-Amz-Signature" in query else "AuthHeader",
        "x-amz-id-2": s3_host_id(call.request_id),
        "bytesTransferredOut": sent,
    }


def full_error(call: Call, error: AwsError) -> AwsError:
    """Return the error, even if the response had no body that names it.

    That records then have the same codes as ``GetObject`` is inferred.
    """
    if error.code != "404":
        return error
    if "Key" in call.params and moto_state.bucket_account(call.params["Bucket"]) is not None:
        return AwsError("NoSuchKey", "The specified key does not exist.", 404)
    return AwsError("NoSuchBucket", "The specified bucket does not exist", 404)


def response_elements(operation: str, result: dict[str, Any]) -> dict[str, Any] | None:
    """Return what a record shows of a response: a new object's encryption and version."""
    if operation not in _MAKING_OBJECTS:
        return None
    fields = {"x-amz-server-side-encryption": result.get("ServerSideEncryption", "AES256")}
    if "VersionId" in result:
        fields["x-amz-version-id"] = result["VersionId"]
    return fields


def resources(
    bucket: str | None, key: str | None, owner: str, *, of_objects: bool
) -> list[dict[str, Any]] | None:
    """Return the bucket, preceded by the object or by the common ARN prefix of many objects."""
    if bucket is None:
        return None
    arn = f"arn:aws:s3:::{bucket}"
    named = [{"accountId": owner, "type": "AWS::S3::Bucket", "ARN": arn}]
    if key is not None:
        return [{"type": "AWS::S3::Object", "ARN": f"{arn}/{key}"}, *named]
    if of_objects:
        return [{"type": "AWS::S3::Object", "ARNPrefix": f"{arn}/"}, *named]
    return named


@functools.cache
def _members(operation: str) -> dict[str, tuple[str, Callable[[Any], Any]]]:
    """Return the parameters that a record shows besides the bucket, the key, and the query."""
    shape = get_service_model("s3").operation_model(operation).input_shape
    shown: dict[str, tuple[str, Callable[[Any], Any]]] = {}
    for name, member in shape.members.items() if shape is not None else ():
        spelling = str(member.serialization.get("name", name))
        if member.serialization.get("location") == "header" and spelling in _SHOWN_HEADERS:
            shown[name] = (spelling, _plain)
        elif "location" not in member.serialization and member.type_name == "structure":
            shown[name] = (spelling, functools.partial(_document, member))
    return shown


def _document(shape: Any, value: Any) -> dict[str, Any]:
    fields = _xml(shape, value)
    return {"xmlns": _NAMESPACE, **fields} if isinstance(fields, dict) else {"xmlns": _NAMESPACE}


def _xml(shape: Any, value: Any) -> Any:
    """Return a value as the JSON of its XML element: a list with one item becomes that item."""
    if shape.type_name == "structure":
        fields: dict[str, Any] = {}
        for name, item in value.items():
            member = shape.members.get(name)
            if member is not None:
                fields[str(member.serialization.get("name", name))] = _xml(member, item)
        return fields or ""
    if shape.type_name == "list":
        entries = [_xml(shape.member, item) for item in value]
        found: Any = entries[0] if len(entries) == 1 else entries
        if shape.serialization.get("flattened"):
            return found
        return {str(shape.member.serialization.get("name", "member")): found} if entries else ""
    return _plain(value)


def _plain(value: Any) -> Any:
    return iso(value) if hasattr(value, "isoformat") else value


def _policy(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
