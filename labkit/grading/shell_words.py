"""Compare two command lines, ignoring spacing, the style of quoting, and a trailing ``&``.

``shlex`` splits words like a shell but doesn't record what was quoted, so it can't tell ``echo '|'`` from ``echo |``.
This module splits words by the same rules (POSIX shell, 2.2 Quoting) but distinguishes special characters from the
same characters as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_OPERATOR = re.compile(r"&>>?|<<<|<<-?|>>|>\||[<>]&|<>|\|\||\|&|&&|;;&|;;|;&|[|&;<>()]")
# Characters that are special to bash if unquoted (manual, "Shell Expansions"); the second group only at a word's start.
_ACTIVE = "$`*?[]{}"
_ACTIVE_AT_START = "~#"
# A file name pattern never matches a URL, so in a URL these are always text.
_TEXT_IN_URLS = re.compile("\0([*?\\[\\]])")
_ACTIVE_IN_QUOTES = "$`"
_ESCAPED_IN_QUOTES = '$`"\\\n'
_MARK = "\0"
"""Precedes a special character; no command line contains it."""


class UnfinishedError(ValueError):
    """A quotation mark isn't closed."""


@lru_cache(
    maxsize=4096
)  # A class submits the same few lines, and each is compared with many others.
def words(line: str) -> tuple[str, ...]:
    """The words and operators of a command line, in a form that doesn't depend on the style of quoting.

    Raises ``UnfinishedError`` if a quotation mark isn't closed.
    """
    return tuple(_words(line))


def same(one: str, other: str) -> bool:
    """Whether two command lines are the same command."""
    return _canonical(one) == _canonical(other)


def plain(word: str) -> str:
    """A word as plain text."""
    return word.replace(_MARK, "")


def is_operator(word: str) -> bool:
    """Whether a word of ``words`` is a control or redirection operator."""
    text = word[1:].lstrip("0123456789")  # 2>
    return word.startswith(_MARK) and _OPERATOR.fullmatch(text) is not None


def _canonical(line: str) -> tuple[str, ...]:
    try:
        found = words(line)
    except UnfinishedError:
        return tuple(line.split())
    return found[:-1] if found and found[-1] == _MARK + "&" else found


def _words(line: str) -> Iterator[str]:
    word: str | None = None
    position = 0
    while position < len(line):
        if line.startswith("\\\n", position):  # the line goes on
            position += 2
            continue
        operator = _OPERATOR.match(line, position)
        if operator is None and not line[position].isspace():
            piece, position = _piece(line, position, first=word is None)
            word = (word or "") + piece
            continue
        if operator is None:
            position += 1
        elif word is not None and word.isdigit() and operator[0][0] in "<>":
            word, position = _MARK + word + operator[0], operator.end()  # 2>file is not 2 >file
        if word is not None:
            yield _TEXT_IN_URLS.sub(r"\1", word) if "://" in word else word
            word = None
        elif operator is not None:
            yield _MARK + operator[0]
            position = operator.end()
    if word is not None:
        yield _TEXT_IN_URLS.sub(r"\1", word) if "://" in word else word


def _piece(line: str, position: int, *, first: bool) -> tuple[str, int]:
    """One character or one quoted part, and the position after it."""
    character = line[position]
    if character == "\\":
        return line[position + 1 : position + 2], position + 2
    if character == "'":
        end = line.find("'", position + 1)
        if end < 0:
            raise UnfinishedError(line)
        return line[position + 1 : end], end + 1
    if character == '"':
        return _double_quoted(line, position + 1)
    active = character in _ACTIVE or (first and character in _ACTIVE_AT_START)
    return (_MARK + character if active else character), position + 1


def _double_quoted(line: str, position: int) -> tuple[str, int]:
    text = ""
    while position < len(line):
        character = line[position]
        if character == '"':
            return text, position + 1
        if character == "\\" and line[position + 1 : position + 2] in _ESCAPED_IN_QUOTES:
            position += 1
            text += line[position : position + 1].replace("\n", "")
        else:
            text += _MARK + character if character in _ACTIVE_IN_QUOTES else character
        position += 1
    raise UnfinishedError(line)
