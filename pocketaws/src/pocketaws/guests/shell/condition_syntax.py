"""Parses ``[[ … ]]`` into a tree.

Source: Bash reference manual, "Bash Conditional Expressions", "Conditional Constructs".
"""

from __future__ import annotations

import re

from .reader import Reader
from .syntax import Word

UNARY = frozenset({"-d", "-e", "-f", "-n", "-r", "-s", "-w", "-x", "-z"})
NUMBERS = frozenset({"-eq", "-ne", "-lt", "-le", "-gt", "-ge"})
BINARY = frozenset({"==", "=", "!=", *NUMBERS})
_SIGN = re.compile(r"==|=~|!=|=|<|>|-(?:eq|ne|lt|le|gt|ge|nt|ot|ef)(?=\s)")
_OPTION = re.compile(r"-[a-zA-Z]")


def parse_condition(reader: Reader) -> tuple[object, ...]:
    """Parse a condition after ``[[``, including the closing ``]]``."""
    tree = _either(reader)
    reader.skip_lines()
    if not re.match(r"\]\](?=[\s;&|)]|$)", reader.text[reader.at :]):
        raise reader.unexpected()
    reader.at += 2
    return tree


def _either(reader: Reader) -> tuple[object, ...]:
    tree = _both(reader)
    reader.skip_lines()
    while reader.looking_at("||"):
        reader.at += 2
        tree = ("or", tree, _both(reader))
        reader.skip_lines()
    return tree


def _both(reader: Reader) -> tuple[object, ...]:
    tree = _one(reader)
    reader.skip_lines()
    while reader.looking_at("&&"):
        reader.at += 2
        tree = ("and", tree, _one(reader))
        reader.skip_lines()
    return tree


def _one(reader: Reader) -> tuple[object, ...]:
    reader.skip_lines()
    if reader.peek() == "!" and reader.text[reader.at + 1 : reader.at + 2].isspace():
        reader.at += 1
        return ("not", _one(reader))
    if reader.peek() == "(":
        reader.at += 1
        tree = _either(reader)
        reader.skip_lines()
        if reader.peek() != ")":
            raise reader.unexpected()
        reader.at += 1
        return tree
    left = reader.word()
    if left is None or left.literal() == "]]":
        raise reader.unexpected()
    literal = left.literal()
    if literal is not None and _OPTION.fullmatch(literal):
        return _unary(reader, left, literal)
    return _binary(reader, left)


def _unary(reader: Reader, left: Word, option: str) -> tuple[object, ...]:
    reader.skip_lines()
    mark = reader.at
    operand = reader.word()
    if operand is None or operand.literal() in BINARY | {"]]"}:
        reader.at = mark
        return _binary(reader, left)
    if option not in UNARY:
        raise reader.not_emulated(f"the test `{option}'")
    return (option, operand)


def _binary(reader: Reader, left: Word) -> tuple[object, ...]:
    reader.skip_lines()
    sign = _SIGN.match(reader.text, reader.at)
    if sign is None:
        return ("-n", left)
    if sign.group() not in BINARY:
        raise reader.not_emulated(f"the comparison `{sign.group()}'")
    reader.at = sign.end()
    reader.skip_lines()
    right = reader.word()
    if right is None:
        raise reader.unexpected()
    return (sign.group(), left, right)
