"""Expressions of queries, by how tightly they bind: or, and, not, comparison, sum, product, power."""

from __future__ import annotations

import re

from ...errors import not_implemented
from ..regex import BadRegexError, Regex, compile_regex
from .functions import AGGREGATES, UNKNOWN_HERE, arity
from .literals import NAME, parse_period, parse_regex, parse_string
from .reader import Reader, malformed
from .syntax import Binary, Call, Constant, Expression, Field, In, Like, Period, Unary

MAX_DEPTH = 40

_NUMBER = re.compile(r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{1,3})?(?![\w.])", re.ASCII)
_COMPARISON = re.compile(r"!=|>=|<=|==?|>|<")
_KEYWORDS = {"and", "or", "not", "like", "in", "as", "by", "asc", "desc"}


def parse_expression(reader: Reader, depth: int = 0) -> Expression:
    """Read one expression; raises ``AwsError`` (``MalformedQueryException``)."""
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
        return Unary("not", _parse_not(reader, depth + 1))
    return _parse_comparison(reader, depth)


def _parse_comparison(reader: Reader, depth: int) -> Expression:
    left = _parse_sum(reader, depth)
    if reader.take("=~"):
        return Like(left, parse_regex(reader))
    if match := reader.match(_COMPARISON):
        return Binary(match[0].replace("==", "="), left, _parse_sum(reader, depth))
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
    return Unary("not", found) if negated else found


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


def _parse_sum(reader: Reader, depth: int) -> Expression:
    found = _parse_product(reader, depth)
    while True:
        for operator in "+-":
            if reader.take(operator):
                found = Binary(operator, found, _parse_product(reader, depth))
                break
        else:
            return found


def _parse_product(reader: Reader, depth: int) -> Expression:
    found = _parse_power(reader, depth)
    while True:
        for operator in "*/%":
            if reader.take(operator):
                found = Binary(operator, found, _parse_power(reader, depth))
                break
        else:
            return found


def _parse_power(reader: Reader, depth: int) -> Expression:
    found = _parse_atom(reader, depth)
    if reader.take("^"):
        _check_depth(reader, depth)
        return Binary("^", found, _parse_power(reader, depth + 1))
    return found


def _parse_atom(reader: Reader, depth: int) -> Expression:
    if reader.take("("):
        found = parse_expression(reader, depth + 1)
        reader.expect(")")
        return found
    if reader.take("-"):
        _check_depth(reader, depth)
        return Unary("-", _parse_atom(reader, depth + 1))
    if match := reader.match(_NUMBER):
        return Constant(float(match[0]) if re.search(r"[.eE]", match[0]) else int(match[0][:18]))
    text = parse_string(reader)
    if text is not None:
        return Constant(text)
    return _parse_name(reader, depth)


def _parse_name(reader: Reader, depth: int) -> Expression:
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
            return _parse_call(reader, match[0], start, depth)
    return Field(match[0].replace("`", ""))


def _parse_call(reader: Reader, written: str, start: int, depth: int) -> Call:
    name = written.lower().replace("_", "")
    if name in UNKNOWN_HERE:
        raise not_implemented("logs", f"StartQuery with the function {written}")
    limits = arity(name)
    if limits is None:
        raise malformed(f"unknown function {written}", start, reader.position)
    reader.expect("(")
    arguments: list[Expression] = []
    if name in AGGREGATES and reader.take("*"):
        reader.expect(")")
    elif not reader.take(")"):
        arguments.append(_parse_argument(reader, depth))
        while reader.take(","):
            arguments.append(_parse_argument(reader, depth))
        reader.expect(")")
    low, high = limits
    if not low <= len(arguments) <= high:
        raise malformed(f"wrong number of arguments for {written}", start, reader.position)
    _check_arguments(name, arguments, start, reader.position)
    return Call(name, tuple(arguments), reader.text[start : reader.position])


def _check_arguments(name: str, arguments: list[Expression], start: int, end: int) -> None:
    """What can be said of arguments before there are rows."""
    if name == "bin" and not isinstance(arguments[0], Period):
        raise malformed("bin needs a period such as 5m", start, end)
    if name == "regexreplace":
        _, pattern, replacement = arguments
        if not isinstance(pattern, Constant) or not isinstance(replacement, Constant):
            message = "regexReplace needs its expression and its replacement as texts"
            raise malformed(message, start, end)
        try:
            compile_regex(str(pattern.value)).replace(["x"], str(replacement.value))
        except BadRegexError as error:
            raise malformed(f"invalid regular expression: {error}", start, end) from error


def _parse_argument(reader: Reader, depth: int) -> Expression:
    return parse_period(reader) or parse_expression(reader, depth + 1)
