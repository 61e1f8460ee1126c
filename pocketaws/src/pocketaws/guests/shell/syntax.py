"""The words and commands that the parser builds and the interpreter evaluates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Text:
    """Plain characters. If they're quoted, the shell neither splits them nor treats them as a pattern."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class DoubleQuoted:
    """The parts between double quotes."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """``$name`` or ``${name}``, with an operation and its operands."""

    name: str
    operation: str = ""
    """The operator after the name, for example ``:-``, ``##``, or ``//``."""
    operand: Word | None = None
    replacement: Word | None = None
    length: bool = False
    """``${#name}``."""


@dataclass(frozen=True, slots=True)
class CommandSubstitution:
    """``$( … )``."""

    body: Sequence


Part: TypeAlias = Text | DoubleQuoted | Parameter | CommandSubstitution


@dataclass(frozen=True, slots=True)
class Word:
    """One word before expansion."""

    parts: tuple[Part, ...]

    def literal(self) -> str | None:
        """The word's text, if it consists of unquoted characters only."""
        texts = [part.text for part in self.parts if isinstance(part, Text) and not part.quoted]
        return "".join(texts) if len(texts) == len(self.parts) else None


@dataclass(slots=True)
class Redirect:
    """``[fd]op target``. The parser fills in the body of a here-document at the end of its line."""

    fd: int | None
    operator: str
    target: Word


@dataclass(frozen=True, slots=True)
class Assignment:
    """``name=value`` or ``name+=value``."""

    name: str
    value: Word
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
    """Commands connected by pipes."""

    commands: tuple[Command, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class AndOr:
    """Pipelines joined by ``&&`` and ``||``."""

    first: Pipeline
    rest: tuple[tuple[str, Pipeline], ...]


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of commands."""

    items: tuple[AndOr, ...]


@dataclass(frozen=True, slots=True)
class If:
    """``if``: conditions with their bodies, and the body of ``else``."""

    branches: tuple[tuple[Sequence, Sequence], ...]
    otherwise: Sequence | None


@dataclass(frozen=True, slots=True)
class For:
    """``for name in words``; without words, over the positional parameters."""

    name: str
    words: tuple[Word, ...] | None
    body: Sequence


@dataclass(frozen=True, slots=True)
class While:
    """``while`` and ``until``."""

    condition: Sequence
    body: Sequence
    until: bool


@dataclass(frozen=True, slots=True)
class Case:
    """``case``, with the patterns and the body of each arm."""

    word: Word
    arms: tuple[tuple[tuple[Word, ...], Sequence], ...]


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


@dataclass(frozen=True, slots=True)
class Condition:
    """``[[ … ]]`` as a tree of tuples: ``("and", a, b)``, ``("not", a)``, ``("-f", word)``, ``("==", a, b)``."""

    expression: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Redirected:
    """A compound command with redirections."""

    command: Command
    redirects: tuple[Redirect, ...] = field(default=())


Command: TypeAlias = (
    Simple | If | For | While | Case | Group | Subshell | Function | Condition | Redirected
)
