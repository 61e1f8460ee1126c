"""Parses the smallest parts of a query: strings, regular expressions, and names."""

from __future__ import annotations

import re

from ..regex import BadRegexError, Regex, compile_regex
from .reader import Reader, malformed

_STRING = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'", re.DOTALL)
_REGEX = re.compile(r"/((?:[^/\\]|\\.)+)/", re.DOTALL)
NAME = re.compile(r"@{0,2}(?:[A-Za-z_]\w*|`[^`]+`)(?:\.(?:\w+|`[^`]+`))*", re.ASCII)


def parse_string(reader: Reader) -> str | None:
    """Parse a quoted string, or return ``None`` if none comes next."""
    match = reader.match(_STRING)
    if match is None:
        return None
    text = match[1] if match[1] is not None else match[2]
    return re.sub(r"\\([\\\"'])", r"\1", text)


def parse_regex(reader: Reader) -> Regex:
    """Parse a regular expression between slashes; raises ``AwsError`` if none comes next."""
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
    """Parse a field name or alias; raises ``AwsError`` if none comes next."""
    reader.skip_blank()
    match = reader.match(NAME)
    if match is None:
        raise reader.unexpected()
    return match[0].replace("`", "")
