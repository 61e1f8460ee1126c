"""Runs a query over rows of events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .discovery import SYSTEM_FIELDS
from .evaluate import Row, evaluate
from .syntax import (
    Column,
    Command,
    Display,
    Field,
    Fields,
    Filter,
    Limit,
    Sort,
    expressions,
    parts,
)
from .values import sort_key, to_text, to_truth

DEFAULT_LIMIT = 10_000
_DEFAULT_COLUMNS = ("@timestamp", "@message")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result rows of ``(field, value)`` pairs, and the number of events that matched."""

    rows: list[list[tuple[str, str]]]
    matched: int


def needed_fields(commands: Sequence[Command]) -> set[str]:
    """Return the fields that a query uses or shows."""
    names = {"@timestamp", "@ptr"}
    if not any(isinstance(command, Fields | Display) for command in commands):
        names.update(_DEFAULT_COLUMNS)
    for command in commands:
        for expression in expressions(command):
            names |= {part.name for part in parts(expression) if isinstance(part, Field)}
    return names


def needs_discovery(names: set[str]) -> bool:
    """Whether any of these fields must be discovered in messages."""
    return any(name not in SYSTEM_FIELDS for name in names)


def run_query(commands: Sequence[Command], batches: Iterable[list[Row]], limit: int) -> Outcome:
    """Run a query over batches of rows ordered by time, oldest first."""
    streaming, rest = _split(commands)
    rows: list[Row] = []
    for batch in batches:
        for command in streaming:
            batch = _per_row(command, batch)  # noqa: PLW2901 - filtered step by step
        rows += batch
    matched = len(rows)
    if not any(isinstance(command, Sort) for command in rest):
        # Without a sort command, Insights shows the newest events first.
        rows.sort(key=lambda row: sort_key(row.get("@timestamp")), reverse=True)
    for command in rest:
        rows = _over_all(command, rows)
    return Outcome(_shown(commands, rows[:limit]), matched)


def _split(commands: Sequence[Command]) -> tuple[list[Command], list[Command]]:
    """Split the commands before the first one that needs all rows at once."""
    for place, command in enumerate(commands):
        if isinstance(command, Sort | Limit):
            return list(commands[:place]), list(commands[place:])
    return list(commands), []


def _per_row(command: Command, rows: list[Row]) -> list[Row]:
    match command:
        case Fields(columns) | Display(columns):
            for column in columns:
                _add_column(column, rows)
        case Filter(condition):
            answers = evaluate(condition, rows)
            return [row for row, answer in zip(rows, answers, strict=True) if to_truth(answer)]
        case _:
            raise AssertionError(command)
    return rows


def _add_column(column: Column, rows: list[Row]) -> None:
    if isinstance(column.expression, Field) and column.expression.name == column.name:
        return
    for row, value in zip(rows, evaluate(column.expression, rows), strict=True):
        row[column.name] = value


def _over_all(command: Command, rows: list[Row]) -> list[Row]:
    match command:
        case Sort(keys):
            # Sort by the last key first: the sort is stable, so earlier keys take precedence.
            for expression, descending in reversed(keys):
                values = [sort_key(value) for value in evaluate(expression, rows)]
                order = sorted(range(len(rows)), key=values.__getitem__, reverse=descending)
                rows = [rows[number] for number in order]
            return rows
        case Limit(count):
            return rows[:count]
        case _:
            return _per_row(command, rows)


def _shown(commands: Sequence[Command], rows: list[Row]) -> list[list[tuple[str, str]]]:
    names = [*_shown_names(commands), "@ptr"]
    return [
        [(name, to_text(row[name])) for name in names if row.get(name) is not None] for row in rows
    ]


def _shown_names(commands: Sequence[Command]) -> list[str]:
    names: dict[str, None] = {}
    chosen: dict[str, None] | None = None
    for command in commands:
        match command:
            case Fields(columns):
                names.update(dict.fromkeys(column.name for column in columns))
            case Display(columns):
                chosen = dict.fromkeys(column.name for column in columns)
            case _:
                pass
    shown = chosen if chosen is not None else names
    return [name for name in shown or dict.fromkeys(_DEFAULT_COLUMNS) if name != "@ptr"]
