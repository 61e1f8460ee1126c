"""Signature Version 4, checked: in the header, or in the query of a presigned URL.

The canonical request is botocore's own, so what an SDK signs and what is checked here cannot differ.
Source for the rules and error codes: IAM user guide, "AWS Signature Version 4 for API requests" and
"Troubleshoot"; S3 API reference, "Authenticating Requests".
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import parse_qsl

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from ..errors import AwsError
from .http import HttpRequest

MAX_SKEW = timedelta(minutes=15)
_ALGORITHM = "AWS4-HMAC-SHA256"
_HEADER = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=(?P<credential>[^,\s]+)\s*,\s*"
    r"SignedHeaders=(?P<headers>[^,\s]+)\s*,\s*Signature=(?P<signature>[0-9a-f]{64})\s*$"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says of its signer, before anything is checked."""

    access_key_id: str
    region: str
    signing_name: str
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str
    """``YYYYMMDDTHHMMSSZ``"""
    token: str | None
    expires_seconds: int | None
    """Of a presigned URL."""


class Secret(Protocol):
    """What is known of an access key."""

    secret_access_key: str


def read_claim(request: HttpRequest) -> Claim:
    """The claim in a request's header or query; raises ``AwsError`` where there is none."""
    header = request.headers.get("Authorization")
    if header is not None:
        match = _HEADER.match(header)
        if match is None:
            raise AwsError("IncompleteSignature", "Authorization header is not as expected.", 400)
        timestamp = request.headers.get("X-Amz-Date", "")
        return _claim(
            match["credential"], match["headers"], match["signature"], timestamp,
            request.headers.get("X-Amz-Security-Token"), None,
        )  # fmt: skip
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    if query.get("X-Amz-Algorithm") == _ALGORITHM:
        expires = query.get("X-Amz-Expires", "")
        if not expires.isdigit():
            raise AwsError("AuthorizationQueryParametersError", "X-Amz-Expires must be a number.")
        return _claim(
            query.get("X-Amz-Credential", ""), query.get("X-Amz-SignedHeaders", ""),
            query.get("X-Amz-Signature", ""), query.get("X-Amz-Date", ""),
            query.get("X-Amz-Security-Token"), int(expires),
        )  # fmt: skip
    raise AwsError("MissingAuthenticationToken", "Missing Authentication Token", 403)


def _claim(
    credential: str, headers: str, signature: str, timestamp: str,
    token: str | None, expires: int | None,
) -> Claim:  # fmt: skip
    parts = credential.rsplit("/", 4)
    if len(parts) != 5 or parts[4] != "aws4_request":
        raise AwsError(
            "IncompleteSignature", "Credential is not KEY/DATE/REGION/SERVICE/aws4_request."
        )
    if not re.fullmatch(r"\d{8}T\d{6}Z", timestamp):
        raise AwsError("IncompleteSignature", "The request has no date in ISO 8601 basic format.")
    if parts[1] != timestamp[:8]:
        raise AwsError(
            "SignatureDoesNotMatch", "The date in Credential is not the date of X-Amz-Date.", 403
        )
    return Claim(
        parts[0], parts[2], parts[3], tuple(headers.lower().split(";")), signature, timestamp,
        token, expires,
    )  # fmt: skip


def verify(request: HttpRequest, claim: Claim, secret: str, now: datetime) -> None:
    """Check a claim against the key's secret and the time.

    Raises ``AwsError``: ``SignatureDoesNotMatch`` or, for a presigned URL past its time, ``AccessDenied``.
    """
    signed_at = datetime.strptime(claim.timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if claim.expires_seconds is not None:
        if now > signed_at + timedelta(seconds=claim.expires_seconds):
            raise AwsError("AccessDenied", "Request has expired", 403)
    elif abs(now - signed_at) > MAX_SKEW:
        if claim.signing_name == "s3":
            message = "The difference between the request time and the current time is too large."
            raise AwsError("RequestTimeTooSkewed", message, 403)
        stamp = now.strftime("%Y%m%dT%H%M%SZ")
        relation = "expired" if signed_at < now else "not yet current"
        raise AwsError(
            "SignatureDoesNotMatch", f"Signature {relation}: {claim.timestamp} ({stamp} now)", 403
        )
    if not hmac.compare_digest(_signature(request, claim, secret), claim.signature):
        message = (
            "The request signature we calculated does not match the signature you provided. "
            "Check your AWS Secret Access Key and signing method."
        )
        raise AwsError("SignatureDoesNotMatch", message, 403)


def _signature(request: HttpRequest, claim: Claim, secret: str) -> str:
    presigned = claim.expires_seconds is not None
    kind = {
        (True, True): S3SigV4QueryAuth,
        (True, False): S3SigV4Auth,
        (False, True): SigV4QueryAuth,
        (False, False): SigV4Auth,
    }[claim.signing_name == "s3", presigned]
    auth = kind(Credentials(claim.access_key_id, secret), claim.signing_name, claim.region)
    headers = {name: request.headers.get(name, "") for name in claim.signed_headers}
    query = request.query
    if presigned:
        query = "&".join(
            part for part in query.split("&") if not part.startswith("X-Amz-Signature=")
        )
    host = request.headers.get("Host", "localhost")
    aws_request = AWSRequest(
        request.method,
        f"http://{host}{request.path}" + (f"?{query}" if query else ""),
        headers,
        request.body,
    )
    aws_request.context["timestamp"] = claim.timestamp
    content_hash = request.headers.get("X-Amz-Content-SHA256")
    if content_hash is not None and "x-amz-content-sha256" not in claim.signed_headers:
        aws_request.headers["X-Amz-Content-SHA256"] = content_hash
    canonical = _canonical(auth, aws_request, claim)
    return str(auth.signature(auth.string_to_sign(aws_request, canonical), aws_request))


def _canonical(auth: SigV4Auth, request: AWSRequest, claim: Claim) -> str:
    """botocore's canonical request over exactly the headers that the client signed."""
    signed = {
        name: ",".join(_folded(request.headers.get_all(name, []))) for name in claim.signed_headers
    }
    path = auth._normalize_url_path(_path(request))  # noqa: SLF001
    return "\n".join(
        (
            request.method.upper(),
            path,
            auth.canonical_query_string(request),
            *(f"{name}:{signed[name]}" for name in sorted(signed)),
            "",
            ";".join(sorted(signed)),
            request.headers.get("X-Amz-Content-SHA256") or auth.payload(request),
        )
    )


def _folded(values: list[str]) -> list[str]:
    return [" ".join(value.split()) for value in values]


def _path(request: AWSRequest) -> str:
    return str(request.url).split("://", 1)[1].partition("/")[2].join(("/", "")).split("?", 1)[0]
