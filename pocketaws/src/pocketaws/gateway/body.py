"""Request bodies: at most ``MAX_BODY_BYTES`` each and ``_TOTAL_BYTES`` in total, read in pieces."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from ..errors import AwsError

MAX_BODY_BYTES = 64 * 1024 * 1024
_TOTAL_BYTES = 256 * 1024 * 1024
_PIECE_BYTES = 64 * 1024
_WAIT_SECONDS = 10.0
_MAX_LINE_BYTES = 4096
_MAX_CHUNKS = 64 * 1024
_MAX_TRAILER_BYTES = 16 * 1024
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,16})[ \t]*(?:;[^\r\n]*)?\r\n")


class Stream(Protocol):
    """A source of bytes."""

    def read(self, size: int, /) -> bytes: ...
    def readline(self, size: int, /) -> bytes: ...


class Lease:
    """The memory of one request's body."""

    def __init__(self, memory: BodyMemory) -> None:
        self._memory = memory
        self.size = 0

    def grow(self, size: int) -> None:
        """Reserve ``size`` more bytes; raises ``AwsError`` if they aren't available in time."""
        self._memory.reserve(size)
        self.size += size


class BodyMemory:
    """The memory that all request bodies share."""

    def __init__(self, total: int = _TOTAL_BYTES, wait_seconds: float = _WAIT_SECONDS) -> None:
        self._free = total
        self._wait_seconds = wait_seconds
        self._changed = threading.Condition()

    @contextmanager
    def lease(self) -> Iterator[Lease]:
        """Memory for one request, released when the block ends."""
        lease = Lease(self)
        try:
            yield lease
        finally:
            if lease.size:
                with self._changed:
                    self._free += lease.size
                    self._changed.notify_all()

    def reserve(self, size: int) -> None:
        """Reserve ``size`` bytes, waiting for a while if necessary; raises ``AwsError``."""
        until = time.monotonic() + self._wait_seconds
        with self._changed:
            while self._free < size:
                left = until - time.monotonic()
                if left <= 0:
                    raise AwsError("SlowDown", "Please reduce your request rate.", 503)
                self._changed.wait(left)
            self._free -= size


class KnownBody:
    """A body with the length that the header gives."""

    def __init__(self, stream: Stream, length: int) -> None:
        self._stream = stream
        self._length = length
        self.read_to_the_end = length == 0

    def read_all(self, lease: Lease) -> bytes:
        """The whole body; raises ``AwsError`` if it's too large or ends early."""
        if self._length > MAX_BODY_BYTES:
            raise _too_large()
        lease.grow(self._length)
        body = _exactly(self._stream, self._length)
        self.read_to_the_end = True
        return body


class ChunkedBody:
    """A chunked body (RFC 9112, section 7.1). Its trailer is ignored."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.read_to_the_end = False

    def read_all(self, lease: Lease) -> bytes:
        """The whole body; raises ``AwsError`` if it's too large or its chunks are malformed."""
        body = bytearray()
        count = 0
        while size := self._chunk_size():
            count += 1
            if len(body) + size > MAX_BODY_BYTES or count > _MAX_CHUNKS:
                raise _too_large()
            lease.grow(size)
            body += _exactly(self._stream, size)
            if self._stream.read(2) != b"\r\n":
                raise _broken()
        self._skip_trailer()
        self.read_to_the_end = True
        return bytes(body)

    def _chunk_size(self) -> int:
        head = _CHUNK.fullmatch(self._stream.readline(_MAX_LINE_BYTES))
        if head is None:
            raise _broken()
        return int(head[1], 16)

    def _skip_trailer(self) -> None:
        left = _MAX_TRAILER_BYTES
        while (line := self._stream.readline(_MAX_LINE_BYTES)) != b"\r\n":
            left -= len(line)
            if not line or left < 0:
                raise _broken()


def _exactly(stream: Stream, length: int) -> bytes:
    pieces: list[bytes] = []
    while length > 0:
        piece = stream.read(min(length, _PIECE_BYTES))
        if not piece:
            raise _broken()
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


def _too_large() -> AwsError:
    return AwsError("EntityTooLarge", f"The body is larger than {MAX_BODY_BYTES} bytes.", 413)


def _broken() -> AwsError:
    return AwsError("IncompleteBody", "The request body terminated unexpectedly")
