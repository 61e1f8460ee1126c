"""The HTTP server: cheroot, made fit for slow and broken clients among a hundred.

What cheroot leaves open: a new connection takes a thread before its first byte has come; a client that sends a byte
now and then keeps its thread for ever; only ten idle connections are kept; a large body is read with its whole
size set aside for each piece; a chunk's first line may be of any length.
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

# The world's lock lets one request be worked on at a time, so threads are for those that send or receive slowly:
# each holds one for as long as _READ_SECONDS. A waiting thread costs some 100 KB.
THREADS = 96
# Of connections that the system has taken and cheroot has not yet.
_BACKLOG = 256
# A request has this long to come in, and longer by as much as it takes at the slowest speed that is let pass.
_READ_SECONDS = 10.0
_SLOWEST_BYTES_PER_SECOND = 64 * 1024
# A client has this long to take a piece of its answer, and an idle connection is kept this long.
_WRITE_SECONDS = 15
_MAX_HEADER_BYTES = 64 * 1024
_HELD_BYTES = 64 * 1024
_LINGER_SECONDS = 2.0
_MOST_CONNECTIONS = 1000
# Files and sockets of the process that are not connections.
_OTHER_FILES = 100


class _Incoming(socket.SocketIO):
    """A socket's bytes, as long as they come fast enough."""

    def begin(self) -> None:
        """A request begins: its time runs from here."""
        self._begun = time.monotonic()
        self._received = 0

    def readinto(self, buffer: Any) -> int | None:
        allowed = _READ_SECONDS + self._received / _SLOWEST_BYTES_PER_SECOND
        left = self._begun + allowed - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")  # cheroot knows it by this text
        connected = cast("socket.socket", self._sock)  # type: ignore[attr-defined]
        connected.settimeout(left)
        try:
            count = super().readinto(buffer)
        finally:
            connected.settimeout(_WRITE_SECONDS)
        self._received += count or 0
        return count


class _Reader(StreamReader):
    """cheroot's reader, over such a socket."""

    def __init__(self, sock: socket.socket, bufsize: int) -> None:
        super(StreamReader, self).__init__(_Incoming(sock, "rb"), bufsize)
        self.bytes_read = 0


class _Writer(StreamWriter):
    """cheroot's writer, which can hold back what is written to send it in one piece."""

    held = False
    _write_buf: bytearray

    def _flush_unlocked(self) -> None:
        if not self.held or len(self._write_buf) > _HELD_BYTES:
            super()._flush_unlocked()  # type: ignore[misc]


class _StrictHeaders(HeaderReader):
    """Header fields that leave no doubt about where the body ends."""

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
        """Have the request answered, its body given to whoever asks for it."""
        if self.chunked_read:
            self.rfile = ChunkedBody(self.conn.rfile)
        else:
            self.rfile = KnownBody(self.conn.rfile, int(self.inheaders.get(b"Content-Length", 0)))
        # In one piece: a client takes a head without its body for an empty answer when the process dies there.
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
        if not self.rfile.read_to_the_end:  # what follows is no request
            self.close_connection = self.conn.lingers = True
        super().send_headers()

    def simple_response(self, status: str, msg: str = "") -> None:
        if str(status).startswith("413"):
            self.conn.lingers = True
        super().simple_response(status, msg)


class _Connection(HTTPConnection):
    RequestHandlerClass = _Request
    lingers = False
    """Whether the client may still be sending; a close would then take the answer from it."""

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
            with suppress(OSError):  # the client has gone, which is what this waits for
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
        """WSGI's environment, and the header fields as they came: WSGI knows no ``_`` from ``-`` in a name."""
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
        # How long those that still send are waited for; what has come in whole is answered however long it takes.
        self.shutdown_timeout = 1
        self._most = _most_connections()
        self.keep_alive_conn_limit = self._most * 3 // 4

    def process_conn(self, conn: Any) -> None:
        """Give a connection to a thread, a new one only when its first bytes are there."""
        if conn.last_used is not None:
            super().process_conn(conn)
        elif self._connections._num_connections < self._most:  # noqa: SLF001 - cheroot's count
            self._connections.put(conn)
        else:
            conn.close()

    def stop(self) -> None:
        """Take no more requests, answer those that have come in, let go."""
        if self.ready:
            self._connections._stop_requested = True  # noqa: SLF001 - cheroot would wait half a second for this
            with suppress(OSError), socket.create_connection(self.bind_addr[:2], timeout=1):
                pass
        super().stop()


def _most_connections() -> int:
    """As many as the process may have files open, with some to spare."""
    if sys.platform == "win32":
        return _MOST_CONNECTIONS
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return _MOST_CONNECTIONS
    return max(_OTHER_FILES, min(_MOST_CONNECTIONS, soft - _OTHER_FILES))
