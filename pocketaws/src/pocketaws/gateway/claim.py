"""What a request claims about its signer, read from its header or query. Only the form is checked.

Source: IAM user guide, "Create a signed AWS API request"; S3 API reference, "Authenticating Requests: Using
Query Parameters (AWS Signature Version 4)".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from urllib.parse import parse_qsl

from ..errors import AwsError
from . import query_signature2
from .http import HttpRequest
from .protocol import service_of
from .refusals import refusal
from .regions import is_region

MAX_SKEW = timedelta(minutes=15)
ALGORITHM = "AWS4-HMAC-SHA256"
MAX_EXPIRES_SECONDS = 7 * 24 * 3600
_PART = re.compile(r"\s*(Credential|SignedHeaders|Signature)=([^,\s]+)\s*")
_TIMESTAMP = re.compile(r"\d{8}T\d{6}Z")
_QUERY_PARTS = (
    "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders",
    "X-Amz-Expires",
)  # fmt: skip
Place = Literal["header", "query", "query2"]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request claims about its signer, before any check."""

    access_key_id: str
    region: str
    signing_name: str
    service: str
    """botocore's name."""
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str
    """``YYYYMMDDTHHMMSSZ``; for Signature Version 2, the expiry in seconds since 1970."""
    token: str | None
    place: Place
    expires_seconds: int | None = None
    """For a presigned URL."""

    @property
    def scope(self) -> str:
        return f"{self.timestamp[:8]}/{self.region}/{self.signing_name}/aws4_request"


def read_claim(request: HttpRequest) -> Claim:
    """The claim in a request's header or query; raises ``AwsError`` if it's missing or incomplete."""
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
    if algorithm != ALGORITHM:
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
    if lacking or query["X-Amz-Algorithm"] != ALGORITHM:
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
    """Region, signing name, and service of ``DATE/REGION/SERVICE/aws4_request``."""
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
