r"""Reads text files whose fields are separated by one character, as LazySimpleSerDe does.

Source: Athena user guide, "Lazy Simple SerDe for CSV, TSV, and custom-delimited files"; the
defaults are Hive's (control characters starting at ``\x01``, one for each nesting level, and ``\N``
for NULL).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .hive_types import HiveType, parse_type

_DEFAULTS = ("\x01", "\x02", "\x03", "\x04", "\x05", "\x06", "\x07", "\x08")
_NULL = "\\N"


@dataclass(frozen=True)
class DelimitedReader:
    """Reads one table's files: bytes -> records, keyed by column name."""

    columns: tuple[tuple[str, HiveType], ...]
    separators: tuple[str, ...]
    """The separators of fields, collection elements, map keys, and deeper levels, in this order."""
    escape: str | None
    null: str
    skipped: int
    """The number of header lines to skip at the start of each file."""

    def __call__(self, content: bytes) -> Iterator[dict[str, Any]]:
        lines = content.decode("utf-8", "replace").split("\n")
        if lines[-1] == "":
            lines.pop()
        for line in lines[self.skipped :]:
            parts = self._split(line.removesuffix("\r"), 0)
            yield {
                name: self._value(part, of, 1)
                for (name, of), part in zip(self.columns, parts, strict=False)
            }

    def _split(self, text: str, depth: int) -> list[str]:
        separator = self.separators[depth]
        if self.escape is None or self.escape not in text:
            return text.split(separator)
        parts, current, characters = [], "", iter(text)
        for character in characters:
            if character == self.escape:
                current += character + next(characters, "")
            elif character == separator:
                parts.append(current)
                current = ""
            else:
                current += character
        return [*parts, current]

    def _value(self, text: str, of: HiveType, depth: int) -> Any:
        """Convert a field to plain JSON; the next separator splits nested values."""
        if text == self.null:
            return None
        if of.kind == "array":
            return [self._value(part, of.inner[0], depth + 1) for part in self._inside(text, depth)]
        if of.kind == "map":
            pairs = (self._split(part, depth + 1) for part in self._inside(text, depth))
            return {
                pair[0]: self._value(pair[1], of.inner[1], depth + 2)
                for pair in pairs
                if len(pair) > 1
            }
        if of.kind == "struct":
            parts = self._inside(text, depth)
            fields = zip(of.fields, of.inner, parts, strict=False)
            return {name: self._value(part, inner, depth + 1) for name, inner, part in fields}
        return self._unescaped(text)

    def _inside(self, text: str, depth: int) -> list[str]:
        return self._split(text, depth) if text else []

    def _unescaped(self, text: str) -> str:
        if self.escape is None or self.escape not in text:
            return text
        characters = iter(text)
        return "".join(
            next(characters, "") if character == self.escape else character
            for character in characters
        )


def reader_of(table: dict[str, Any]) -> DelimitedReader:
    """Return the reader for a Glue table."""
    storage = table.get("StorageDescriptor", {})
    given = storage.get("SerdeInfo", {}).get("Parameters", {})
    # "1" is a character code: Hive writes it for a table without an explicit delimiter.
    fields = given.get("field.delim") or _named(given.get("serialization.format", "1"))
    elements = given.get("colelction.delim") or given.get("collection.delim") or _DEFAULTS[1]
    keys = given.get("mapkey.delim") or _DEFAULTS[2]
    return DelimitedReader(
        tuple(
            (column["Name"].lower(), parse_type(column.get("Type", "string")))
            for column in storage.get("Columns", [])
        ),
        (fields, elements, keys, *_DEFAULTS[3:]),
        given.get("escape.delim") or None,
        given.get("serialization.null.format", _NULL),
        int(table.get("Parameters", {}).get("skip.header.line.count", "0")),
    )


def _named(text: str) -> str:
    return chr(int(text)) if text.isdigit() else text
