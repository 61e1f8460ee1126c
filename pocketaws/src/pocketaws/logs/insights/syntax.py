"""What a query is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..regex import Regex


@dataclass(frozen=True, slots=True)
class Field:
    """A field by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A text, a number or a truth value that stands in the query."""

    value: str | float | bool


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands: ``and``, ``or``, or a comparison."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Like:
    """Whether a text contains another, or a regular expression matches in it."""

    operand: Expression
    wanted: Regex | str


@dataclass(frozen=True, slots=True)
class In:
    """Whether a value is one of some."""

    operand: Expression
    options: tuple[Expression, ...]


Expression = Field | Constant | Not | Binary | Like | In


@dataclass(frozen=True, slots=True)
class Column:
    """An expression, and the name of the column that it makes."""

    expression: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Fields:
    """Make columns, and show them beside those that are already shown."""

    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Display:
    """Show these columns and no others."""

    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """Keep the rows for which a condition holds."""

    condition: Expression


@dataclass(frozen=True, slots=True)
class Sort:
    """Sort by these keys, each with whether it descends."""

    keys: tuple[tuple[Expression, bool], ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """Keep so many rows."""

    count: int


Command = Fields | Display | Filter | Sort | Limit


def parts(expression: Expression) -> Iterator[Expression]:
    """An expression and all in it."""
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
    """The outermost expressions of a command."""
    match command:
        case Fields() | Display():
            yield from (column.expression for column in command.columns)
        case Filter():
            yield command.condition
        case Sort():
            yield from (expression for expression, _ in command.keys)
        case Limit():
            pass
