"""From the text of a pattern to its test."""

from __future__ import annotations

import functools

from .pattern import EVERYTHING, Pattern
from .terms import compile_terms


@functools.lru_cache(maxsize=256)
def compile_pattern(text: str) -> Pattern:
    """Understand a filter pattern; raises ``AwsError`` (``InvalidParameterException``)."""
    stripped = text.strip()
    if not stripped:
        return EVERYTHING
    return compile_terms(stripped)
