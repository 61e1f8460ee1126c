"""Quotes text for the shell. Source: Bash reference manual, "Quoting", "Bash Builtins" (printf %q)."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LETTERS = {
    "\n": "\\n", "\t": "\\t", "\r": "\\r", "\a": "\\a", "\b": "\\b", "\x1b": "\\E", "\f": "\\f", "\v": "\\v",
}  # fmt: skip
_CHARACTERS = {
    "n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f",
    "v": "\v", "\\": "\\", "'": "'", '"': '"', "?": "?",
}  # fmt: skip


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    return _LETTERS.get(char) or f"\\{ord(char):03o}"


def quote(text: str) -> str:
    """Quote text for bash, in single quotes if necessary."""
    if re.fullmatch(r"[\w@%+=:,./-]+", text):
        return text
    if _CONTROL.search(text):
        escaped = text.replace("\\", "\\\\").replace("'", "\\'")
        return "$'" + _CONTROL.sub(_escape, escaped) + "'"
    return "'" + text.replace("'", "'\\''") + "'"


def escape(text: str) -> str:
    """Quote text as ``printf %q`` does: with backslashes, or in ``$'…'`` for control characters."""
    if not text or _CONTROL.search(text):
        return quote(text)
    return re.sub(
        r"""([ !"#$&'()*,;<>?\[\\\]^`{|}])|(^~)""", lambda match: "\\" + match.group(), text
    )


def decode_escape(code: str) -> str:
    """The character that an escape of ``$'…'`` or ``printf`` stands for (without its backslash)."""
    if code[0] in "xu" and len(code) > 1:
        return chr(int(code[1:], 16))
    if code[0] in "01234567":
        return chr(int(code, 8) & 0xFF)
    return _CHARACTERS.get(code, "\\" + code)
