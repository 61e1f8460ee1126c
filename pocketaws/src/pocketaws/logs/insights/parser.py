"""Parses a query into its commands."""

from __future__ import annotations

import re
from collections.abc import Callable

from ...errors import not_implemented
from .expressions import parse_expression
from .literals import parse_field_name
from .reader import Reader, malformed
from .syntax import Column, Command, Display, Expression, Fields, Filter, Limit, Sort

MAX_LIMIT = 100_000

_NAME = re.compile(r"[A-Za-z]+")
_INTEGER = re.compile(r"\d{1,12}(?!\w)")
_NOT_HERE = {
    "parse", "stats", "dedup",
    "addtotals", "anomaly", "pattern", "diff", "source", "unmask", "unnest", "lookup", "join",
    "autoregress", "logcompare", "filldown", "fillmissing", "cidrlookup", "filterindex", "accum",
    "appendcols", "countfrequent", "estimate", "expand", "outlier", "relevantfields", "sessionize",
    "where",
}  # fmt: skip
"""CloudWatch Logs Insights commands that aren't emulated."""


def parse_query(text: str) -> tuple[Command, ...]:
    """Parse a query; raises ``AwsError`` (``MalformedQueryException``, ``NotImplemented``)."""
    reader = Reader(text)
    commands: list[Command] = []
    while not reader.at_end:
        if commands:
            reader.expect("|")
        commands.append(_parse_command(reader))
    if not commands:
        raise malformed("the query is empty")
    return tuple(commands)


def _parse_command(reader: Reader) -> Command:
    reader.skip_blank()
    start = reader.position
    match = reader.match(_NAME)
    name = match[0].lower() if match else ""
    if name in _NOT_HERE:
        raise not_implemented("logs", f"StartQuery with the command {name}")
    if name not in _COMMANDS:
        reader.position = start
        raise reader.unexpected()
    return _COMMANDS[name](reader)


def _parse_columns(reader: Reader) -> tuple[Column, ...]:
    columns = [_parse_column(reader)]
    while reader.take(","):
        columns.append(_parse_column(reader))
    return tuple(columns)


def _parse_column(reader: Reader) -> Column:
    reader.skip_blank()
    start = reader.position
    expression = parse_expression(reader)
    written = " ".join(reader.text[start : reader.position].replace("`", "").split())
    name = parse_field_name(reader) if reader.take_word("as") else written
    return Column(expression, name)


def _parse_fields(reader: Reader) -> Command:
    return Fields(_parse_columns(reader))


def _parse_display(reader: Reader) -> Command:
    return Display(_parse_columns(reader))


def _parse_filter(reader: Reader) -> Command:
    return Filter(parse_expression(reader))


def _parse_sort(reader: Reader) -> Command:
    keys: list[tuple[Expression, bool]] = []
    while True:
        expression = parse_expression(reader)
        descending = reader.take_word("desc")
        if not descending:
            reader.take_word("asc")
        keys.append((expression, descending))
        if not reader.take(","):
            return Sort(tuple(keys))


def _parse_limit(reader: Reader) -> Command:
    reader.take_word("any")
    match = reader.match(_INTEGER)
    if match is None:
        raise reader.unexpected()
    count = int(match[0])
    if not 1 <= count <= MAX_LIMIT:
        raise malformed(f"limit must be between 1 and {MAX_LIMIT}", match.start(), match.end())
    return Limit(count)


_COMMANDS: dict[str, Callable[[Reader], Command]] = {
    "fields": _parse_fields,
    "display": _parse_display,
    "filter": _parse_filter,
    "sort": _parse_sort,
    "limit": _parse_limit,
}

EMULATED = tuple(_COMMANDS)
"""The commands that a query can use."""
