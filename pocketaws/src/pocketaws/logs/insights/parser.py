"""From the text of a query to its commands."""

from __future__ import annotations

import re

from ...errors import not_implemented
from ..regex import Regex, compile_regex
from .expressions import parse_expression
from .functions import AGGREGATES
from .literals import parse_field_name, parse_regex, parse_string
from .reader import Reader, malformed
from .syntax import (
    Call,
    Column,
    Command,
    Dedup,
    Display,
    Expression,
    Field,
    Fields,
    Filter,
    Limit,
    Parse,
    Sort,
    Stats,
    expressions,
    parts,
)

MAX_LIMIT = 100_000
MAX_STATS = 10

_NAME = re.compile(r"[A-Za-z]+")
_INTEGER = re.compile(r"\d{1,12}(?!\w)")
_NOT_HERE = {
    "addtotals", "anomaly", "pattern", "diff", "source", "unmask", "unnest", "lookup", "join",
    "autoregress", "logcompare", "filldown", "fillmissing", "cidrlookup", "filterindex", "accum",
    "appendcols", "countfrequent", "estimate", "expand", "outlier", "relevantfields", "sessionize",
    "where",
}  # fmt: skip
"""Commands of AWS's that are not emulated."""


def parse_query(text: str) -> tuple[Command, ...]:
    """Understand a query; raises ``AwsError`` (``MalformedQueryException``)."""
    reader = Reader(text)
    commands: list[Command] = []
    while not reader.at_end:
        if commands:
            reader.expect("|")
        commands.append(_parse_command(reader))
    if not commands:
        raise malformed("the query is empty")
    _check_order(commands)
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
    command: Command = _COMMANDS[name](reader)
    for expression in expressions(command):
        if not isinstance(command, Stats) and _has_aggregate(expression):
            raise malformed(f"aggregations are not allowed in {name}", start, reader.position)
    return command


def _has_aggregate(expression: Expression) -> bool:
    return any(isinstance(part, Call) and part.name in AGGREGATES for part in parts(expression))


def _check_order(commands: list[Command]) -> None:
    last_stats = max((i for i, c in enumerate(commands) if isinstance(c, Stats)), default=-1)
    if sum(isinstance(c, Stats) for c in commands) > MAX_STATS:
        raise malformed(f"a query may have at most {MAX_STATS} stats commands")
    for place, command in enumerate(commands):
        if isinstance(command, Sort | Limit) and place < last_stats:
            raise malformed("sort and limit must come after the last stats command")
        if isinstance(command, Dedup) and not all(
            isinstance(later, Limit) for later in commands[place + 1 :]
        ):
            raise malformed("only limit may come after dedup")


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


def _parse_parse(reader: Reader) -> Command:
    reader.skip_blank()
    start = reader.position
    text = parse_string(reader)
    source = Field("@message")
    if text is None:
        # A name and nothing more: what follows it may begin with a slash.
        source = Field(parse_field_name(reader))
        text = parse_string(reader)
    regex = parse_regex(reader) if text is None else _glob(text)
    names = list(regex.names)
    if reader.take_word("as"):
        names = [parse_field_name(reader)]
        while reader.take(","):
            names.append(parse_field_name(reader))
    if len(names) != len(regex.names) or not any(names):
        message = "the number of names and of extracted fields differ"
        raise malformed(message, start, reader.position)
    return Parse(source, regex, tuple(names))


def _glob(text: str) -> Regex:
    """The expression for a text in which each ``*`` holds something."""
    pieces = [re.sub(r"([^\w\s])", r"\\\1", piece, flags=re.ASCII) for piece in text.split("*")]
    end = "(.*)" if text.endswith("*") else "(.*?)"
    last = pieces.pop()
    if not pieces:
        return compile_regex(f"(?s:{last})")
    begin = "^" if text.startswith("*") else ""
    return compile_regex(f"(?s:{begin}{'(.*?)'.join(pieces)}{end}{last})")


def _parse_stats(reader: Reader) -> Command:
    start = reader.position
    columns = _parse_columns(reader)
    by = _parse_columns(reader) if reader.take_word("by") else ()
    if not any(_has_aggregate(column.expression) for column in columns):
        raise malformed("stats needs an aggregation", start, reader.position)
    for column in by:
        if _has_aggregate(column.expression):
            raise malformed("aggregations are not allowed after by", start, reader.position)
    for part in (part for column in columns for part in parts(column.expression)):
        if not isinstance(part, Call) or part.name not in AGGREGATES:
            continue
        if any(_has_aggregate(argument) for argument in part.arguments):
            raise malformed("aggregations cannot be nested", start, reader.position)
    return Stats(columns, by)


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


def _parse_dedup(reader: Reader) -> Command:
    return Dedup(tuple(column.expression for column in _parse_columns(reader)))


_COMMANDS = {
    "fields": _parse_fields,
    "display": _parse_display,
    "filter": _parse_filter,
    "parse": _parse_parse,
    "stats": _parse_stats,
    "sort": _parse_sort,
    "limit": _parse_limit,
    "dedup": _parse_dedup,
}
