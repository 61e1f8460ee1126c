"""Reads characters into words: quoting, ``$`` expansions, and here-documents.

For parts of bash that this shell doesn't emulate, it raises an error that names the part and the line.

Source for the rules: Bash reference manual, "Quoting", "Shell Parameter Expansion", "Redirections".
"""

from __future__ import annotations

import re

from .quoting import decode_escape
from .syntax import (
    CommandSubstitution,
    DoubleQuoted,
    Parameter,
    Part,
    Redirect,
    Sequence,
    Text,
    Word,
)

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SPECIAL = re.compile(r"[@*#?$!0-9-]")
_META = set(" \t\n|&;()<>")
_OPERATIONS = (
    ":-", ":=", ":+", ":?", "##", "%%", "//", "/#", "/%", "-", "=", "+", "?", "#", "%", "/",
)  # fmt: skip
_DEFAULTS = frozenset({":-", "-", ":=", "=", ":+", "+", ":?", "?"})
_BRACES = re.compile(r"\{[^\s{}]*(?:,|\.\.)[^\s{}]*\}")
_ANSI_C = re.compile(r"\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|[0-7]{1,3}|.)", re.DOTALL)


class ShellSyntaxError(Exception):
    """The text has a syntax error. ``line`` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class Incomplete(ShellSyntaxError):  # noqa: N818 - not an error at a prompt, which shows PS2
    """The text ends in the middle of a command."""


class Reader:
    """Reads words from a position in a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.heredocs: list[tuple[Redirect, str, bool, bool]] = []

    def sequence(self, *closing: str) -> Sequence:
        """Read commands up to one of the closing words or operators, which stays unread."""
        raise NotImplementedError

    @property
    def line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1

    def peek(self, length: int = 1) -> str:
        return self.text[self.at : self.at + length]

    def looking_at(self, sign: str) -> bool:
        return self.text.startswith(sign, self.at)

    def fail(self, message: str) -> ShellSyntaxError:
        return ShellSyntaxError(message, self.line)

    def not_emulated(self, what: str) -> ShellSyntaxError:
        """The error for a part of bash that this shell doesn't emulate."""
        return self.fail(f"syntax error: pocketaws doesn't emulate {what}")

    def unexpected(self) -> ShellSyntaxError:
        if self.at >= len(self.text):
            return Incomplete("syntax error: unexpected end of file", self.line)
        token = re.match(r"\n|[|&;()<>]{1,2}|[^\s|&;()<>]+", self.text[self.at :])
        shown = token.group() if token else self.peek()
        name = "newline" if shown == "\n" else shown
        return self.fail(f"syntax error near unexpected token `{name}'")

    def unclosed(self, sign: str) -> Incomplete:
        return Incomplete(f"unexpected EOF while looking for matching `{sign}'", self.line)

    def skip_blanks(self) -> None:
        """Skip blanks, continued lines, and a comment."""
        while self.at < len(self.text):
            if self.text[self.at] in " \t":
                self.at += 1
            elif self.looking_at("\\\n"):
                self.at += 2
            elif self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            else:
                return

    def skip_lines(self) -> None:
        """Skip blanks and newlines."""
        while True:
            self.skip_blanks()
            if self.peek() != "\n":
                return
            self.newline()

    def newline(self) -> None:
        """Skip a newline, and read the bodies of the line's here-documents."""
        self.at += 1
        pending, self.heredocs = self.heredocs, []
        for redirect, delimiter, quoted, strip in pending:
            redirect.target = self._heredoc(delimiter, quoted=quoted, strip=strip)

    def _heredoc(self, delimiter: str, *, quoted: bool, strip: bool) -> Word:
        lines: list[str] = []
        while True:
            if self.at >= len(self.text):
                raise Incomplete(
                    f"here-document delimited by end-of-file (wanted `{delimiter}')", self.line
                )
            end = self.text.find("\n", self.at)
            line = self.text[self.at :] if end < 0 else self.text[self.at : end]
            self.at = len(self.text) if end < 0 else end + 1
            if strip:
                line = line.lstrip("\t")
            if line == delimiter:
                break
            lines.append(line + "\n")
        body = "".join(lines)
        if quoted:
            return Word((Text(body, quoted=True),))
        inner = self.__class__(body)
        return Word((DoubleQuoted(inner.quoted_parts("", heredoc=True)),))

    def word(self) -> Word | None:
        """Read one word; None if there is none."""
        parts: list[Part] = []
        start = self.at
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in "<>" and self.text[self.at + 1 : self.at + 2] == "(" and self.at == start:
                raise self.not_emulated(f"process substitution `{char}('")
            if char in _META:
                break
            part = self._part()
            if part is not None:
                parts.append(part)
        if self.at == start:
            return None
        self._refuse_braces(parts)
        return Word(tuple(parts))

    def _refuse_braces(self, parts: list[Part]) -> None:
        """Reject brace expansion. It can span quotes, so a quoted part counts as one plain character."""
        plain = [part.text if isinstance(part, Text) and not part.quoted else "x" for part in parts]
        if _BRACES.search("".join(plain)):
            raise self.not_emulated("brace expansion")

    def _part(self) -> Part | None:
        char = self.text[self.at]
        if char == "\\":
            if self.looking_at("\\\n"):
                self.at += 2
                return None
            self.at += 2
            if self.at > len(self.text):
                raise Incomplete("unexpected end after a backslash", self.line)
            return Text(self.text[self.at - 1], quoted=True)
        if char == "'":
            return self._single_quoted()
        if char == '"':
            self.at += 1
            return DoubleQuoted(self.quoted_parts('"'))
        if char == "$":
            return self.dollar(quoted=False)
        if char == "`":
            raise self.not_emulated("command substitution in backquotes")
        start = self.at
        while (
            self.at < len(self.text)
            and self.text[self.at] not in "\\'\"$`"
            and (self.text[self.at] not in _META)
        ):
            self.at += 1
        return Text(self.text[start : self.at])

    def _single_quoted(self) -> Text:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise self.unclosed("'")
        text = self.text[self.at + 1 : end]
        self.at = end + 1
        return Text(text, quoted=True)

    def quoted_parts(self, closing: str, *, heredoc: bool = False) -> tuple[Part, ...]:
        """Read up to and including the closing quote, or to the end for a here-document."""
        parts: list[Part] = []
        plain: list[str] = []
        escapable = "$`\\\n" if heredoc else '$`"\\\n'

        def flush() -> None:
            if plain:
                parts.append(Text("".join(plain), quoted=True))
                plain.clear()

        while True:
            if self.at >= len(self.text):
                if closing:
                    raise self.unclosed(closing)
                break
            char = self.text[self.at]
            if closing and char == closing:
                self.at += 1
                break
            if char == "\\" and self.text[self.at + 1 : self.at + 2] in tuple(escapable):
                following = self.text[self.at + 1]
                plain.append("" if following == "\n" else following)
                self.at += 2
            elif char == "$":
                flush()
                parts.append(self.dollar(quoted=True))
            elif char == "`":
                raise self.not_emulated("command substitution in backquotes")
            else:
                plain.append(char)
                self.at += 1
        flush()
        return tuple(parts)

    def dollar(self, *, quoted: bool) -> Part:
        """Read an expansion that starts with ``$``."""
        following = self.text[self.at + 1 : self.at + 2]
        if following == "'" and not quoted:
            return self._ansi_c()
        if following == '"' and not quoted:
            raise self.not_emulated("translation `$\"'")
        if self.looking_at("$((") or self.looking_at("$["):
            raise self.not_emulated("arithmetic")
        if re.match(r"\$\(\s*<", self.text[self.at : self.at + 10]):
            raise self.not_emulated("the substitution `$(<'")
        if following == "(":
            self.at += 2
            return CommandSubstitution(self.closed_sequence(")"))
        if following == "{":
            self.at += 2
            return self._braced(quoted=quoted)
        name = NAME.match(self.text, self.at + 1)
        if name:
            self.at = name.end()
            return Parameter(name.group())
        if _SPECIAL.match(following or " "):
            self.at += 2
            return Parameter(following)
        self.at += 1
        return Text("$", quoted=quoted)

    def closed_sequence(self, closing: str) -> Sequence:
        """Read commands and the closing operator."""
        body = self.sequence(closing)
        if not self.looking_at(closing):
            raise self.unexpected()
        self.at += len(closing)
        return body

    def _braced(self, *, quoted: bool) -> Parameter:
        length = self.peek() == "#" and not re.match(r".[}:\-=+?]", self.peek(2))
        if length:
            self.at += 1
        if self.peek() == "!" and self.peek(2) != "!}":
            raise self.not_emulated("indirection `${!'")
        name = NAME.match(self.text, self.at) or re.compile(r"\d+|[@*#?$!-]").match(
            self.text, self.at
        )
        if name is None:
            raise self.fail(f"${{{self.text[self.at : self.at + 20]}: bad substitution")
        self.at = name.end()
        if self.peek() == "}":
            self.at += 1
            return Parameter(name.group(), length=length)
        if self.at >= len(self.text):
            raise self.unclosed("}")
        operation = next((sign for sign in _OPERATIONS if self.looking_at(sign)), None)
        if operation is None or length:
            raise self.not_emulated(f"the expansion `${{{name.group()}{self.peek()}'")
        self.at += len(operation)
        separator = "/" if operation.startswith("/") else ""
        literal_quote = quoted and operation in _DEFAULTS
        operand = self._operand("}" + separator, literal_quote=literal_quote)
        replacement = None
        if separator and self.peek() == separator:
            self.at += 1
            replacement = self._operand("}")
        if self.peek() != "}":
            raise self.unclosed("}")
        self.at += 1
        return Parameter(name.group(), operation, operand, replacement)

    def _operand(self, closing: str, *, literal_quote: bool = False) -> Word:
        parts: list[Part] = []
        special = '\\"$`' if literal_quote else "\\'\"$`"
        while self.at < len(self.text) and self.text[self.at] not in closing:
            char = self.text[self.at]
            if char in special:
                part = self._part()
                if part is not None:
                    parts.append(part)
                continue
            start = self.at
            while self.at < len(self.text) and self.text[self.at] not in closing + special:
                self.at += 1
            parts.append(Text(self.text[start : self.at]))
        return Word(tuple(parts))

    def _ansi_c(self) -> Text:
        self.at += 2
        made: list[str] = []
        while True:
            if self.at >= len(self.text):
                raise self.unclosed("'")
            char = self.text[self.at]
            if char == "'":
                self.at += 1
                return Text("".join(made), quoted=True)
            if char != "\\":
                made.append(char)
                self.at += 1
                continue
            match = _ANSI_C.match(self.text, self.at)
            if match is None:
                raise self.unclosed("'")
            self.at = match.end()
            made.append(decode_escape(match.group(1)))
