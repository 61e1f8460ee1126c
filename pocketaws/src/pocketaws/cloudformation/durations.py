"""ISO 8601 durations for ``CreationPolicy``."""

from __future__ import annotations

import re

from .template import invalid

_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_MAX_SECONDS = 12 * 3600


def seconds(text: str) -> int:
    """``PT15M`` -> 900; raises ``AwsError`` for an invalid duration or one over 12 hours."""
    match = _DURATION.fullmatch(text)
    if match is None or text in {"P", "PT"}:
        raise invalid(f"Invalid ISO-8601 duration {text} for CreationPolicy's Timeout")
    days, hours, minutes, rest = (int(part or 0) for part in match.groups())
    total = ((days * 24 + hours) * 60 + minutes) * 60 + rest
    if total > _MAX_SECONDS:
        raise invalid("CreationPolicy's Timeout cannot be longer than 12 hours")
    return total
