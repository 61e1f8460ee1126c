"""Splits sorted lists into pages."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ..errors import AwsError

T = TypeVar("T")


def page_of(
    items: Sequence[T],
    token: str | None,
    limit: int,
    key: Callable[[T], Any],
    *,
    descending: bool = False,
) -> tuple[Sequence[T], dict[str, str]]:
    """Return the next ``limit`` items, and ``{"nextToken": …}`` if there are more.

    ``items`` are ordered by ``key``, a JSON value. The token holds the last key returned, so items
    that appear or vanish between calls don't repeat or hide others. Raises ``AwsError``.
    """
    begin = 0
    if token is not None:
        last = read_token(token)
        later = (
            i
            for i, item in enumerate(items)
            if (_after(last, key(item)) if descending else _after(key(item), last))
        )
        begin = next(later, len(items))
    end = begin + limit
    more = {"nextToken": write_token(key(items[end - 1]))} if end < len(items) else {}
    return items[begin:end], more


def write_token(value: Any) -> str:
    """Encode JSON as an opaque token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def read_token(token: str) -> Any:
    """Decode a token from ``write_token``; raises ``AwsError`` (``InvalidParameterException``)."""
    try:
        return json.loads(base64.b64decode(token, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise invalid_token() from error


def invalid_token() -> AwsError:
    """The error for a token that the emulator didn't issue."""
    return AwsError("InvalidParameterException", "The specified nextToken is invalid.")


def _after(key: Any, last: Any) -> bool:
    try:
        return bool(key > last)
    except TypeError as error:
        raise invalid_token() from error
