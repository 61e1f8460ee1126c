"""A query carried out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .aggregates import Gatherer
from .discovery import SYSTEM_FIELDS
from .evaluate import Context, Row, evaluate
from .syntax import (
    Column,
    Command,
    Dedup,
    Display,
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
from .values import Value, sort_key, to_text, to_truth

DEFAULT_LIMIT = 10_000
_DEFAULT_COLUMNS = ("@timestamp", "@message")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Rows of ``(field, value)`` as results show them, and how many events matched."""

    rows: list[list[tuple[str, str]]]
    matched: int


def needed_fields(commands: Sequence[Command]) -> set[str]:
    """The fields that a query speaks of or shows."""
    names = {"@timestamp", "@ptr"}
    if not any(isinstance(c, Stats | Fields | Display) for c in commands):
        names.update(_DEFAULT_COLUMNS)
    for command in commands:
        for expression in expressions(command):
            names |= {part.name for part in parts(expression) if isinstance(part, Field)}
    return names


def needs_discovery(names: set[str]) -> bool:
    """Whether any of the fields is one that is found in messages."""
    return any(name not in SYSTEM_FIELDS for name in names)


def run_query(
    commands: Sequence[Command], batches: Iterable[list[Row]], context: Context, limit: int
) -> Outcome:
    """Carry out a query over rows of events in order of time, oldest first.

    Raises ``AwsError`` (``MalformedQueryException``) for what only shows by then.
    """
    streaming, rest = _split(commands)
    gatherer = Gatherer(rest[0], context) if rest and isinstance(rest[0], Stats) else None
    rows: list[Row] = []
    matched = 0
    for batch in batches:
        for command in streaming:
            batch = _per_row(command, batch, context)  # noqa: PLW2901 - the batch goes through them
        matched += len(batch)
        if gatherer is None:
            rows += batch
        else:
            gatherer.add(batch)
    if gatherer is not None:
        rows, rest = gatherer.rows(), rest[1:]
    elif not any(isinstance(c, Sort | Stats) for c in rest):
        # Newest first, unless the query says otherwise.
        rows.sort(key=lambda row: sort_key(row.get("@timestamp")), reverse=True)
    for command in rest:
        rows = _over_all(command, rows, context)
    return Outcome(_shown(commands, rows[:limit]), matched)


def _split(commands: Sequence[Command]) -> tuple[list[Command], list[Command]]:
    """What looks at one row at a time, and what comes after that."""
    for place, command in enumerate(commands):
        if isinstance(command, Stats | Sort | Dedup | Limit):
            return list(commands[:place]), list(commands[place:])
    return list(commands), []


def _per_row(command: Command, rows: list[Row], context: Context) -> list[Row]:
    match command:
        case Fields(columns) | Display(columns):
            for column in columns:
                _add_column(column, rows, context)
        case Filter(condition):
            answers = evaluate(condition, rows, context)
            return [row for row, answer in zip(rows, answers, strict=True) if to_truth(answer)]
        case Parse(source, regex, names):
            values = evaluate(source, rows, context)
            present = [row for row, value in zip(rows, values, strict=True) if value is not None]
            found = regex.groups([to_text(value) for value in values if value is not None])
            for row, groups in zip(present, found, strict=True):
                if groups is not None:
                    row.update({n: text for n, text in zip(names, groups, strict=True) if n})
        case _:
            raise AssertionError(command)
    return rows


def _add_column(column: Column, rows: list[Row], context: Context) -> None:
    if isinstance(column.expression, Field) and column.expression.name == column.name:
        return
    values = evaluate(column.expression, rows, context)
    for row, value in zip(rows, values, strict=True):
        row[column.name] = value


def _over_all(command: Command, rows: list[Row], context: Context) -> list[Row]:
    match command:
        case Stats():
            gatherer = Gatherer(command, context)
            gatherer.add(rows)
            return gatherer.rows()
        case Sort(keys):
            # The last key first: sorting keeps the order of what is equal.
            for expression, descending in reversed(keys):
                values = [sort_key(value) for value in evaluate(expression, rows, context)]
                order = sorted(range(len(rows)), key=values.__getitem__, reverse=descending)
                rows = [rows[number] for number in order]
            return rows
        case Dedup(fields):
            return _dedup(rows, [evaluate(field, rows, context) for field in fields])
        case Limit(count):
            return rows[:count]
        case _:
            return _per_row(command, rows, context)


def _dedup(rows: list[Row], columns: list[list[Value]]) -> list[Row]:
    seen: set[tuple[str, ...]] = set()
    kept: list[Row] = []
    for row, values in zip(rows, zip(*columns, strict=True), strict=True):
        key = tuple(map(to_text, values))
        if None in values or key not in seen:
            kept.append(row)
            seen.add(key)
    return kept


def _shown(commands: Sequence[Command], rows: list[Row]) -> list[list[tuple[str, str]]]:
    names = _shown_names(commands)
    if not any(isinstance(command, Stats) for command in commands):
        names.append("@ptr")
    return [
        [(name, to_text(row[name])) for name in names if row.get(name) is not None] for row in rows
    ]


def _shown_names(commands: Sequence[Command]) -> list[str]:
    names: dict[str, None] = {}
    chosen: dict[str, None] | None = None
    for command in commands:
        match command:
            case Stats(columns, by):
                names = dict.fromkeys(column.name for column in (*by, *columns))
                chosen = None
            case Fields(columns):
                names.update(dict.fromkeys(column.name for column in columns))
            case Display(columns):
                chosen = dict.fromkeys(column.name for column in columns)
            case _:
                pass
    shown = chosen if chosen is not None else names
    return [name for name in shown or dict.fromkeys(_DEFAULT_COLUMNS) if name != "@ptr"]
