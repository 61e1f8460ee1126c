"""Parses Athena's DDL from left to right."""

from __future__ import annotations

from dataclasses import dataclass

from ..failure import MalformedQueryError, QueryError
from ..hive_types import parse_type
from .lexer import Token, place_of, tokens_of

_CATALOGS = {"awsdatacatalog", "hive"}


@dataclass(frozen=True)
class Name:
    """A table's or view's name in lowercase; ``database`` is ``None`` if it isn't qualified."""

    database: str | None
    table: str

    def within(self, database: str) -> tuple[str, str]:
        """Return ``(database, table)``; ``database`` is the default."""
        return self.database or database, self.table


class Reader:
    """The remaining tokens of a statement. Every method raises ``MalformedQueryError``."""

    def __init__(self, statement: str) -> None:
        self.statement = statement
        self._stream = tokens_of(statement)
        self._seen: list[Token] = []

    @property
    def token(self) -> Token:
        """The next token."""
        return self._ahead(1)[0]

    def _ahead(self, count: int) -> list[Token]:
        """Return up to ``count`` tokens. The rest might not be Hive's syntax, so stop there."""
        while len(self._seen) < count and not (self._seen and self._seen[-1].kind == "end"):
            self._seen.append(next(self._stream))
        return self._seen[:count]

    def sees(self, *words: str) -> bool:
        """Whether these keywords or symbols come next."""
        ahead = self._ahead(len(words))
        return len(ahead) == len(words) and all(
            token.kind in {"word", "symbol"} and token.raw.upper() == word
            for token, word in zip(ahead, words, strict=True)
        )

    def take(self, *words: str) -> bool:
        """Consume these keywords or symbols if they come next, and return whether they did."""
        if not self.sees(*words):
            return False
        del self._seen[: len(words)]
        return True

    def take_one(self, *words: str) -> str | None:
        """Consume and return one of these keywords if it comes next."""
        return next((word for word in words if self.take(word)), None)

    def expect(self, *words: str) -> None:
        for word in words:
            if not self.take(word):
                raise self.unexpected(f"'{word}'")

    def end(self) -> None:
        """Require the end of the statement."""
        while self.take(";"):
            pass
        if self.token.kind != "end":
            raise self.unexpected("<EOF>")

    def text(self) -> str:
        """Read a quoted string."""
        if self.token.kind != "text":
            raise self.unexpected("STRING")
        return self._taken().text

    def value(self) -> str:
        """Read a string or a number, and return it as text."""
        if self.token.kind not in {"text", "number"}:
            raise self.unexpected("STRING", "NUMBER")
        return self._taken().text

    def number(self) -> int:
        if self.token.kind != "number" or not self.token.text.isdigit():
            raise self.unexpected("NUMBER")
        return int(self._taken().text)

    def identifier(self) -> str:
        """Read an unqualified name, and return it in lowercase."""
        if self.token.kind not in {"word", "name"}:
            raise self.unexpected("IDENTIFIER")
        return self._taken().text.lower()

    def name(self, *, quoted: bool = False) -> Name:
        """Read a table's name. ``quoted`` allows double quotes, as for views.

        A backquoted name can include the database.
        """
        parts = [self._part(quoted=quoted)]
        while self.take("."):
            parts.append(self._part(quoted=quoted))
        if len(parts) == 1 and "." in parts[0]:
            parts = parts[0].split(".", 1)
        if len(parts) == 3 and parts[0] in _CATALOGS:
            parts = parts[1:]
        if len(parts) > 2:
            raise MalformedQueryError(f"Invalid table name {'.'.join(parts)}")
        return Name(parts[0] if len(parts) == 2 else None, parts[-1])

    def _part(self, *, quoted: bool) -> str:
        if quoted and self.token.kind == "text" and self.token.raw.startswith('"'):
            return self._taken().text.lower()
        return self.identifier()

    def type(self) -> str:
        """Read a type, and return it as Glue tables write it: lowercase, without spaces."""
        start = self.token
        text = self._type()
        try:
            parse_type(text)
        except QueryError as error:
            raise MalformedQueryError(
                f"{place_of(self.statement, start.start)}: mismatched input '{start.raw}'"
            ) from error
        return text

    def _type(self) -> str:
        word = self.identifier()
        if self.take("("):
            numbers = [str(self.number())]
            while self.take(","):
                numbers.append(str(self.number()))
            self.expect(")")
            return f"{word}({','.join(numbers)})"
        if not self.take("<"):
            return "int" if word == "integer" else word
        inner: list[str] = []
        while not inner or self.take(","):
            inner.append(self._field() if word == "struct" else self._type())
        self.expect(">")
        return f"{word}<{','.join(inner)}>"

    def _field(self) -> str:
        name = self.identifier()
        self.expect(":")
        kind = self._type()
        if self.take("COMMENT"):
            self.text()  # Glue's types have no comments
        return f"{name}:{kind}"

    def properties(self) -> dict[str, str]:
        """Read ``('a' = 'b', …)``."""
        self.expect("(")
        found: dict[str, str] = {}
        while not found or self.take(","):
            key = self.text()
            self.expect("=")
            found[key] = self.text()
        self.expect(")")
        return found

    def unexpected(self, *expected: str) -> MalformedQueryError:
        """Return the error for an unexpected token."""
        place = place_of(self.statement, self.token.start)
        wanted = f" Expecting: {', '.join(expected)}" if expected else ""
        return MalformedQueryError(f"{place}: mismatched input '{self.token.raw}'.{wanted}")

    def _taken(self) -> Token:
        return self._seen.pop(0)
