"""Counts with their nouns, such as "1 lab" and "3 labs"."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """The number with its noun, in the plural (by default with an "s") unless it's one."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
