"""rsyslog's filters: selectors, property filters and expressions.

Source: rsyslog documentation, "Filter Conditions", "Expressions".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from .rsyslog_templates import property_value

if TYPE_CHECKING:
    from .rsyslog import Message

_COMPARISONS = {"isequal", "contains", "startswith", "regex", "ereregex", "isempty", "endswith"}
_ALIASES = {"error": "err", "warn": "warning", "panic": "emerg"}
_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\')|(?P<property>\$!?[\w.!-]+)|(?P<number>\d+)'
    r"|(?P<sign>==|!=|<=|>=|<>|<|>|\(|\))|(?P<word>[a-z_]+))"
)


@dataclass(frozen=True, slots=True)
class Action:
    """Write to a file."""

    path: str
    template: str
    mode: int
    owner: str = "root"
    group: str = "root"


@dataclass(frozen=True, slots=True)
class Stop:
    """Nothing more is done with the message."""


@dataclass(slots=True)
class Rule:
    """Statements for messages that a filter matches, and for the others."""

    kind: str
    """``selector``, ``property`` or ``expression``."""
    filter: str
    body: list[Statement]
    otherwise: list[Statement]

    def problem(self) -> str | None:
        """What is wrong with the filter."""
        if self.kind == "selector":
            return _selector_problem(self.filter)
        if self.kind == "property":
            _, comparison, _ = self.filter.split("\0")
            if comparison.lstrip("!") not in _COMPARISONS:
                return f"error: invalid compare operation '{comparison}' - ignoring selector"
            return None
        try:
            _Expression(self.filter, None).value()
        except ExpressionError as error:
            return str(error)
        return None


Statement: TypeAlias = Action | Stop | Rule


class ExpressionError(Exception):
    """An expression that does not parse."""


def matches_rule(rule: Rule, message: Message) -> bool:
    """Whether a message passes a rule's filter."""
    if rule.kind == "selector":
        return _selected(rule.filter, message)
    if rule.kind == "property":
        name, comparison, value = rule.filter.split("\0")
        found = _compare(property_value(message, name), comparison.lstrip("!"), value)
        return found is not comparison.startswith("!")
    return bool(_Expression(rule.filter, message).value())


def _selector_problem(text: str) -> str | None:
    from .rsyslog import FACILITIES, SEVERITIES  # noqa: PLC0415 - which reads rules

    for part in text.split(";"):
        facilities, _, priority = part.rpartition(".")
        for facility in facilities.split(","):
            if facility not in {*FACILITIES, "*", "security"}:
                return f'unknown facility name "{facility}"'
        name = priority.lstrip("!=")
        if name not in {*SEVERITIES, *_ALIASES, "*", "none"}:
            return f'unknown priority name "{name}"'
    return None


def _selected(text: str, message: Message) -> bool:
    from .rsyslog import SEVERITIES  # noqa: PLC0415 - which reads rules

    selected = False
    for part in text.split(";"):
        facilities, _, priority = part.rpartition(".")
        if message.facility not in facilities.split(",") and facilities != "*":
            continue
        name = _ALIASES.get(priority.lstrip("!="), priority.lstrip("!="))
        if name == "none":
            selected = False
            continue
        number = SEVERITIES.index(message.severity)
        if name == "*":
            hit = True
        elif "=" in priority[:2]:
            hit = number == SEVERITIES.index(name)
        else:
            hit = number <= SEVERITIES.index(name)
        if priority.startswith("!"):
            selected = selected and not hit
        elif hit:
            selected = True
    return selected


def _compare(value: str, comparison: str, wanted: str) -> bool:
    match comparison:
        case "isequal":
            return value == wanted
        case "contains":
            return wanted in value
        case "startswith":
            return value.startswith(wanted)
        case "endswith":
            return value.endswith(wanted)
        case "isempty":
            return value == ""
        case _:
            return re.search(wanted, value) is not None


class _Expression:
    """An RainerScript expression; without a message it is only checked."""

    def __init__(self, text: str, message: Message | None) -> None:
        self.text = text
        self.message = message
        self.at = 0
        self.kind, self.lexeme = "", ""
        self.next()

    def next(self) -> None:
        if not self.text[self.at :].strip():
            self.kind, self.lexeme = "", ""
            return
        match = _TOKEN.match(self.text, self.at)
        if match is None:
            raise ExpressionError(f"syntax error on token '{self.text[self.at :].strip()[:20]}'")
        self.kind = match.lastgroup or ""
        self.lexeme = match.group(self.kind)
        self.at = match.end()

    def value(self) -> bool:
        result = self.either()
        if self.kind:
            raise ExpressionError(f"syntax error on token '{self.lexeme}'")
        return result

    def either(self) -> bool:
        result = self.both()
        while self.lexeme == "or":
            self.next()
            other = self.both()
            result = result or other
        return result

    def both(self) -> bool:
        result = self.one()
        while self.lexeme == "and":
            self.next()
            other = self.one()
            result = result and other
        return result

    def one(self) -> bool:
        if self.lexeme == "not":
            self.next()
            return not self.one()
        if self.lexeme == "(":
            self.next()
            result = self.either()
            if self.lexeme != ")":
                raise ExpressionError(f"syntax error on token '{self.lexeme}'")
            self.next()
            return result
        left = self.operand()
        sign = self.lexeme
        if sign in {"==", "!=", "<>", "<", ">", "<=", ">=", "contains", "startswith", "endswith"}:
            self.next()
            return _holds(left, sign, self.operand())
        return bool(left)

    def operand(self) -> str:
        kind, lexeme = self.kind, self.lexeme
        self.next()
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", lexeme[1:-1])
        if kind == "number":
            return lexeme
        if kind == "property":
            return property_value(self.message, lexeme[1:]) if self.message is not None else ""
        raise ExpressionError(f"syntax error on token '{lexeme}'")


def _holds(left: str, sign: str, right: str) -> bool:  # noqa: PLR0911 - one branch for each kind
    if sign in {"contains", "startswith", "endswith"}:
        return _compare(left, sign, right)
    numbers = left.isdigit() and right.isdigit()
    first, second = (int(left), int(right)) if numbers else (left, right)
    match sign:
        case "==":
            return first == second
        case "!=" | "<>":
            return first != second
        case "<":
            return first < second  # type: ignore[operator]
        case ">":
            return first > second  # type: ignore[operator]
        case "<=":
            return first <= second  # type: ignore[operator]
        case _:
            return first >= second  # type: ignore[operator]
