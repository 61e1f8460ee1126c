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
    """A text, a number or a truth that stands in the query."""

    value: str | float | bool


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time: ``unit`` is ms, s, m, h, d, w, mo, q or y."""

    count: int
    unit: str


@dataclass(frozen=True, slots=True)
class Unary:
    """``not x`` or ``-x``."""

    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands: ``and``, ``or``, a comparison, or arithmetic."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Like:
    """Whether a text contains another, or an expression is found in it."""

    operand: Expression
    wanted: Regex | str


@dataclass(frozen=True, slots=True)
class In:
    """Whether a value is one of some."""

    operand: Expression
    options: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function; ``name`` is in lower case and without underscores."""

    name: str
    arguments: tuple[Expression, ...]
    text: str


Expression = Field | Constant | Period | Unary | Binary | Like | In | Call


@dataclass(frozen=True, slots=True)
class Column:
    """An expression, and the name of what comes of it."""

    expression: Expression
    name: str


@dataclass(frozen=True, slots=True)
class Fields:
    """Make columns, and show them beside those that are shown already."""

    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Display:
    """Show these columns and no others."""

    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """Keep what is true of."""

    condition: Expression


@dataclass(frozen=True, slots=True)
class Parse:
    """Make fields from what the groups of an expression hold; one name per group ("" for none)."""

    source: Expression
    regex: Regex
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stats:
    """One row for each combination of ``by``."""

    columns: tuple[Column, ...]
    by: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Sort:
    """By these keys, each with whether it descends."""

    keys: tuple[tuple[Expression, bool], ...]


@dataclass(frozen=True, slots=True)
class Dedup:
    """Only the first of each combination."""

    fields: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """So many rows."""

    count: int


Command = Fields | Display | Filter | Parse | Stats | Sort | Dedup | Limit


def parts(expression: Expression) -> Iterator[Expression]:
    """An expression and all in it."""
    yield expression
    inner: tuple[Expression, ...] = ()
    match expression:
        case Unary() | Like():
            inner = (expression.operand,)
        case In():
            inner = (expression.operand, *expression.options)
        case Binary():
            inner = (expression.left, expression.right)
        case Call():
            inner = expression.arguments
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
        case Parse():
            yield command.source
        case Stats():
            yield from (column.expression for column in (*command.columns, *command.by))
        case Sort():
            yield from (expression for expression, _ in command.keys)
        case Dedup():
            yield from command.fields
        case Limit():
            pass
