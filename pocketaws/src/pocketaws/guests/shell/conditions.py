"""Evaluates ``[[ … ]]``, and ``[``.

Source: Bash reference manual, "Bash Conditional Expressions", "Conditional Constructs".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

from .condition_syntax import BINARY, UNARY
from .patterns import matches
from .shell import Shell

_NUMBERS: dict[str, Callable[[int, int], bool]] = {
    "-eq": lambda a, b: a == b,
    "-ne": lambda a, b: a != b,
    "-lt": lambda a, b: a < b,
    "-le": lambda a, b: a <= b,
    "-gt": lambda a, b: a > b,
    "-ge": lambda a, b: a >= b,
}
_RIGHTS: dict[str, Literal["r", "w", "x"]] = {"-r": "r", "-w": "w", "-x": "x"}


class ConditionError(Exception):
    """A condition that the shell can't evaluate (status 2)."""


def evaluate(shell: Shell, tree: tuple[object, ...]) -> bool:
    """Whether a ``[[ … ]]`` condition is true."""
    kind = str(tree[0])
    operands: Any = tree[1:]
    if kind == "and":
        return evaluate(shell, operands[0]) and evaluate(shell, operands[1])
    if kind == "or":
        return evaluate(shell, operands[0]) or evaluate(shell, operands[1])
    if kind == "not":
        return not evaluate(shell, operands[0])
    left = shell.expand_text(operands[0])
    if len(operands) == 1:
        return _unary(shell, kind, left)
    if kind in _NUMBERS:
        return _compare(kind, left, shell.expand_text(operands[1]))
    return matches(shell.expand_pattern(operands[1]), left) is not (kind == "!=")


def _unary(shell: Shell, kind: str, operand: str) -> bool:
    if kind == "-n":
        return operand != ""
    if kind == "-z":
        return operand == ""
    files = shell.machine.files
    node = files.get(operand, shell.state.cwd)
    if node is None:
        return False
    if kind in _RIGHTS:
        return files.allowed(node, shell.identity, _RIGHTS[kind])
    held = {
        "-e": True,
        "-f": node.kind == "file",
        "-d": node.kind == "directory",
        "-s": node.content != "" or node.kind == "directory",
    }
    return held[kind]


def _compare(sign: str, left: str, right: str) -> bool:
    for text in (left, right):
        if not re.fullmatch(r"\s*[-+]?\d+\s*", text):
            raise ConditionError(f"{text}: integer expression expected")
    return _NUMBERS[sign](int(left), int(right))


def test(shell: Shell, arguments: list[str]) -> bool:
    """Evaluate ``[`` on expanded words; raises ``ConditionError``."""
    if arguments[:1] == ["!"] and len(arguments) > 1:
        return not test(shell, arguments[1:])
    match arguments:
        case []:
            return False
        case [word]:
            return word != ""
        case [sign, operand] if sign in UNARY:
            return _unary(shell, sign, operand)
        case [left, sign, right] if sign in BINARY:
            if sign in _NUMBERS:
                return _compare(sign, left, right)
            return (left == right) is not (sign == "!=")
        case _:
            raise ConditionError(f"pocketaws doesn't emulate this test: {' '.join(arguments)}")
