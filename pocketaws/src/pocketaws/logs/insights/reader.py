"""Reads a query from left to right."""

from __future__ import annotations

import re

from ...errors import AwsError

_BLANK = re.compile(r"(?:\s+|#[^\n]*)*")
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_TOKEN = re.compile(r"\w+|\S", re.DOTALL)


class Reader:
    """A query and the current position in it; skips whitespace and comments (``#``)."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    @property
    def at_end(self) -> bool:
        self.skip_blank()
        return self.position == len(self.text)

    def skip_blank(self) -> None:
        match = _BLANK.match(self.text, self.position)
        self.position = match.end() if match else self.position

    def match(self, regex: re.Pattern[str]) -> re.Match[str] | None:
        """Consume and return the next match of ``regex``, if it matches here."""
        self.skip_blank()
        match = regex.match(self.text, self.position)
        if match is not None:
            self.position = match.end()
        return match

    def take(self, symbol: str) -> bool:
        """Consume ``symbol`` if it comes next, and return whether it did."""
        self.skip_blank()
        if not self.text.startswith(symbol, self.position):
            return False
        self.position += len(symbol)
        return True

    def take_word(self, *words: str) -> bool:
        """Consume these words, ignoring case, if they come next."""
        before = self.position
        for word in words:
            match = self.match(_WORD)
            if match is None or match[0].lower() != word:
                self.position = before
                return False
        return True

    def expect(self, symbol: str) -> None:
        """Consume ``symbol``; raises ``AwsError`` if something else comes next."""
        if not self.take(symbol):
            raise self.unexpected()

    def unexpected(self) -> AwsError:
        """Return the error for an unexpected token."""
        self.skip_blank()
        match = _TOKEN.match(self.text, self.position)
        found = match[0] if match else "end of query"
        line = self.text.count("\n", 0, self.position) + 1
        column = self.position - (self.text.rfind("\n", 0, self.position) + 1)
        message = f"unexpected symbol found {found} at line {line} and position {column}"
        return malformed(message, self.position, self.position + len(match[0] if match else ""))


def malformed(message: str, start: int = 0, end: int = 0) -> AwsError:
    """A ``MalformedQueryException`` with the position of the error, in characters."""
    location = {"startCharOffset": start, "endCharOffset": end}
    return AwsError(
        "MalformedQueryException",
        message,
        queryCompileError={"location": location, "message": message},
    )
