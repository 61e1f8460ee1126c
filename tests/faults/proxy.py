"""A proxy in front of the emulator that spoils some of the answers, as AWS and networks do."""

from __future__ import annotations

import http.client
import random
import re
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

_SERVICE = re.compile(r"Credential=[^/]+/\d{8}/[^/]+/([^/]+)/aws4_request")
_QUERY_SERVICES = {"cloudformation", "iam", "sns", "sts"}
_HOP_HEADERS = {"connection", "transfer-encoding", "content-length", "keep-alive"}
FAULTS = ("throttle", "error", "drop before", "drop after", "expire")


class FaultyProxy:
    """Passes requests on to an endpoint on loopback, and spoils a share of them at random."""

    def __init__(self, endpoint: str, share: float, seed: int) -> None:
        self.share = share
        self.counts: Counter[str] = Counter()
        self._rng = random.Random(seed)  # noqa: S311 - faults, not secrets
        self._lock = threading.Lock()
        target = urlsplit(endpoint)
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                fault = proxy.next_fault(self.headers)
                if fault in {"throttle", "error", "expire"}:
                    self._send(*_error(fault, self.headers))
                    return
                if fault == "drop before":
                    self.close_connection = True
                    return
                connection = http.client.HTTPConnection(str(target.hostname), target.port)
                connection.request(self.command, self.path, body, dict(self.headers.items()))
                answer = connection.getresponse()
                content = answer.read()
                connection.close()
                if fault == "drop after":
                    self.close_connection = True
                    return
                self._send(answer.status, answer.getheaders(), content)

            def _send(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
                self.send_response_only(status)
                for name, value in headers:
                    if name.lower() not in _HOP_HEADERS:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_one  # noqa: N815 - http.server's names

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
                """Stay silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def next_fault(self, headers: http.client.HTTPMessage) -> str | None:
        """Choose what happens to a request: a fault, or nothing."""
        with self._lock:
            self.counts["requests"] += 1
            if self._rng.random() >= self.share:
                return None
            fault = self._rng.choice(FAULTS)
            if fault == "expire" and "X-Amz-Security-Token" not in headers:
                return None  # long-term keys don't expire
            self.counts[fault] += 1
            return fault

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _error(
    fault: str, headers: http.client.HTTPMessage
) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return an error as the called service writes it."""
    found = _SERVICE.search(headers.get("Authorization", ""))
    service = found.group(1) if found else ""
    json_protocol = "X-Amz-Target" in headers
    status = {"throttle": 400, "error": 500, "expire": 403}[fault]
    code = {
        "throttle": {"ec2": "RequestLimitExceeded", "s3": "SlowDown"}.get(service, "ThrottlingException"),
        "error": "InternalFailure",
        "expire": "ExpiredTokenException" if json_protocol else "ExpiredToken",
    }[fault]  # fmt: skip
    if service == "s3" and fault == "throttle":
        status = 503
    text = f"<Code>{code}</Code><Message>Spoiled by the proxy.</Message>"
    if json_protocol:
        return status, [("Content-Type", "application/x-amz-json-1.1")], f'{{"__type": "{code}", "message": "Spoiled."}}'.encode()  # fmt: skip
    if service == "ec2":
        body = (
            f"<Response><Errors><Error>{text}</Error></Errors><RequestID>1</RequestID></Response>"
        )
    elif service in _QUERY_SERVICES:
        body = f"<ErrorResponse><Error>{text}</Error><RequestId>1</RequestId></ErrorResponse>"
    elif service == "s3":
        body = f"<Error>{text}</Error>"
    else:
        return status, [("x-amzn-ErrorType", code), ("Content-Type", "application/json")], b'{"message": "Spoiled."}'  # fmt: skip
    return status, [("Content-Type", "text/xml")], body.encode()
