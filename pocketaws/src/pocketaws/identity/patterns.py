"""Text with ``*``, ``?`` and ``${variables}``, as in IAM policies.

Source: IAM user guide, "IAM policy elements: Variables and tags", "Resource", "Condition operators".
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Protocol

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_DEFAULT = re.compile(r"\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?")
_ARN_COLONS = 5


class Context(Protocol):
    """The facts of a request that conditions and variables refer to."""

    def get(self, key: str) -> tuple[str, ...] | None:
        """The values of a condition key (in lowercase); ``None`` if the request doesn't have it."""
        ...


@dataclass(frozen=True, slots=True)
class Variable:
    """``${key, 'default'}``."""

    key: str
    default: str | None

    def value(self, context: Context) -> str | None:
        """The key's single value; ``None`` if it has none. Keys with several values can't be variables."""
        values = context.get(self.key)
        if values is None or len(values) != 1:
            return self.default
        return values[0]


Piece = str | Variable


@functools.lru_cache(maxsize=8192)
def pieces(text: str, *, variables: bool) -> tuple[Piece, ...]:
    """Split ``text`` into literal parts, wildcards (a lone ``*`` or ``?``), and variables."""
    found: list[Piece] = []
    position = 0
    for match in _VARIABLE.finditer(text) if variables else ():
        found += _split_wildcards(text[position : match.start()])
        inner = match[1]
        if inner in {"*", "?", "$"}:
            found.append("\\" + inner)
        elif (parts := _DEFAULT.fullmatch(inner)) is not None:
            found.append(Variable(parts[1].lower(), parts[2]))
        else:
            found.append("\\" + match[0])
        position = match.end()
    return tuple(found + _split_wildcards(text[position:]))


def _split_wildcards(text: str) -> list[Piece]:
    return [
        part if part in {"*", "?"} else "\\" + part for part in re.split(r"([*?])", text) if part
    ]


def expand(text: str, context: Context, *, variables: bool = True) -> str | None:
    """Fill in the variables in ``text`` and leave its wildcards alone.

    Returns ``None`` if a variable has no value.
    """
    if not variables or "${" not in text:
        return text
    out = []
    for piece in pieces(text, variables=True):
        if isinstance(piece, Variable):
            value = piece.value(context)
            if value is None:
                return None
            out.append(value)
        else:
            out.append(piece.removeprefix("\\"))
    return "".join(out)


@functools.lru_cache(maxsize=8192)
def _regex(source: str) -> re.Pattern[str]:
    return re.compile(source, re.DOTALL)


class Pattern:
    """A compiled pattern. With ``arn``, wildcards don't match across the segments of an ARN."""

    __slots__ = ("_any", "_arn", "_exact", "_pieces", "_static", "text")

    def __init__(self, text: str, *, variables: bool, arn: bool = False) -> None:
        self.text = text
        self._arn = arn
        self._any = text == "*"
        self._pieces = pieces(text, variables=variables)
        has_variable = any(isinstance(piece, Variable) for piece in self._pieces)
        wild = "*" in self._pieces or "?" in self._pieces
        self._exact: str | None = None
        self._static: re.Pattern[str] | None = None
        if not has_variable:
            if wild:
                self._static = _regex(self._source(None) or "")
            else:
                self._exact = "".join(str(piece)[1:] for piece in self._pieces)

    def matches(self, value: str, context: Context) -> bool:
        """Whether ``value`` matches. Nothing matches if a variable has no value."""
        if self._any:
            return True
        if self._exact is not None:
            return value == self._exact
        if self._static is not None:
            return self._static.fullmatch(value) is not None
        source = self._source(context)
        return source is not None and _regex(source).fullmatch(value) is not None

    def _source(self, context: Context | None) -> str | None:
        tokens: list[str] = []
        colons = 0
        for piece in self._pieces:
            if isinstance(piece, Variable):
                value = piece.value(context) if context is not None else None
                if value is None:
                    return None
                colons += value.count(":")
                tokens.append(re.escape(value))
            elif piece in {"*", "?"}:
                one = "[^:]" if self._arn and colons < _ARN_COLONS else "."
                tokens.append(one + "*" if piece == "*" else one)
            else:
                colons += piece.count(":")
                tokens.append(re.escape(piece[1:]))
        return _glob_source(tokens)


def _glob_source(tokens: list[str]) -> str:
    """Build a regular expression that takes the first match of each part and never backtracks.

    The text after a ``*`` can match at its first occurrence, because the next ``*`` covers the rest. So the time
    doesn't grow with the number of wildcards.
    """
    stars = {".*", "[^:]*"}
    out: list[str] = []
    star = ""
    fixed: list[str] = []
    for token in [*tokens, ""]:
        if token in stars or token == "":
            body = "".join(fixed)
            if not star:
                out.append(body)
            elif token == "":
                out.append(star + body)
            elif body:
                out.append(f"(?>{star}?{body})")
            star, fixed = token, []
        else:
            fixed.append(token)
    return "".join(out)


class Actions:
    """A set of action names with wildcards, grouped by service, so that thousands cost one lookup."""

    __slots__ = ("_by_service", "_everywhere", "_known", "names")

    def __init__(self, names: list[str]) -> None:
        self.names = frozenset(name.lower() for name in names)
        self._known: dict[str, bool] = {}  # there are few actions, so each result is remembered
        groups: dict[str, list[str]] = {}
        everywhere = []
        for name in names:
            service, _, action = name.lower().partition(":")
            if name == "*" or "*" in service or "?" in service:
                everywhere.append(name.lower())
            else:
                groups.setdefault(service, []).append(action)
        self._everywhere = _alternatives(everywhere)
        self._by_service = {
            service: (
                frozenset(a for a in actions if "*" not in a and "?" not in a),
                _alternatives([a for a in actions if "*" in a or "?" in a]),
            )
            for service, actions in groups.items()
        }

    def __contains__(self, action: object) -> bool:
        """Whether the set matches an action (``service:name`` in lowercase)."""
        name = str(action)
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = self._holds(name)
        return found

    def _holds(self, name: str) -> bool:
        service, _, short = name.partition(":")
        group = self._by_service.get(service)
        if group is not None:
            exact, wild = group
            if short in exact or (wild is not None and wild.fullmatch(short)):
                return True
        return self._everywhere is not None and self._everywhere.fullmatch(name) is not None


def _alternatives(globs: list[str]) -> re.Pattern[str] | None:
    if not globs:
        return None
    wild = {"*": ".*", "?": "."}
    return re.compile(
        "|".join(
            _glob_source([wild.get(p) or re.escape(p) for p in re.split(r"([*?])", glob) if p])
            for glob in globs
        )
    )
