"""Splits lists into pages whose tokens are positions, for services that differ only in their errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .errors import AwsError

_LONGEST_TOKEN = 18


def page(
    name: str, items: Sequence[Any], token: str | None, size: int, invalid: AwsError
) -> dict[str, Any]:
    """Return the page at ``token``, ``{name: …, "NextToken": …}``; raises ``invalid`` if nobody issued the token."""
    token = token or "0"
    if not (token.isascii() and token.isdigit() and len(token) <= _LONGEST_TOKEN):
        raise invalid
    start = int(token)
    answer: dict[str, Any] = {name: list(items[start : start + size])}
    if start + size < len(items):
        answer["NextToken"] = str(start + size)
    return answer
