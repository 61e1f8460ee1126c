"""Splits lists into pages of at most 50 entries."""

from __future__ import annotations

import base64
from typing import Any, TypeVar

from .store import bad_request

T = TypeVar("T")
MAX_PAGE = 50


def page_of(entries: list[T], params: dict[str, Any]) -> tuple[list[T], str]:
    """Return the requested page and the next page's token, which is empty at the end."""
    start = _start(params.get("NextToken"))
    size = int(params.get("MaxResults", MAX_PAGE))
    if not 1 <= size <= MAX_PAGE:
        raise bad_request("the parameter maxResults has an invalid value.")
    more = start + size < len(entries)
    token = base64.b64encode(str(start + size).encode()).decode() if more else ""
    return entries[start : start + size], token


def _start(token: str | None) -> int:
    if not token:
        return 0
    try:
        return int(base64.b64decode(token, validate=True))
    except ValueError as error:
        raise bad_request("the parameter nextToken has an invalid value.") from error
