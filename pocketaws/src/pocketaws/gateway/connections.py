"""The HTTP server: cheroot, hardened against slow and broken clients in a class of a hundred.

In plain cheroot, a new connection takes a thread before its first byte arrives; a client that sends a byte now and
then keeps its thread forever; only ten idle connections are kept; reading a large body reserves its whole size for
each piece; and a chunk's first line may have any length.
"""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from cheroot.makefile import MakeFile, StreamReader, StreamWriter
from cheroot.server import HeaderReader, HTTPConnection, HTTPRequest
from cheroot.wsgi import Gateway_10, Server

from .body import MAX_BODY_BYTES, ChunkedBody, KnownBody
from .http import Headers

if sys.platform != "win32":
    import resource

# The world's lock allows one request at a time, so the threads are for clients that send or receive slowly: each
# occupies one for up to _READ_SECONDS. A waiting thread costs about 100 KB.
THREADS = 96
# Connections that the system has accepted and cheroot hasn't.
_BACKLOG = 256
# The time limit for a request to arrive, plus the time that its size takes at the slowest accepted
# speed.
_READ_SECONDS = 10.0
_SLOWEST_BYTES_PER_SECOND = 64 * 1024
# The time limit for a client to receive a piece of its response, and for an idle connection to stay
# open.
_WRITE_SECONDS = 15
_MAX_HEADER_BYTES = 64 * 1024
_HELD_BYTES = 64 * 1024
_LINGER_SECONDS = 2.0
_MOST_CONNECTIONS = 1000
# Open files and sockets of the process that aren't connections.
_OTHER_FILES = 100


class _Incoming(socket.SocketIO):
    """A socket's bytes, as long as they arrive fast enough."""

    def begin(self) -> None:
        """Start the time limit of a new request."""
        self._begun = time.monotonic()
        self._received = 0

    def readinto(self, buffer: Any) -> int | None:
        allowed = _READ_SECONDS + self._received / _SLOWEST_BYTES_PER_SECOND
        left = self._begun + allowed - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")  # cheroot recognizes the error by this text
        connected = cast("socket.socket", self._sock)  # type: ignore[attr-defined]
        connected.settimeout(left)
        try:
            count = super().readinto(buffer)
        finally:
            connected.settimeout(_WRITE_SECONDS)
        self._received += count or 0
        return count


class _Reader(StreamReader):
    """cheroot's reader for such a socket."""

    def __init__(self, sock: socket.socket, bufsize: int) -> None:
        super(StreamReader, self).__init__(_Incoming(sock, "rb"), bufsize)
        self.bytes_read = 0


class _Writer(StreamWriter):
    """cheroot's writer, which can hold output back and send it in one piece."""

    held = False
    _write_buf: bytearray

    def _flush_unlocked(self) -> None:
        if not self.held or len(self._write_buf) > _HELD_BYTES:
            super()._flush_unlocked()  # type: ignore[misc]


class _StrictHeaders(HeaderReader):
    """Header fields that define the body's end without ambiguity."""

    def __call__(self, rfile: Any, hdict: dict[bytes, bytes] | None = None) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = super().__call__(rfile, hdict)
        length = found.get(b"Content-Length")
        if length is not None and not length.isdigit():
            raise ValueError("Malformed Content-Length.")
        if length is not None and b"Transfer-Encoding" in found:
            raise ValueError("Content-Length and Transfer-Encoding exclude each other.")
        return found


class _Request(HTTPRequest):
    header_reader = _StrictHeaders()

    def respond(self) -> None:
        """Answer the request. The application reads the body."""
        if self.chunked_read:
            self.rfile = ChunkedBody(self.conn.rfile)
        else:
            self.rfile = KnownBody(self.conn.rfile, int(self.inheaders.get(b"Content-Length", 0)))
        # Send the headers and the body in one piece: if the process died between them, a client
        # would take the headers for an empty response.
        self.conn.wfile.held = True
        try:
            self.server.gateway(self).respond()
            if self.ready:
                self.ensure_headers_sent()
            if self.chunked_write:
                self.conn.wfile.write(b"0\r\n\r\n")
        finally:
            self.conn.wfile.held = False
        self.conn.wfile.flush()

    def send_headers(self) -> None:
        if not self.rfile.read_to_the_end:  # the remaining bytes aren't a request
            self.close_connection = self.conn.lingers = True
        super().send_headers()

    def simple_response(self, status: str, msg: str = "") -> None:
        if str(status).startswith("413"):
            self.conn.lingers = True
        super().simple_response(status, msg)


class _Connection(HTTPConnection):
    RequestHandlerClass = _Request
    lingers = False
    """Whether the client may still be sending. Closing at once would discard the response."""

    def __init__(self, server: Any, sock: socket.socket, makefile: Any = MakeFile) -> None:
        super().__init__(server, sock, makefile)
        self.rfile = _Reader(sock, self.rbufsize)
        self.wfile = _Writer(sock, "wb", self.wbufsize)

    def communicate(self) -> bool:
        self.rfile.raw.begin()
        return bool(super().communicate())  # type: ignore[no-untyped-call]

    def close(self) -> None:
        if self.lingers:
            self.lingers = False
            with suppress(OSError):  # the client is gone, which is what this waits for
                self._drain()
        super().close()

    def _drain(self) -> None:
        self.socket.shutdown(socket.SHUT_WR)
        until = time.monotonic() + _LINGER_SECONDS
        self.socket.settimeout(_LINGER_SECONDS)
        while self.socket.recv(64 * 1024) and time.monotonic() < until:
            pass


class _Environment(Gateway_10):
    def get_environ(self) -> dict[str, Any]:  # type: ignore[override]
        """WSGI's environment plus the original header fields, because WSGI can't tell ``_`` from ``-`` in a name."""
        environ: dict[str, Any] = super().get_environ()  # type: ignore[no-untyped-call]
        environ["gateway.headers"] = Headers(
            {
                name.decode("latin-1"): value.decode("latin-1")
                for name, value in self.req.inheaders.items()
            }
        )
        return environ


class HttpServer(Server):
    """Serves a WSGI application on an address; ``prepare()``, then ``serve()`` in a thread, then ``stop()``."""

    _connections: Any

    ConnectionClass = _Connection
    max_request_header_size = _MAX_HEADER_BYTES
    max_request_body_size = MAX_BODY_BYTES

    def __init__(self, address: tuple[str, int], application: Callable[..., Any]) -> None:
        super().__init__(
            address, application, numthreads=THREADS, request_queue_size=_BACKLOG, timeout=_WRITE_SECONDS
        )  # fmt: skip
        self.gateway = _Environment
        # The time limit for clients that are still sending. Complete requests are always answered.
        self.shutdown_timeout = 1
        self._most = _most_connections()
        self.keep_alive_conn_limit = self._most * 3 // 4

    def process_conn(self, conn: Any) -> None:
        """Give a connection to a thread; a new connection only when its first bytes have arrived."""
        if conn.last_used is not None:
            super().process_conn(conn)
        elif self._connections._num_connections < self._most:  # noqa: SLF001 - cheroot's count
            self._connections.put(conn)
        else:
            conn.close()

    def stop(self) -> None:
        """Accept no more requests, answer the complete ones, and release everything."""
        if self.ready:
            self._connections._stop_requested = True  # noqa: SLF001 - cheroot would wait half a second for this
            with suppress(OSError), socket.create_connection(self.bind_addr[:2], timeout=1):
                pass
        super().stop()


def _most_connections() -> int:
    """The process's limit of open files, minus a reserve."""
    if sys.platform == "win32":
        return _MOST_CONNECTIONS
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return _MOST_CONNECTIONS
    return max(_OTHER_FILES, min(_MOST_CONNECTIONS, soft - _OTHER_FILES))
