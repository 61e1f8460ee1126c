"""Errors for requests that don't name their signer, and so don't name their service either.

A target in the header or an action in the form shows the protocol family. JSON means one of the newer services;
anything else is treated as S3.

Source: S3 API reference, "Error responses"; the services' "Common errors" (``MissingAuthenticationToken``).
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from ..errors import AwsError
from . import protocol
from .http import HttpAnswer, HttpRequest, plain_error


def refuse(request: HttpRequest, error: AwsError, request_id: str) -> HttpAnswer:
    """The error response for a request whose service isn't known."""
    kind = request.headers.get("Content-Type", "")
    if "X-Amz-Target" in request.headers or "json" in kind:
        return protocol.stamp(plain_error(error), request_id)
    if "x-www-form-urlencoded" in kind and b"Action=" in request.body:
        return protocol.stamp(_of_query_service(error), request_id)
    if error.code == "MissingAuthenticationToken":
        error = AwsError("AccessDenied", "Access Denied", 403)
    return protocol.result_to_http("s3", "GetObject", request, error, request_id)


def _of_query_service(error: AwsError) -> HttpAnswer:
    body = (
        "<ErrorResponse><Error><Type>Sender</Type>"
        f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message></Error>"
        "<RequestId></RequestId></ErrorResponse>"
    )
    return HttpAnswer(error.status, {"Content-Type": "text/xml"}, body.encode())
