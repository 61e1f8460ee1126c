"""POSIX regular expressions (basic and extended, with GNU's additions) as programs for ``regex``.

Source: POSIX, "Regular Expressions"; GNU grep manual, "Regular Expressions".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .patterns import bracket_body

MAX_PROGRAM = 4000
_MAX_REPEAT = 255
_BRACKET = re.compile(r"\[\^?\]?(?:\[:\w+:\]|[^\]])*\]")
_CLASSES = {"w": r"\w", "W": r"\W", "s": r"\s", "S": r"\S", "d": r"\d", "D": r"\D"}

Kind = Literal["char", "split", "jump", "save", "assert", "match"]


class RegexError(Exception):
    """The expression is not one, or not one that is understood here."""


@dataclass(slots=True)
class Step:
    """One step of a program."""

    kind: Kind
    test: Callable[[str], bool] | None = None
    first: int = 0
    second: int = 0
    name: str = ""


class Builder:
    """Reads an expression and makes its program."""

    def __init__(self, text: str, *, extended: bool, ignore_case: bool) -> None:
        self.text = text
        self.extended = extended
        self.flags = re.IGNORECASE if ignore_case else re.NOFLAG
        self.at = 0
        self.groups = 0

    def program(self) -> list[Step]:
        body = self._either()
        if self.at < len(self.text):
            raise RegexError("Unmatched ) or \\)")
        return [*body, Step("match")]

    def _special(self, sign: str) -> bool:
        """Whether an operator stands here (plain in extended, with a backslash in basic expressions)."""
        if self.extended:
            return self.text.startswith(sign, self.at)
        return self.text.startswith("\\" + sign, self.at)

    def _skip(self, sign: str) -> None:
        self.at += len(sign) + (0 if self.extended else 1)

    def _either(self) -> list[Step]:
        left = self._sequence()
        while self._special("|"):
            self._skip("|")
            right = self._sequence()
            left = [
                Step("split", first=1, second=len(left) + 2),
                *left,
                Step("jump", first=len(right) + 1),
                *right,
            ]
            self._check(left)
        return left

    def _sequence(self) -> list[Step]:
        made: list[Step] = []
        beginning = True
        while self.at < len(self.text) and not self._special("|") and not self._closing():
            piece = self._repeated(self._atom(beginning=beginning))
            made += piece
            self._check(made)
            beginning = False
        return made

    def _closing(self) -> bool:
        return self._special(")") and self._depth > 0

    _depth = 0

    def _check(self, made: list[Step]) -> None:
        if len(made) > MAX_PROGRAM:
            raise RegexError("Regular expression too big")

    def _atom(self, *, beginning: bool) -> list[Step]:  # noqa: PLR0911 - one return for each kind
        if self._special("("):
            return self._group()
        char = self.text[self.at]
        self.at += 1
        if char == "[":
            return [Step("char", self._bracket())]
        if char == ".":
            return [Step("char", lambda c: c != "\n")]
        if char == "^" and (self.extended or beginning):
            return [Step("assert", name="^")]
        if char == "$" and (self.extended or self.at == len(self.text) or self._ends()):
            return [Step("assert", name="$")]
        if char == "\\":
            return self._escaped()
        return [Step("char", self._literal(char))]

    def _ends(self) -> bool:
        return self._special(")") or self._special("|")

    def _group(self) -> list[Step]:
        self._skip("(")
        self.groups += 1
        number = self.groups
        self._depth += 1
        body = self._either()
        self._depth -= 1
        if not self._special(")"):
            raise RegexError("Unmatched ( or \\(")
        self._skip(")")
        return [Step("save", first=2 * number), *body, Step("save", first=2 * number + 1)]

    def _bracket(self) -> Callable[[str], bool]:
        match = _BRACKET.match(self.text, self.at - 1)
        if match is None:
            raise RegexError("Unmatched [, [^, [:, [., or [=")
        self.at = match.end()
        inner = match.group()[1:-1]
        negated = inner.startswith("^")
        try:
            found = re.compile(
                f"[{'^' if negated else ''}{bracket_body(inner[negated:])}]", self.flags
            )
        except re.error as error:
            raise RegexError("Invalid range end") from error
        return lambda char: found.match(char) is not None

    def _escaped(self) -> list[Step]:
        if self.at >= len(self.text):
            raise RegexError("Trailing backslash")
        char = self.text[self.at]
        self.at += 1
        if char in _CLASSES:
            found = re.compile(_CLASSES[char])
            return [Step("char", lambda c: found.match(c) is not None)]
        if char in "<>bB":
            return [Step("assert", name=char)]
        if char.isdigit():
            raise RegexError("back-references are not understood here")
        return [Step("char", self._literal({"n": "\n", "t": "\t"}.get(char, char)))]

    def _literal(self, char: str) -> Callable[[str], bool]:
        if self.flags:
            folded = char.lower()
            return lambda c: c.lower() == folded
        return lambda c: c == char

    def _repeated(self, atom: list[Step]) -> list[Step]:
        while self.at < len(self.text):
            bounds = self._bounds()
            if bounds is None:
                return atom
            atom = self._times(atom, *bounds)
            self._check(atom)
        return atom

    def _bounds(self) -> tuple[int, int | None] | None:
        if self.text[self.at] == "*":
            self.at += 1
            return 0, None
        for sign, bounds in (("+", (1, None)), ("?", (0, 1))):
            if self._special(sign):
                self._skip(sign)
                return bounds
        if not self._special("{"):
            return None
        end = "}" if self.extended else r"\\}"
        match = re.compile(r"(\d+)(?:(,)(\d*))?" + end).match(
            self.text, self.at + (1 if self.extended else 2)
        )
        if match is None:
            return None
        self.at = match.end()
        least = int(match.group(1))
        most = least if match.group(2) is None else int(match.group(3)) if match.group(3) else None
        if least > _MAX_REPEAT or (most or 0) > _MAX_REPEAT or (most is not None and most < least):
            raise RegexError("Invalid content of \\{\\}")
        return least, most

    def _times(self, atom: list[Step], least: int, most: int | None) -> list[Step]:
        made = atom * least
        self._check(made)
        if most is None:
            size = len(atom)
            loop = [Step("split", first=1, second=size + 2), *atom, Step("jump", first=-size - 1)]
            return made + loop
        for _ in range(most - least):
            made = [*made, Step("split", first=1, second=len(atom) + 1), *atom]
            self._check(made)
        return made
