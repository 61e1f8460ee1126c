"""HTTP requests and responses as values. Only ``app`` knows WSGI, and only ``protocol`` knows AWS's protocols."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ..errors import AwsError


class Headers(Mapping[str, str]):
    """Header fields. Names are case-insensitive and keep their original spelling."""

    def __init__(self, items: Mapping[str, str] | None = None) -> None:
        self._items = {name.lower(): (name, value) for name, value in (items or {}).items()}

    def __getitem__(self, name: str) -> str:
        return self._items[name.lower()][1]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._items.values())

    def __len__(self) -> int:
        return len(self._items)


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request. ``path`` and ``query`` are still percent-encoded."""

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes
    remote_address: str = "127.0.0.1"
    received_at: datetime | None = None
    """In real time, which clients use to sign."""


@dataclass(slots=True)
class HttpAnswer:
    """A response."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def set(self, name: str, value: str) -> None:
        """Set a header field and replace any field of the same name in another spelling."""
        for old in [key for key in self.headers if key.lower() == name.lower()]:
            del self.headers[old]
        self.headers[name] = value


def plain_error(error: AwsError) -> HttpAnswer:
    """An error response for a request whose service, and so its protocol, isn't known yet."""
    body = json.dumps({"__type": error.code, "message": error.message}).encode()
    return HttpAnswer(
        error.status,
        {"Content-Type": "application/x-amz-json-1.1", "x-amzn-errortype": error.code},
        body,
    )
