"""``$(( … ))``: integers as C has them, 64 bits wide.

Source: Bash reference manual, "Shell Arithmetic".
"""

from __future__ import annotations

import re
from collections.abc import Callable

_TOKEN = re.compile(
    r"\s*(?:(?P<number>0[xX][0-9a-fA-F]+|\d+#[0-9a-zA-Z@_]+|\d+)|(?P<name>[A-Za-z_]\w*(?:\[[^\]]*\])?)"
    r"|(?P<sign><<=|>>=|\*\*|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[-+*/%<>=!~&|^?:(),]))"
)
_BINARY = {
    ",": 1, "||": 4, "&&": 5, "|": 6, "^": 7, "&": 8, "==": 9, "!=": 9,
    "<": 10, ">": 10, "<=": 10, ">=": 10, "<<": 11, ">>": 11, "+": 12, "-": 12,
    "*": 13, "/": 13, "%": 13, "**": 14,
}  # fmt: skip
_ASSIGNING = {"=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "|=", "^="}
_MAX_DEPTH = 64


class ArithmeticError_(Exception):  # noqa: N801, N818 - Python has an ArithmeticError of its own
    """The expression cannot be evaluated."""


class Arithmetic:
    """Evaluates expressions over variables."""

    def __init__(self, get: Callable[[str], str], put: Callable[[str, str], None]) -> None:
        self._get = get
        self._put = put
        self._depth = 0

    def evaluate(self, text: str) -> int:
        """The value of an expression (0 for an empty one); raises ``ArithmeticError_``."""
        if not text.strip():
            return 0
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise ArithmeticError_(f"{text}: expression recursion level exceeded")
        try:
            run = _Run(self, text)
            value = run.expression(0)
            if run.lexeme is not None:
                raise run.fail("syntax error in expression")
            return value
        finally:
            self._depth -= 1

    def variable(self, name: str) -> int:
        return self.evaluate(self._get(name))

    def assign(self, name: str, value: int) -> int:
        self._put(name, str(value))
        return value


class _Run:
    def __init__(self, owner: Arithmetic, text: str) -> None:
        self.owner = owner
        self.text = text
        self.at = 0
        self.lexeme: str | None = None
        self.kind = ""
        self.live = True
        self.next()

    def fail(self, message: str) -> ArithmeticError_:
        return ArithmeticError_(
            f'{self.text.strip()}: {message} (error token is "{self.lexeme or ""}")'
        )

    def next(self) -> None:
        if not self.text[self.at :].strip():
            self.lexeme = None
            return
        match = _TOKEN.match(self.text, self.at)
        if match is None:
            self.lexeme = self.text[self.at :].strip()
            raise self.fail("syntax error: operand expected")
        self.at = match.end()
        self.kind = match.lastgroup or ""
        self.lexeme = match.group(self.kind)

    def expression(self, floor: int) -> int:
        value = self.operand()
        while self.lexeme is not None:
            sign = self.lexeme
            if sign == "?" and floor <= 3:
                value = self.choice(value)
                continue
            level = _BINARY.get(sign)
            if level is None or level < max(floor, 1):
                break
            self.next()
            if sign in {"&&", "||"}:
                value = self.shortcut(sign, value, level)
                continue
            right = self.expression(level if sign == "**" else level + 1)
            value = self.apply(sign, value, right)
        return value

    def shortcut(self, sign: str, left: int, level: int) -> int:
        decided = (not left) if sign == "&&" else bool(left)
        was, self.live = self.live, self.live and not decided
        right = self.expression(level + 1)
        self.live = was
        if sign == "&&":
            return int(bool(left) and bool(right))
        return int(bool(left) or bool(right))

    def choice(self, condition: int) -> int:
        self.next()
        was = self.live
        self.live = was and bool(condition)
        first = self.expression(1)
        if self.lexeme != ":":
            raise self.fail("`:' expected for conditional expression")
        self.next()
        self.live = was and not condition
        second = self.expression(2)
        self.live = was
        return first if condition else second

    def apply(self, sign: str, left: int, right: int) -> int:
        if sign in {"/", "%"} and right == 0:
            if not self.live:
                return 0
            raise self.fail("division by 0")
        if sign == "**" and right < 0:
            raise self.fail("exponent less than 0")
        match sign:
            case "/":
                value = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
            case "%":
                value = abs(left) % abs(right) * (-1 if left < 0 else 1)
            case "**":
                value = pow(left, right, 1 << 64) if right > 64 else left**right
            case "<<":
                value = left << (right & 63)
            case ">>":
                value = left >> (right & 63)
            case _:
                value = _SIMPLE[sign](left, right)
        return wrap(value)

    def operand(self) -> int:
        if self.lexeme is None:
            raise self.fail("syntax error: operand expected")
        lexeme, kind = self.lexeme, self.kind
        self.next()
        if kind == "number":
            return self.number(lexeme)
        if kind == "name":
            return self.named(lexeme)
        if lexeme == "(":
            value = self.expression(0)
            if self.lexeme != ")":
                raise self.fail("missing `)'")
            self.next()
            return value
        if lexeme in {"++", "--"} and self.kind == "name" and self.lexeme is not None:
            name = self.lexeme
            self.next()
            return self.store(name, self.read(name) + (1 if lexeme == "++" else -1))
        if lexeme in {"+", "-", "!", "~"}:
            value = self.expression(15)
            return wrap({"+": value, "-": -value, "!": int(not value), "~": ~value}[lexeme])
        raise self.fail("syntax error: operand expected")

    def named(self, name: str) -> int:
        if self.lexeme in _ASSIGNING:
            sign = self.lexeme[:-1]
            self.next()
            right = self.expression(2)
            value = self.apply(sign, self.read(name), right) if sign else right
            return self.store(name, value)
        value = self.read(name)
        if self.lexeme in {"++", "--"}:
            self.store(name, value + (1 if self.lexeme == "++" else -1))
            self.next()
        return value

    def read(self, name: str) -> int:
        return self.owner.variable(name) if self.live else 0

    def store(self, name: str, value: int) -> int:
        return self.owner.assign(name, wrap(value)) if self.live else value

    def number(self, lexeme: str) -> int:
        try:
            if "#" in lexeme:
                base, digits = lexeme.split("#")
                return wrap(int(digits, int(base)))
            if lexeme[:2] in {"0x", "0X"}:
                return wrap(int(lexeme, 16))
            return wrap(int(lexeme, 8) if len(lexeme) > 1 and lexeme[0] == "0" else int(lexeme))
        except ValueError:
            self.lexeme = lexeme
            raise self.fail("value too great for base") from None


_SIMPLE: dict[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "==": lambda a, b: int(a == b),
    "!=": lambda a, b: int(a != b),
    "<": lambda a, b: int(a < b),
    ">": lambda a, b: int(a > b),
    "<=": lambda a, b: int(a <= b),
    ">=": lambda a, b: int(a >= b),
    ",": lambda _, b: b,
}


def wrap(value: int) -> int:
    """A value as 64 signed bits."""
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)
