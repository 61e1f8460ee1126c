"""Parses words into simple commands: aliases, assignments, arguments, and redirections.

Source for the grammar: Bash reference manual, "Simple Commands", "Redirections", "Aliases".
"""

from __future__ import annotations

import re

from .reader import Reader
from .syntax import Assignment, Redirect, Simple, Text, Word

_REDIRECT = re.compile(r"(?:(\d+)|\{[A-Za-z_]\w*\})?(<<<|<<-|<<|<&|<>|<|>>|>&|>\||>|&>>|&>)(?!\()")
_REDIRECTIONS = frozenset({"<<<", "<<-", "<<", "<", ">>", ">&", ">", "&>"})
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\[[^\]\n]*\])?(\+?=)")
_DECLARING = {"local", "export"}


class SimpleParser(Reader):
    """Reads simple commands; an alias replaces the first word of one."""

    def __init__(self, text: str, aliases: dict[str, str] | None = None) -> None:
        super().__init__(text)
        self.aliases = aliases or {}

    def simple(self) -> Simple:
        """Read a simple command."""
        start, line = self.at, self.line
        self._expand_aliases()
        assignments: list[Assignment] = []
        words: list[Word | Assignment] = []
        redirects: list[Redirect] = []
        while True:
            self.skip_blanks()
            redirect = self.redirect()
            if redirect is not None:
                redirects.append(redirect)
                continue
            declares = bool(words) and _first_literal(words) in _DECLARING
            if not words or declares:
                assignment = self._assignment()
                if assignment is not None:
                    if declares:
                        words.append(assignment)
                    else:
                        assignments.append(assignment)
                    continue
            word = self.word()
            if word is None:
                break
            words.append(word)
        if not (assignments or words or redirects):
            raise self.unexpected()
        source = self.text[start : self.at].strip()
        return Simple(tuple(assignments), tuple(words), tuple(redirects), line, source)

    def _expand_aliases(self) -> None:
        seen: set[str] = set()
        while True:
            match = re.compile(r"[\w.+-]+(?=[\s;&|<>()]|$)").match(self.text, self.at)
            name = match.group() if match else ""
            if match is None or name in seen or name not in self.aliases:
                return
            seen.add(name)
            self.text = self.text[: self.at] + self.aliases[name] + self.text[match.end() :]

    def _assignment(self) -> Assignment | None:
        match = _ASSIGNMENT.match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        if match.group(2) or self.peek() == "(":
            raise self.not_emulated("an array")
        return Assignment(match.group(1), self.word() or Word(()), match.group(3) == "+=")

    def redirect(self) -> Redirect | None:
        """Read a redirection; None if there is none."""
        match = _REDIRECT.match(self.text, self.at)
        if match is None:
            return None
        operator = match.group(2)
        if operator not in _REDIRECTIONS or match.group().startswith("{"):
            raise self.not_emulated(f"the redirection `{match.group()}'")
        self.at = match.end()
        self.skip_blanks()
        target = self.word()
        if target is None:
            raise self.unexpected()
        redirect = Redirect(int(match.group(1)) if match.group(1) else None, operator, target)
        if operator in {"<<", "<<-"}:
            quoted = target.literal() is None
            delimiter = "".join(_delimiter_text(part) for part in target.parts)
            self.heredocs.append((redirect, delimiter, quoted, operator == "<<-"))
        return redirect


def _first_literal(words: list[Word | Assignment]) -> str | None:
    first = words[0]
    return first.literal() if isinstance(first, Word) else None


def _delimiter_text(part: object) -> str:
    if isinstance(part, Text):
        return part.text
    inner = getattr(part, "parts", ())
    return "".join(_delimiter_text(piece) for piece in inner)
