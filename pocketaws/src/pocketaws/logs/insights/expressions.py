"""Parses a query's expressions, by precedence: or, and, not, comparison."""

from __future__ import annotations

import re

from ...errors import not_implemented
from ..regex import Regex
from .literals import NAME, parse_regex, parse_string
from .reader import Reader, malformed
from .syntax import Binary, Constant, Expression, Field, In, Like, Not

MAX_DEPTH = 40

_NUMBER = re.compile(r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,3})?(?![\w.])", re.ASCII)
_COMPARISON = re.compile(r"!=|>=|<=|==?|>|<")
_ARITHMETIC = re.compile(r"[-+*/%^]")
_KEYWORDS = {"and", "or", "not", "like", "in", "as", "by", "asc", "desc"}


def parse_expression(reader: Reader, depth: int = 0) -> Expression:
    """Parse one expression; raises ``AwsError`` (``MalformedQueryException``)."""
    _check_depth(reader, depth)
    found = _parse_and(reader, depth)
    while reader.take_word("or"):
        found = Binary("or", found, _parse_and(reader, depth))
    return found


def _check_depth(reader: Reader, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise malformed("the expression is nested too deeply", reader.position, reader.position)


def _parse_and(reader: Reader, depth: int) -> Expression:
    found = _parse_not(reader, depth)
    while reader.take_word("and"):
        found = Binary("and", found, _parse_not(reader, depth))
    return found


def _parse_not(reader: Reader, depth: int) -> Expression:
    if reader.take_word("not"):
        _check_depth(reader, depth)
        return Not(_parse_not(reader, depth + 1))
    return _parse_comparison(reader, depth)


def _parse_comparison(reader: Reader, depth: int) -> Expression:
    left = _parse_operand(reader, depth)
    if reader.take("=~"):
        return Like(left, parse_regex(reader))
    if match := reader.match(_COMPARISON):
        return Binary(match[0].replace("==", "="), left, _parse_operand(reader, depth))
    before = reader.position
    negated = reader.take_word("not")
    found: Expression
    if reader.take_word("like"):
        found = Like(left, _parse_wanted(reader))
    elif reader.take_word("in"):
        found = In(left, _parse_options(reader, depth))
    else:
        reader.position = before
        return left
    return Not(found) if negated else found


def _parse_wanted(reader: Reader) -> Regex | str:
    text = parse_string(reader)
    return parse_regex(reader) if text is None else text


def _parse_options(reader: Reader, depth: int) -> tuple[Expression, ...]:
    closer = "]" if reader.take("[") else ")"
    if closer == ")":
        reader.expect("(")
    options = [parse_expression(reader, depth + 1)]
    while reader.take(","):
        options.append(parse_expression(reader, depth + 1))
    reader.expect(closer)
    return tuple(options)


def _parse_operand(reader: Reader, depth: int) -> Expression:
    found = _parse_atom(reader, depth)
    if match := reader.match(_ARITHMETIC):
        raise not_implemented("logs", f"StartQuery with the operator {match[0]}")
    return found


def _parse_atom(reader: Reader, depth: int) -> Expression:
    if reader.take("("):
        found = parse_expression(reader, depth + 1)
        reader.expect(")")
        return found
    sign = -1 if reader.take("-") else 1
    if match := reader.match(_NUMBER):
        number = float(match[0]) if re.search(r"[.eE]", match[0]) else int(match[0][:18])
        return Constant(sign * number)
    if sign < 0:
        raise not_implemented("logs", "StartQuery with the operator -")
    text = parse_string(reader)
    if text is not None:
        return Constant(text)
    return _parse_name(reader)


def _parse_name(reader: Reader) -> Expression:
    reader.skip_blank()
    start = reader.position
    match = reader.match(NAME)
    if match is None or match[0].lower() in _KEYWORDS:
        reader.position = start
        raise reader.unexpected()
    if "`" not in match[0]:
        if match[0].lower() in ("true", "false"):
            return Constant(match[0].lower() == "true")
        if reader.text.startswith("(", reader.position):
            raise not_implemented("logs", f"StartQuery with the function {match[0]}")
    return Field(match[0].replace("`", ""))
