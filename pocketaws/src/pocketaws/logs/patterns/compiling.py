"""Compiles a filter pattern into a test."""

from __future__ import annotations

import functools

from .field_pattern import compile_fields
from .json_pattern import compile_json
from .pattern import EVERYTHING, Pattern, invalid
from .terms import compile_terms
from .values import parse_regex

_REGEX_COST = 4


@functools.lru_cache(maxsize=256)
def compile_pattern(text: str) -> Pattern:
    """Compile a filter pattern; raises ``AwsError`` (``InvalidParameterException``)."""
    stripped = text.strip()
    if not stripped:
        return EVERYTHING
    for opener, closer, compiler in (("{", "}", compile_json), ("[", "]", compile_fields)):
        if stripped.startswith(opener):
            if not stripped.endswith(closer):
                raise invalid(
                    f"If a filter pattern starts with '{opener}' it must end with '{closer}'"
                )
            return compiler(stripped[1:-1])
    if len(stripped) > 2 and stripped.startswith("%") and stripped.endswith("%"):
        if "%" in stripped[1:-1]:
            raise invalid()
        regex = parse_regex(stripped[1:-1])
        return Pattern(test=regex.matches, cost=_REGEX_COST)
    return compile_terms(stripped)
