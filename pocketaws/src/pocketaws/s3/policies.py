"""Checks of bucket policies before they're stored.

Source: S3 user guide, "Bucket policies for Amazon S3", "Blocking public access to your Amazon S3 storage" ("The
meaning of public").
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..identity.documents import check_document
from ..identity.policy import PolicyError
from ..registry import before
from .buckets import bucket_of

if TYPE_CHECKING:
    from ..gateway.call import Call

# Conditions that keep a policy for everybody from being public if their values are fixed.
_NARROWING = {
    "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount",
    "aws:sourceip", "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner",
    "aws:sourceaccount", "aws:sourceorgid", "aws:userid", "aws:username", "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
}  # fmt: skip
_MOST_BYTES = 20 * 1024


@before("s3", "PutBucketPolicy")
def look_at_policy(call: Call) -> None:
    """Refuse a document that isn't a valid policy for this bucket, or a public one if the bucket blocks those."""
    text, name = call.params["Policy"], call.params["Bucket"]
    if len(text) > _MOST_BYTES:
        raise AwsError("PolicyTooLarge", "Your policy exceeds the maximum allowed document size.")
    if not text.strip().startswith("{"):
        message = "Policies must be valid JSON and the first byte must be '{'"
        raise AwsError("MalformedPolicy", message)
    try:
        policy = check_document(text, "resource")
    except PolicyError as error:
        raise AwsError("MalformedPolicy", str(error)) from error
    arn = f"arn:aws:s3:::{name}"
    for statement in policy.statements:
        if any(not _of_bucket(pattern.text, arn) for pattern in statement.resources):
            raise AwsError("MalformedPolicy", "Policy has invalid resource")
    bucket = bucket_of(name)
    block = bucket.public_access_block if bucket is not None else None
    if block is not None and block.block_public_policy and _is_public(text):
        message = (
            f"User: {call.caller.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "
            f'"{arn}" because public policies are prevented by the BlockPublicPolicy setting in S3 '
            "Block Public Access."
        )
        raise AwsError("AccessDenied", message, 403)


def _of_bucket(pattern: str, arn: str) -> bool:
    return pattern in {arn, "*", "arn:aws:s3:::*"} or pattern.startswith((f"{arn}/", f"{arn}*"))


def _is_public(text: str) -> bool:
    """Whether a policy grants access to everybody, by the rules of Block Public Access."""
    found = json.loads(text)["Statement"]
    statements = found if isinstance(found, list) else [found]
    return any(_grants_public_access(statement) for statement in statements)


def _grants_public_access(statement: dict[str, Any]) -> bool:
    if statement["Effect"] != "Allow":
        return False
    principal = statement.get("Principal", "*")
    named = principal.get("AWS", []) if isinstance(principal, dict) else principal
    if "*" not in (named if isinstance(named, list) else [named]):
        return False
    return not any(
        key.lower() in _NARROWING and "*" not in str(values)
        for keys in statement.get("Condition", {}).values()
        for key, values in keys.items()
    )
