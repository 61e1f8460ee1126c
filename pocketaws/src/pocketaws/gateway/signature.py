"""Signature checks: in the header, or in the query of a presigned URL.

Version 4 and, in the query, Version 2 where S3 still accepts it.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import re
from datetime import datetime, timedelta
from urllib.parse import quote, unquote_to_bytes

from botocore.utils import normalize_url_path

from ..errors import AwsError
from . import query_signature2, streaming
from .claim import ALGORITHM, MAX_SKEW, Claim
from .http import HttpRequest
from .refusals import refusal

_HASH = re.compile(r"[0-9a-f]{64}")


def verify(request: HttpRequest, claim: Claim, secret: str, now: datetime) -> None:
    """Check a claim against the key's secret, the body, and the time; raises ``AwsError``."""
    if claim.place == "query2":
        query_signature2.verify(request, claim.signature, claim.timestamp, secret, now)
        return
    _check_time(claim, now)
    _check_signed_headers(request, claim)
    payload = _payload(request, claim)
    key = _signing_key(secret, claim.scope)
    signed = hashlib.sha256(_canonical(request, claim, payload).encode()).hexdigest()
    text = f"{ALGORITHM}\n{claim.timestamp}\n{claim.scope}\n{signed}"
    expected = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), claim.signature.encode()):
        raise refusal(claim.service, "mismatch")
    if payload.startswith("STREAMING-"):
        streaming.check(request, payload, key, claim.timestamp, claim.scope, claim.signature)


def _check_time(claim: Claim, now: datetime) -> None:
    try:
        signed_at = datetime.fromisoformat(claim.timestamp)
    except ValueError as error:
        raise refusal(claim.service, "incomplete", f"{claim.timestamp} is no time.") from error
    if claim.expires_seconds is not None:
        if now > signed_at + timedelta(seconds=claim.expires_seconds):
            raise AwsError("AccessDenied", "Request has expired", 403)
        if signed_at > now + MAX_SKEW:
            raise AwsError("AccessDenied", "Request is not valid yet", 403)
    elif abs(now - signed_at) > MAX_SKEW:
        early = signed_at > now
        limit = (now + MAX_SKEW if early else now - MAX_SKEW).strftime("%Y%m%dT%H%M%SZ")
        relation, than = ("not yet current", "later") if early else ("expired", "earlier")
        sign = "+" if early else "-"
        stamp = now.strftime("%Y%m%dT%H%M%SZ")
        message = (
            f"Signature {relation}: {claim.timestamp} is {'still' if early else 'now'} {than} than "
            f"{limit} ({stamp} {sign} 15 min.)"
        )
        raise refusal(claim.service, "skewed", message)


def _check_signed_headers(request: HttpRequest, claim: Claim) -> None:
    if "host" not in claim.signed_headers:
        message = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
        raise refusal(claim.service, "mismatch", message)
    if claim.service == "s3":
        unsigned = [
            name
            for name in map(str.lower, request.headers)
            if name.startswith("x-amz-") and name not in claim.signed_headers
            and name != "x-amz-content-sha256"
        ]  # fmt: skip
        if unsigned:
            message = "There were headers present in the request which were not signed"
            raise AwsError("AccessDenied", message, 403)


def _payload(request: HttpRequest, claim: Claim) -> str:
    """The body's hash in the canonical request; S3 checks the hash that the header claims."""
    claimed = request.headers.get("X-Amz-Content-SHA256")
    if claim.service != "s3":
        return hashlib.sha256(request.body).hexdigest()
    if claimed is None:
        if claim.place == "query":
            return "UNSIGNED-PAYLOAD"
        raise AwsError(
            "InvalidRequest", "Missing required header for this request: x-amz-content-sha256"
        )
    if claimed == "UNSIGNED-PAYLOAD" or claimed in streaming.KINDS:
        return claimed
    if _HASH.fullmatch(claimed) is None:
        message = (
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, "
            f"{', '.join(sorted(streaming.KINDS))}, or a valid sha256 value."
        )
        raise AwsError("InvalidArgument", message)
    if hashlib.sha256(request.body).hexdigest() != claimed:
        message = "The provided 'x-amz-content-sha256' header does not match what was computed."
        raise AwsError("XAmzContentSHA256Mismatch", message)
    return claimed


def _canonical(request: HttpRequest, claim: Claim, payload: str) -> str:
    if claim.service == "s3":  # only S3 signs the path as sent, encoded once
        path = quote(unquote_to_bytes(request.path), safe="/-_.~")
    else:
        path = quote(normalize_url_path(request.path), safe="/~")
    names = sorted(claim.signed_headers)
    headers = [f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names]
    pairs = sorted(
        tuple(quote(unquote_to_bytes(text), safe="-_.~") for text in part.partition("=")[::2])
        for part in request.query.split("&")
        if part and not (claim.place == "query" and part.startswith("X-Amz-Signature="))
    )
    query = "&".join(f"{name}={value}" for name, value in pairs)
    return f"{request.method.upper()}\n{path}\n{query}\n{''.join(headers)}\n{';'.join(names)}\n{payload}"


@functools.lru_cache(maxsize=4096)
def _signing_key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
