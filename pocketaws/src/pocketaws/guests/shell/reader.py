"""Characters into words: quoting, ``$``-expansions, here-documents.

Source for the rules: Bash reference manual, "Quoting", "Shell Parameter Expansion", "Redirections".
"""

from __future__ import annotations

import re

from .syntax import (
    Arithmetic,
    CommandSubstitution,
    DoubleQuoted,
    Parameter,
    Part,
    ProcessSubstitution,
    Redirect,
    Sequence,
    Text,
    Word,
)

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SPECIAL = re.compile(r"[@*#?$!0-9-]")
_META = set(" \t\n|&;()<>")
_OPERATIONS = (
    ":-", ":=", ":+", ":?", "##", "%%", "//", "/#", "/%", "^^", ",,",
    "-", "=", "+", "?", "#", "%", "/", "^", ",", ":", "@",
)  # fmt: skip
_ANSI_C = {
    "n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f",
    "v": "\v", "\\": "\\", "'": "'", '"': '"', "?": "?",
}  # fmt: skip


class ShellSyntaxError(Exception):
    """The text is not a program; ``line`` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class Incomplete(ShellSyntaxError):  # noqa: N818 - it is what a prompt answers with PS2, not an error
    """The text ends in the middle of something."""


class Reader:
    """A position in a text, and what can be read from there."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.heredocs: list[tuple[Redirect, str, bool, bool]] = []

    def sequence(self, *closing: str) -> Sequence:
        """Read commands up to one of the closing words or signs (left unread)."""
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

    def unexpected(self) -> ShellSyntaxError:
        if self.at >= len(self.text):
            return Incomplete("syntax error: unexpected end of file", self.line)
        token = re.match(r"\n|[|&;()<>]{1,2}|[^\s|&;()<>]+", self.text[self.at :])
        shown = token.group() if token else self.peek()
        name = "newline" if shown == "\n" else shown
        return self.fail(f"syntax error near unexpected token `{name}'")

    def skip_blanks(self) -> None:
        """Pass over blanks, continued lines and a comment."""
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

    def newline(self) -> None:
        """Pass over a line's end, and take the bodies of the here-documents begun on it."""
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
        """Read one word; None where there is none."""
        parts: list[Part] = []
        start = self.at
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in "<>" and self.text[self.at + 1 : self.at + 2] == "(" and self.at == start:
                parts.append(self._process_substitution())
                continue
            if char in _META:
                break
            part = self._part()
            if part is not None:
                parts.append(part)
        return Word(tuple(parts)) if self.at > start else None

    def _process_substitution(self) -> ProcessSubstitution:
        direction = self.text[self.at]
        self.at += 2
        return ProcessSubstitution(direction, self._closed_sequence(")"))

    def _part(self) -> Part | None:  # noqa: PLR0911 - one branch for each kind
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
            return self._backquotes()
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
            raise Incomplete("unexpected EOF while looking for matching `''", self.line)
        text = self.text[self.at + 1 : end]
        self.at = end + 1
        return Text(text, quoted=True)

    def quoted_parts(self, closing: str, *, heredoc: bool = False) -> tuple[Part, ...]:
        """Read up to the closing quote (passed over), or to the end for a here-document."""
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
                    raise Incomplete(
                        f"unexpected EOF while looking for matching `{closing}'", self.line
                    )
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
                flush()
                parts.append(self._backquotes())
            else:
                plain.append(char)
                self.at += 1
        flush()
        return tuple(parts)

    def dollar(self, *, quoted: bool) -> Part:  # noqa: PLR0911 - one branch for each kind
        """Read what begins with a ``$``."""
        following = self.text[self.at + 1 : self.at + 2]
        if following == "'" and not quoted:
            return self._ansi_c()
        if following == '"' and not quoted:
            self.at += 2
            return DoubleQuoted(self.quoted_parts('"'))
        if self.looking_at("$(("):
            arithmetic = self._arithmetic()
            if arithmetic is not None:
                return arithmetic
        if following == "(":
            self.at += 2
            return CommandSubstitution(self._closed_sequence(")"))
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

    def _closed_sequence(self, closing: str) -> Sequence:
        body = self.sequence(closing)
        if not self.looking_at(closing):
            raise self.unexpected()
        self.at += len(closing)
        return body

    def _arithmetic(self) -> Arithmetic | None:
        start = self.at
        self.at += 3
        text = self.balanced_until("))")
        if text is None:
            self.at = start
            return None
        return Arithmetic(self.nested_word(text))

    def balanced_until(self, closing: str) -> str | None:
        """Read up to ``closing`` outside of parentheses; None (and any position) where there is none."""
        depth = 0
        start = self.at
        while self.at < len(self.text):
            char = self.text[self.at]
            if depth == 0 and self.looking_at(closing):
                text = self.text[start : self.at]
                self.at += len(closing)
                return text
            if char == "(":
                depth += 1
            elif char == ")":
                depth -= 1
                if depth < 0:
                    return None
            self.at += 1
        return None

    def nested_word(self, text: str) -> Word:
        """The expansions inside of an arithmetic expression or an index."""
        inner = self.__class__(text)
        return Word((DoubleQuoted(inner.quoted_parts("", heredoc=True)),))

    def _backquotes(self) -> CommandSubstitution:
        self.at += 1
        body: list[str] = []
        while True:
            if self.at >= len(self.text):
                raise Incomplete("unexpected EOF while looking for matching ``'", self.line)
            char = self.text[self.at]
            if char == "`":
                self.at += 1
                break
            if char == "\\" and self.text[self.at + 1 : self.at + 2] in ("`", "\\", "$"):
                self.at += 1
                char = self.text[self.at]
            body.append(char)
            self.at += 1
        return CommandSubstitution(self.__class__("".join(body)).sequence())

    def _braced(self, *, quoted: bool) -> Parameter:
        prefix = ""
        if self.peek() in "#!" and not re.match(r".[}:\-=+?]", self.peek(2)):
            prefix = self.peek()
            self.at += 1
        name = NAME.match(self.text, self.at) or re.compile(r"\d+|[@*#?$!-]").match(
            self.text, self.at
        )
        if name is None:
            raise self.fail(f"${{{self.text[self.at : self.at + 20]}: bad substitution")
        self.at = name.end()
        index = self._index()
        if prefix == "!" and self.peek() in "*@" and self.peek(2)[1:] == "}":
            self.at += 2
            return Parameter(name.group(), prefix="!*")
        if self.peek() == "}":
            self.at += 1
            return Parameter(name.group(), index, prefix=prefix)
        operation = next((sign for sign in _OPERATIONS if self.looking_at(sign)), None)
        if operation is None:
            if self.at >= len(self.text):
                raise Incomplete("unexpected EOF while looking for matching `}'", self.line)
            raise self.fail(f"${{{name.group()}{self.peek()}…}}: bad substitution")
        self.at += len(operation)
        separator = {"/": "/", "//": "/", "/#": "/", "/%": "/", ":": ":"}.get(operation)
        literal_quote = quoted and operation in {":-", "-", ":=", "=", ":+", "+", ":?", "?"}
        operand = self._operand("}" + (separator or ""), literal_quote=literal_quote)
        second = None
        if separator and self.peek() == separator:
            self.at += 1
            second = self._operand("}")
        if self.peek() != "}":
            raise Incomplete("unexpected EOF while looking for matching `}'", self.line)
        self.at += 1
        return Parameter(name.group(), index, operation, operand, second, prefix)

    def _index(self) -> Word | None:
        if self.peek() != "[":
            return None
        end = self.text.find("]", self.at)
        if end < 0:
            raise Incomplete("unexpected EOF while looking for matching `]'", self.line)
        index = self.nested_word(self.text[self.at + 1 : end].strip("\"'"))
        self.at = end + 1
        return index

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
                raise Incomplete("unexpected EOF while looking for matching `''", self.line)
            char = self.text[self.at]
            if char == "'":
                self.at += 1
                return Text("".join(made), quoted=True)
            if char != "\\":
                made.append(char)
                self.at += 1
                continue
            code = re.compile(r"\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|[0-7]{1,3}|.)", re.DOTALL)
            match = code.match(self.text, self.at)
            if match is None:
                raise Incomplete("unexpected EOF while looking for matching `''", self.line)
            self.at = match.end()
            made.append(decode_escape(match.group(1)))


def decode_escape(code: str) -> str:
    """The character that an escape of ``$'…'`` or ``printf`` stands for (without its backslash)."""
    if code[0] in "xu" and len(code) > 1:
        return chr(int(code[1:], 16))
    if code[0] in "01234567":
        return chr(int(code, 8) & 0xFF)
    return _ANSI_C.get(code, "\\" + code)
