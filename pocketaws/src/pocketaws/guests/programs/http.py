"""HTTP requests for ``curl``. They send nothing, but publish the traffic that they would cause."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..metadata import METADATA, answer
from ..network import Exchange
from .registry import Run

_HTML = (
    "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


class HttpError(Exception):
    """The transfer failed. ``status`` is curl's exit code."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def fetch(
    run: Run, url: str, *, method: str, headers: dict[str, str], body: str, patience: float
) -> tuple[int, str]:
    """Make an HTTP request; returns status and body, raises ``HttpError``."""
    if "://" not in url:
        url = f"http://{url}"
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise HttpError(3, f"URL rejected: {error}") from error
    if parts.scheme not in {"http", "https"}:
        raise HttpError(1, f'Protocol "{parts.scheme}" not supported')
    host = parts.hostname or ""
    if not host:
        raise HttpError(3, "URL rejected: No host part in the URL")
    address = run.machine.network.resolve(host)
    if address is None:
        raise HttpError(6, f"Could not resolve host: {host}")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if address == METADATA and port == 80:
        return answer(run.machine, method, parts.path or "/", headers)
    status, reply = _reply(parts.path or "/")
    exchange = _exchange(parts.scheme, len(path) + len(host) + len(body), len(reply))
    outcome = run.machine.network.connect(address, port, exchange, patience=patience)
    if outcome in {"refused", "unreachable"}:
        raise HttpError(
            7, f"Failed to connect to {host} port {port} after 1 ms: Could not connect to server"
        )
    if outcome != "open":
        raise HttpError(28, f"Connection timed out after {int(patience * 1000) + 1} milliseconds")
    return status, "" if method == "HEAD" else reply


def _reply(path: str) -> tuple[int, str]:
    """The answer of every web server on the internet: a welcome page at ``/``, and 404 otherwise."""
    if path == "/":
        return 200, _HTML.format(title="Welcome")
    return 404, _HTML.format(title="404 Not Found")


def _exchange(scheme: str, sent: int, received: int) -> Exchange:
    if scheme == "https":
        return Exchange(14, 1420 + sent, 12, 5600 + received)
    return Exchange(6, 397 + sent, 4, 460 + received)
