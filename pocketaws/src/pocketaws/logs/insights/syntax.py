"""The parts of a query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..regex import Regex


@dataclass(frozen=True, slots=True)
class Field:
    """A reference to a field."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal: a string, a number, or a Boolean."""

    value: str | float | bool


@dataclass(frozen=True, slots=True)
class Not:
    """The negation of a condition."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """A binary operation: ``and``, ``or``, or a comparison."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Like:
    """Whether a value contains a string or matches a regular expression."""

    operand: Expression
    wanted: Regex | str


@dataclass(frozen=True, slots=True)
class In:
    """Whether a value is in a list."""

    operand: Expression
    options: tuple[Expression, ...]


Expression = Field | Constant | Not | Binary | Like | In


@dataclass(frozen=True, slots=True)
class Column:
    """An expression, and the name of its result column."""

    expression: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Fields:
    """Add columns to those already shown."""

    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Display:
    """Show only these columns."""

    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """Keep the rows that match a condition."""

    condition: Expression


@dataclass(frozen=True, slots=True)
class Sort:
    """Sort by these keys; each has a flag for descending order."""

    keys: tuple[tuple[Expression, bool], ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """Keep at most this many rows."""

    count: int


Command = Fields | Display | Filter | Sort | Limit


def parts(expression: Expression) -> Iterator[Expression]:
    """Yield an expression and all its subexpressions."""
    yield expression
    inner: tuple[Expression, ...] = ()
    match expression:
        case Not() | Like():
            inner = (expression.operand,)
        case In():
            inner = (expression.operand, *expression.options)
        case Binary():
            inner = (expression.left, expression.right)
        case _:
            pass
    for part in inner:
        yield from parts(part)


def expressions(command: Command) -> Iterator[Expression]:
    """Yield a command's top-level expressions."""
    match command:
        case Fields() | Display():
            yield from (column.expression for column in command.columns)
        case Filter():
            yield command.condition
        case Sort():
            yield from (expression for expression, _ in command.keys)
        case Limit():
            pass
