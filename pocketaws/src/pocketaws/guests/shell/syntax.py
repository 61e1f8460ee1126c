"""The words and commands that the parser makes and the interpreter evaluates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Text:
    """Plain characters; ``quoted`` ones are neither split nor patterns."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class DoubleQuoted:
    """What stands between double quotes."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """``$name``, ``${name}``, ``${name[index]}`` with an operation and its operands."""

    name: str
    index: Word | None = None
    operation: str = ""
    """``""``, ``#`` (length, before the name), ``!`` (indirect), or what stands behind the name."""
    operand: Word | None = None
    second: Word | None = None
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class CommandSubstitution:
    """``$( … )`` or backquotes."""

    body: Sequence


@dataclass(frozen=True, slots=True)
class ProcessSubstitution:
    """``<( … )`` or ``>( … )``."""

    direction: str
    body: Sequence


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``$(( … ))``."""

    expression: Word


Part: TypeAlias = (
    Text | DoubleQuoted | Parameter | CommandSubstitution | ProcessSubstitution | Arithmetic
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word before expansion."""

    parts: tuple[Part, ...]

    def literal(self) -> str | None:
        """The word's text, if it is nothing but unquoted characters."""
        texts = [part.text for part in self.parts if isinstance(part, Text) and not part.quoted]
        return "".join(texts) if len(texts) == len(self.parts) else None


@dataclass(slots=True)
class Redirect:
    """``[fd]op target``; the body of a here-document is put in when its line is reached."""

    fd: int | None
    operator: str
    target: Word
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """``name=value``, ``name+=value``, ``name[index]=value``, ``name=( … )``."""

    name: str
    value: Word | None
    items: tuple[tuple[Word | None, Word], ...] | None = None
    index: Word | None = None
    append: bool = False


@dataclass(frozen=True, slots=True)
class Simple:
    """Assignments, a command word and its arguments, redirections."""

    assignments: tuple[Assignment, ...]
    words: tuple[Word | Assignment, ...]
    redirects: tuple[Redirect, ...]
    line: int
    source: str


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands that feed each other."""

    commands: tuple[Command, ...]
    negated: bool = False
    with_errors: tuple[bool, ...] = ()
    """For each ``|``: whether it was ``|&``."""
    timed: bool = False


@dataclass(frozen=True, slots=True)
class AndOr:
    """Pipelines joined by ``&&`` and ``||``."""

    first: Pipeline
    rest: tuple[tuple[str, Pipeline], ...]
    background: bool
    source: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of commands."""

    items: tuple[AndOr, ...]


@dataclass(frozen=True, slots=True)
class If:
    """``if``: conditions with their bodies, and what ``else`` holds."""

    branches: tuple[tuple[Sequence, Sequence], ...]
    otherwise: Sequence | None


@dataclass(frozen=True, slots=True)
class For:
    """``for name in words``; without words, over the positional parameters."""

    name: str
    words: tuple[Word, ...] | None
    body: Sequence


@dataclass(frozen=True, slots=True)
class CountingFor:
    """``for (( start; condition; step ))``."""

    start: Word
    condition: Word
    step: Word
    body: Sequence


@dataclass(frozen=True, slots=True)
class While:
    """``while`` and ``until``."""

    condition: Sequence
    body: Sequence
    until: bool


@dataclass(frozen=True, slots=True)
class Case:
    """``case``: for each arm its patterns, its body and how it ends (``;;``, ``;&``, ``;;&``)."""

    word: Word
    arms: tuple[tuple[tuple[Word, ...], Sequence, str], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """``{ …; }``."""

    body: Sequence


@dataclass(frozen=True, slots=True)
class Subshell:
    """``( … )``."""

    body: Sequence


@dataclass(frozen=True, slots=True)
class Function:
    """A function's definition."""

    name: str
    body: Command
    source: str


@dataclass(frozen=True, slots=True)
class Condition:
    """``[[ … ]]`` as a tree of tuples: ``("and", a, b)``, ``("not", a)``, ``("-f", word)``, ``("==", a, b)``."""

    expression: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class ArithmeticCommand:
    """``(( … ))``."""

    expression: Word


@dataclass(frozen=True, slots=True)
class Redirected:
    """A compound command with redirections behind it."""

    command: Command
    redirects: tuple[Redirect, ...] = field(default=())


Command: TypeAlias = (
    Simple
    | If
    | For
    | CountingFor
    | While
    | Case
    | Group
    | Subshell
    | Function
    | Condition
    | ArithmeticCommand
    | Redirected
)
