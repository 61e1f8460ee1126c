"""S3 request bodies in signed chunks (``aws-chunked``).

Source: S3 API reference, "Signature calculations for the authorization header: Transferring payload in
multiple chunks" and "… with trailing headers".
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator

from ..errors import AwsError
from .http import HttpRequest
from .refusals import refusal

_SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
_SIGNED_TRAILER = f"{_SIGNED}-TRAILER"
_UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
KINDS = {_SIGNED, _SIGNED_TRAILER, _UNSIGNED_TRAILER}
_EMPTY = hashlib.sha256(b"").hexdigest()
_HEAD = re.compile(rb"([0-9a-fA-F]{1,16})(?:;chunk-signature=([0-9a-f]{64}))?")


def check(
    request: HttpRequest, kind: str, key: bytes, timestamp: str, scope: str, seed: str
) -> None:
    """Check the chunks of a body. The request itself is already checked. Raises ``AwsError``.

    ``seed`` is the request's signature, the first link of the chain.
    """
    previous, length = seed, 0
    rest = request.body
    for data, signature, rest in _chunks(request.body):  # noqa: B007 - the last rest holds the trailer
        length += len(data)
        if kind == _UNSIGNED_TRAILER:
            continue
        lines = (f"{_SIGNED.removeprefix('STREAMING-')}", timestamp, scope, previous, _EMPTY)
        previous = _link(key, *lines, hashlib.sha256(data).hexdigest())
        if not hmac.compare_digest(previous, signature):
            raise refusal("s3", "mismatch")
    if kind == _SIGNED_TRAILER:
        _check_trailer(rest, key, timestamp, scope, previous)
    declared = request.headers.get("X-Amz-Decoded-Content-Length", "")
    if not declared.isdigit():
        raise AwsError(
            "MissingContentLength", "You must provide the Content-Length HTTP header.", 411
        )
    if int(declared) != length:
        raise _incomplete()


def _chunks(body: bytes) -> Iterator[tuple[bytes, str, bytes]]:
    """Each chunk's data, its signature, and the rest of the body. The last chunk is empty."""
    position = 0
    while True:
        end = body.find(b"\r\n", position)
        head = _HEAD.fullmatch(body[position:end]) if end >= 0 else None
        if head is None:
            raise _incomplete()
        size = int(head[1], 16)
        start = end + 2
        data = body[start : start + size]
        position = start + size
        if len(data) != size or (size and body[position : position + 2] != b"\r\n"):
            raise _incomplete()
        if size:
            position += 2
        yield data, (head[2] or b"").decode(), body[position:]
        if size == 0:
            return


def _check_trailer(rest: bytes, key: bytes, timestamp: str, scope: str, previous: str) -> None:
    lines = [line for line in rest.replace(b"\r\n", b"\n").split(b"\n") if line]
    signatures = [line for line in lines if line.startswith(b"x-amz-trailer-signature:")]
    if len(signatures) != 1:
        raise _incomplete()
    trailer = b"".join(line + b"\n" for line in lines if line not in signatures)
    expected = _link(
        key, "AWS4-HMAC-SHA256-TRAILER", timestamp, scope, previous,
        hashlib.sha256(trailer).hexdigest(),
    )  # fmt: skip
    given = signatures[0].partition(b":")[2].strip()
    if not hmac.compare_digest(expected.encode(), given):
        raise refusal("s3", "mismatch")


def _link(key: bytes, *lines: str) -> str:
    return hmac.new(key, "\n".join(lines).encode(), hashlib.sha256).hexdigest()


def _incomplete() -> AwsError:
    message = "The request body terminated unexpectedly"
    return AwsError("IncompleteBody", message)
