"""Signature Version 2 in the query of an S3 URL, which boto3 still uses by default.

AWS announced that buckets created after June 2020 wouldn't accept it, and Regions launched since 2014 never did.
boto3 still presigns with it in the older Regions, so those accept it here.

Source: S3 API reference, "Appendix: Authenticating requests (AWS signature version 2)".
"""

from __future__ import annotations

import base64
import hmac
from datetime import datetime
from urllib.parse import parse_qsl, unquote

from botocore.auth import HmacV1Auth

from .. import moto_state
from ..errors import AwsError
from .http import HttpRequest
from .refusals import refusal
from .regions import SIGNATURE_2


def region_of(request: HttpRequest) -> str:
    """The Region of the bucket in a URL; the URL itself doesn't name one."""
    bucket = unquote(request.path.removeprefix("/").partition("/")[0])
    return moto_state.bucket_region(bucket) or "us-east-1"


def verify(request: HttpRequest, signature: str, expires: str, secret: str, now: datetime) -> None:
    """Check a URL's signature. ``expires`` is in seconds since 1970. Raises ``AwsError``."""
    if region_of(request) not in SIGNATURE_2:
        message = (
            "The authorization mechanism you have provided is not supported. Please use "
            "AWS4-HMAC-SHA256."
        )
        raise AwsError("InvalidRequest", message)
    if now.timestamp() > int(expires):
        raise AwsError("AccessDenied", "Request has expired", 403)
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    text = "\n".join(
        (
            request.method.upper(),
            request.headers.get("Content-MD5") or query.get("content-md5", ""),
            request.headers.get("Content-Type") or query.get("content-type", ""),
            expires,
            *_amazon_headers(request),
            _resource(request),
        )
    )
    digest = hmac.new(secret.encode(), text.encode(), "sha1").digest()
    if not hmac.compare_digest(base64.b64encode(digest), signature.encode()):
        raise refusal("s3", "mismatch")


def _amazon_headers(request: HttpRequest) -> list[str]:
    """The ``x-amz-`` headers and parameters, including a session's token."""
    found = {
        name.lower(): value
        for name, value in request.headers.items()
        if name.lower().startswith("x-amz-")
    }
    for part in request.query.split("&"):
        name, _, value = part.partition("=")
        if name.lower().startswith("x-amz-"):
            found[name.lower()] = unquote(value)
    return [f"{name}:{found[name].strip()}" for name in sorted(found)]


def _resource(request: HttpRequest) -> str:
    parts = [part.split("=", 1) for part in request.query.split("&") if part]
    of_interest = sorted(part for part in parts if part[0] in HmacV1Auth.QSAOfInterest)
    query = "&".join(
        part[0] if len(part) == 1 else f"{part[0]}={unquote(part[1])}" for part in of_interest
    )
    return request.path + (f"?{query}" if query else "")
