"""Signatures, checked: in the header, or in the query of a presigned URL.

Version 4, and in the query Version 2 where S3 still takes it.

Source for the rules: IAM user guide, "Create a signed AWS API request"; S3 API reference,
"Authenticating Requests (AWS Signature Version 4)" and "Appendix: Authenticating requests (AWS signature
version 2)". Source for the answers: ``refusals``.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from botocore.utils import normalize_url_path

from ..errors import AwsError
from . import query_signature2, streaming
from .http import HttpRequest
from .protocol import service_of
from .refusals import refusal
from .regions import is_region

MAX_SKEW = timedelta(minutes=15)
MAX_EXPIRES_SECONDS = 7 * 24 * 3600
_ALGORITHM = "AWS4-HMAC-SHA256"
_PART = re.compile(r"\s*(Credential|SignedHeaders|Signature)=([^,\s]+)\s*")
_TIMESTAMP = re.compile(r"\d{8}T\d{6}Z")
_HASH = re.compile(r"[0-9a-f]{64}")
_QUERY_PARTS = (
    "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders",
    "X-Amz-Expires",
)  # fmt: skip
Place = Literal["header", "query", "query2"]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says of its signer, before anything is checked."""

    access_key_id: str
    region: str
    signing_name: str
    service: str
    """botocore's name."""
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str
    """``YYYYMMDDTHHMMSSZ``; of Version 2 the time of expiry, in seconds since 1970."""
    token: str | None
    place: Place
    expires_seconds: int | None = None
    """Of a presigned URL."""

    @property
    def scope(self) -> str:
        return f"{self.timestamp[:8]}/{self.region}/{self.signing_name}/aws4_request"


def read_claim(request: HttpRequest) -> Claim:
    """The claim in a request's header or query; raises ``AwsError`` where there is none that is whole."""
    header = request.headers.get("Authorization")
    query = dict(parse_qsl(request.query, keep_blank_values=True)) if request.query else {}
    if header is not None:
        if "X-Amz-Signature" in query or "X-Amz-Algorithm" in query:
            raise AwsError("InvalidArgument", "Only one auth mechanism allowed.")
        return _from_header(request, header)
    if "X-Amz-Algorithm" in query or "X-Amz-Signature" in query:
        return _from_query(query)
    if "AWSAccessKeyId" in query and "Signature" in query:
        return _from_query2(request, query)
    raise AwsError("MissingAuthenticationToken", "Missing Authentication Token", 403)


def _from_header(request: HttpRequest, header: str) -> Claim:
    algorithm, _, rest = header.strip().partition(" ")
    found = [match for match in map(_PART.fullmatch, rest.split(",")) if match is not None]
    parts = {str(match[1]): str(match[2]) for match in found}
    key, _, scope = parts.get("Credential", "").partition("/")
    region, signing_name, service = _read_scope(scope)
    if algorithm != _ALGORITHM:
        raise refusal(service, "incomplete", "The authorization mechanism is not supported.")
    lacking = [n for n in ("Credential", "SignedHeaders", "Signature") if n not in parts]
    if lacking:
        needed = " ".join(f"Authorization header requires '{name}' parameter." for name in lacking)
        raise refusal(service, "incomplete", needed)
    timestamp = request.headers.get("X-Amz-Date", "")
    if _TIMESTAMP.fullmatch(timestamp) is None:
        message = (
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        )
        raise refusal(service, "incomplete", message)
    _check_date(service, scope, timestamp)
    return Claim(
        key, region, signing_name, service, tuple(parts["SignedHeaders"].lower().split(";")),
        parts["Signature"], timestamp, request.headers.get("X-Amz-Security-Token"), "header",
    )  # fmt: skip


def _from_query(query: dict[str, str]) -> Claim:
    key, _, scope = query.get("X-Amz-Credential", "").partition("/")
    region, signing_name, service = _read_scope(scope)
    lacking = [
        n for n in _QUERY_PARTS if n not in query and (service == "s3" or n != "X-Amz-Expires")
    ]
    code = "AuthorizationQueryParametersError" if service == "s3" else "IncompleteSignature"
    if lacking or query["X-Amz-Algorithm"] != _ALGORITHM:
        wanted = ", ".join(_QUERY_PARTS)
        raise AwsError(
            code, f"Query-string authentication version 4 requires the {wanted} parameters."
        )
    expires = query.get("X-Amz-Expires", str(int(MAX_SKEW.total_seconds())))
    if re.fullmatch(r"\d{1,9}", expires) is None:
        raise AwsError(code, "X-Amz-Expires should be a number and must be non-negative")
    if int(expires) > MAX_EXPIRES_SECONDS:
        message = (
            f"X-Amz-Expires must be less than a week (in seconds) that is {MAX_EXPIRES_SECONDS}"
        )
        raise AwsError(code, message)
    timestamp = query["X-Amz-Date"]
    if _TIMESTAMP.fullmatch(timestamp) is None:
        raise AwsError(
            code, "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
        )
    _check_date(service, scope, timestamp)
    return Claim(
        key, region, signing_name, service, tuple(query["X-Amz-SignedHeaders"].lower().split(";")),
        query["X-Amz-Signature"], timestamp, query.get("X-Amz-Security-Token"), "query", int(expires),
    )  # fmt: skip


def _from_query2(request: HttpRequest, query: dict[str, str]) -> Claim:
    expires = query.get("Expires", "")
    if not re.fullmatch(r"\d{1,12}", expires):
        raise AwsError("AccessDenied", "Query-string authentication requires Expires.", 403)
    return Claim(
        query["AWSAccessKeyId"], query_signature2.region_of(request), "s3", "s3", (),
        query["Signature"], expires, query.get("x-amz-security-token"), "query2",
    )  # fmt: skip


def _read_scope(scope: str) -> tuple[str, str, str]:
    """Region, signing name and service of ``DATE/REGION/SERVICE/aws4_request``."""
    parts = scope.split("/")
    if len(parts) != 4:
        raise AwsError(
            "IncompleteSignature",
            f"Credential must have exactly 5 slash-delimited elements: {scope}",
        )
    _, region, signing_name, terminator = parts
    service = service_of(signing_name)
    if terminator != "aws4_request":
        message = f"Credential should be scoped with a valid terminator: 'aws4_request', not '{terminator}'."
        raise refusal(service, "mismatch", message)
    if not is_region(region):
        raise refusal(service, "mismatch", "Credential should be scoped to a valid region.")
    return region, signing_name, service


def _check_date(service: str, scope: str, timestamp: str) -> None:
    day = scope.partition("/")[0]
    if day != timestamp[:8]:
        message = (
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{day}' != '{timestamp[:8]}', from '{timestamp}'."
        )
        raise refusal(service, "mismatch", message)


def verify(request: HttpRequest, claim: Claim, secret: str, now: datetime) -> None:
    """Check a claim against the key's secret, the body and the time; raises ``AwsError``."""
    if claim.place == "query2":
        query_signature2.verify(request, claim.signature, claim.timestamp, secret, now)
        return
    _check_time(claim, now)
    _check_signed_headers(request, claim)
    payload = _payload(request, claim)
    key = _signing_key(secret, claim.scope)
    signed = hashlib.sha256(_canonical(request, claim, payload).encode()).hexdigest()
    text = f"{_ALGORITHM}\n{claim.timestamp}\n{claim.scope}\n{signed}"
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
    """What the canonical request says of the body; S3 checks the hash that the header claims."""
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
    if claim.service == "s3":  # S3 alone takes the path as it is, encoded once
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
