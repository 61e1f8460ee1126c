"""The smallest parts of a query: texts, expressions in slashes, periods, names."""

from __future__ import annotations

import functools
import re

from ..regex import BadRegexError, Regex, compile_regex
from .reader import Reader, malformed
from .syntax import Period

_PERIOD = re.compile(r"(\d{1,9})\s*([A-Za-z]+)")
_STRING = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'", re.DOTALL)
_REGEX = re.compile(r"/((?:[^/\\]|\\.)+)/", re.DOTALL)
NAME = re.compile(r"@{0,2}(?:[A-Za-z_]\w*|`[^`]+`)(?:\.(?:\w+|`[^`]+`))*", re.ASCII)
_UNITS = {
    "ms": ("millisecond", "ms", "msec"),
    "s": ("second", "s", "sec"),
    "m": ("minute", "m", "min"),
    "h": ("hour", "h", "hr"),
    "d": ("day", "d"),
    "w": ("week", "w"),
    "mo": ("month", "mo", "mon"),
    "q": ("quarter", "q", "qtr"),
    "y": ("year", "y", "yr"),
}
"""Source: "Boolean, comparison, numeric, datetime, and other functions", bin."""


def parse_period(reader: Reader) -> Period | None:
    """The length of time that comes next, such as ``5m``, if one does."""
    before = reader.position
    if match := reader.match(_PERIOD):
        unit = _unit(match[2])
        if unit is not None:
            return Period(int(match[1]), unit)
        reader.position = before
    return None


@functools.cache
def _unit(written: str) -> str | None:
    name = written.lower()
    for unit, names in _UNITS.items():
        if name in names or (len(name) > 2 and name.removesuffix("s") in names):
            return unit
    return None


def parse_string(reader: Reader) -> str | None:
    """The text between quotes that comes next, if one does."""
    match = reader.match(_STRING)
    if match is None:
        return None
    text = match[1] if match[1] is not None else match[2]
    return re.sub(r"\\([\\\"'])", r"\1", text)


def parse_regex(reader: Reader) -> Regex:
    """The expression between slashes that comes next; raises ``AwsError`` where there is none."""
    match = reader.match(_REGEX)
    if match is None:
        raise reader.unexpected()
    try:
        return compile_regex(match[1].replace(r"\/", "/"))
    except BadRegexError as error:
        raise malformed(
            f"invalid regular expression: {error}", match.start(), match.end()
        ) from error


def parse_field_name(reader: Reader) -> str:
    """A name to give to something."""
    reader.skip_blank()
    match = reader.match(NAME)
    if match is None:
        raise reader.unexpected()
    return match[0].replace("`", "")
