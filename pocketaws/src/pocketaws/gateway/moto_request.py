"""Requests in the form that moto's parsers and backends expect, built without werkzeug's test client.

moto uses ``Request.from_primitives``, which costs a tenth of a whole call, and each call here needs two requests. This
module builds the same environment directly.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from io import BytesIO
from urllib.parse import unquote

from moto.core.request import (
    PRESERVED_HEADER_NAMES_ENVIRON_KEY,
    Request,
    environ_key_for_header,
    should_preserve_original_header_name,
)

_PORTS = {"http": "80", "https": "443"}


def moto_request(
    method: str,
    scheme: str,
    host: str,
    path: str,
    query: str,
    headers: Iterable[tuple[str, str]],
    body: bytes,
) -> Request:
    """Build a request. ``path`` and ``query`` are still percent-encoded."""
    fields = [(name, value) for name, value in headers if name.lower() != "transfer-encoding"]
    if not (path + query).isascii():
        url = f"{scheme}://{host}{path}?{query}" if query else f"{scheme}://{host}{path}"
        return Request.from_primitives(method, url, dict(fields), body)
    name, _, port = host.partition(":")
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path).encode().decode("latin-1"),
        "QUERY_STRING": query,
        "REQUEST_URI": path,
        "RAW_URI": path,
        "SERVER_NAME": name,
        "SERVER_PORT": port or _PORTS[scheme],
        "HTTP_HOST": host,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for field, value in fields:
        environ[environ_key_for_header(field)] = value
    environ["CONTENT_LENGTH"] = str(len(body))
    environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = {
        environ_key_for_header(field): field
        for field, _ in fields
        if should_preserve_original_header_name(field)
    }
    return Request(environ)
