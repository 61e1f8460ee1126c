"""``[[ … ]]``, and ``test``/``[``.

Source: Bash reference manual, "Bash Conditional Expressions", "Conditional Constructs".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .arithmetic import ArithmeticError_
from .patterns import matches
from .regex import RegexError, compile_posix
from .syntax import Text, Word

if TYPE_CHECKING:
    from .interpreter import Interpreter
    from .reader import Reader

UNARY = {
    "-a",
    "-b",
    "-c",
    "-d",
    "-e",
    "-f",
    "-g",
    "-h",
    "-k",
    "-p",
    "-r",
    "-s",
    "-t",
    "-u",
    "-w",
    "-x",
    "-L",
    "-N",
    "-O",
    "-G",
    "-S",
    "-z",
    "-n",
    "-v",
    "-o",
}
BINARY = {
    "==",
    "=",
    "!=",
    "=~",
    "<",
    ">",
    "-eq",
    "-ne",
    "-lt",
    "-le",
    "-gt",
    "-ge",
    "-nt",
    "-ot",
    "-ef",
}
_NUMBERS: dict[str, Callable[[int, int], bool]] = {
    "-eq": lambda a, b: a == b,
    "-ne": lambda a, b: a != b,
    "-lt": lambda a, b: a < b,
    "-le": lambda a, b: a <= b,
    "-gt": lambda a, b: a > b,
    "-ge": lambda a, b: a >= b,
}


_SPECIAL = re.compile(r"[][\\.^$*+?(){}|]")


class ConditionError(Exception):
    """A condition that cannot be evaluated (status 2)."""


def parse_condition(reader: Reader) -> tuple[object, ...]:
    """Read what stands between ``[[`` and ``]]`` (both passed over)."""
    tree = _either(reader)
    _skip(reader)
    if not re.match(r"\]\](?=[\s;&|)]|$)", reader.text[reader.at :]):
        raise reader.unexpected()
    reader.at += 2
    return tree


def _skip(reader: Reader) -> None:
    reader.skip_blanks()
    while reader.peek() == "\n":
        reader.newline()
        reader.skip_blanks()


def _either(reader: Reader) -> tuple[object, ...]:
    tree = _both(reader)
    _skip(reader)
    while reader.looking_at("||"):
        reader.at += 2
        tree = ("or", tree, _both(reader))
        _skip(reader)
    return tree


def _both(reader: Reader) -> tuple[object, ...]:
    tree = _one(reader)
    _skip(reader)
    while reader.looking_at("&&"):
        reader.at += 2
        tree = ("and", tree, _one(reader))
        _skip(reader)
    return tree


def _one(reader: Reader) -> tuple[object, ...]:
    _skip(reader)
    if reader.peek() == "!" and reader.text[reader.at + 1 : reader.at + 2].isspace():
        reader.at += 1
        return ("not", _one(reader))
    if reader.peek() == "(":
        reader.at += 1
        tree = _either(reader)
        _skip(reader)
        if reader.peek() != ")":
            raise reader.unexpected()
        reader.at += 1
        return tree
    left = reader.word()
    if left is None or left.literal() == "]]":
        raise reader.unexpected()
    literal = left.literal()
    if literal in UNARY:
        _skip(reader)
        mark = reader.at
        operand = reader.word()
        if operand is not None and operand.literal() not in BINARY | {"]]"}:
            return (literal, operand)
        reader.at = mark
    return _binary(reader, left)


def _binary(reader: Reader, left: Word) -> tuple[object, ...]:
    _skip(reader)
    sign = re.match(
        r"==|=~|!=|=|<|>|-(?:eq|ne|lt|le|gt|ge|nt|ot|ef)(?=\s)", reader.text[reader.at :]
    )
    if sign is None:
        return ("-n", left)
    reader.at += sign.end()
    _skip(reader)
    right = _regex_word(reader) if sign.group() == "=~" else reader.word()
    if right is None:
        raise reader.unexpected()
    return (sign.group(), left, right)


def _regex_word(reader: Reader) -> Word:
    """The word behind ``=~``: parentheses and bars are part of it."""
    parts: list[Any] = []
    depth = 0
    while reader.at < len(reader.text):
        char = reader.text[reader.at]
        if char in "\"'$`":
            part = reader._part()  # noqa: SLF001 - reading with other signs allowed
            if part is not None:
                parts.append(part)
            continue
        if char == "\\":
            parts.append(Text(reader.peek(2)))
            reader.at += 2
            continue
        if (char.isspace() and depth == 0) or char == "\n":
            break
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth < 0:
            break
        parts.append(Text(char))
        reader.at += 1
    return Word(tuple(parts))


def evaluate(shell: Interpreter, tree: tuple[object, ...]) -> bool:  # noqa: PLR0911 - one branch for each kind
    """Whether a ``[[ … ]]`` holds."""
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
        return unary(shell, kind, left)
    if kind in {"==", "=", "!="}:
        same = matches(shell.expand_pattern(operands[1]), left)
        return same is not (kind == "!=")
    if kind == "=~":
        return _regex(shell, left, operands[1])
    right = shell.expand_text(operands[1])
    if kind in _NUMBERS:
        return _NUMBERS[kind](shell.arithmetic(left), shell.arithmetic(right))
    return _compare(shell, kind, left, right)


def _regex(shell: Interpreter, subject: str, word: Word) -> bool:
    text = "".join(
        _SPECIAL.sub(r"\\\g<0>", piece) if quoted else piece
        for piece, quoted in shell.expand_pattern(word)
    )
    try:
        wanted = compile_posix(text, extended=True)
    except RegexError as error:
        raise ConditionError(str(error)) from error
    found = wanted.search(subject, spend=shell.machine.spend)
    groups = [] if found is None else [found.group(n) for n in range(found.groups + 1)]
    shell.set_items("BASH_REMATCH", {str(n): group for n, group in enumerate(groups)})
    return found is not None


def unary(shell: Interpreter, kind: str, operand: str) -> bool:  # noqa: C901, PLR0911, PLR0912 - one branch for each kind
    """Whether a test of one operand holds."""
    if kind == "-n":
        return operand != ""
    if kind == "-z":
        return operand == ""
    if kind == "-v":
        return shell.is_set(operand)
    if kind == "-o":
        return operand in shell.state.options
    if kind == "-t":
        stream = shell.streams.get(int(operand)) if operand.isdigit() else None
        return stream is not None and stream.is_terminal
    files, who = shell.machine.files, shell.identity
    node = files.get(operand, shell.state.cwd, follow=kind not in {"-L", "-h"})
    if node is None:
        return False
    match kind:
        case "-e" | "-a" | "-N":
            return True
        case "-f":
            return node.kind == "file"
        case "-d":
            return node.kind == "directory"
        case "-L" | "-h":
            return node.kind == "link"
        case "-c":
            return node.kind == "device"
        case "-s":
            return node.content != "" or node.kind == "directory"
        case "-r" | "-w" | "-x":
            return files.allowed(node, who, kind[1])  # type: ignore[arg-type]
        case "-O":
            return node.owner == who.user
        case "-G":
            return node.group in who.groups
        case _:
            return False


def _compare(shell: Interpreter, kind: str, left: str, right: str) -> bool:
    if kind == "<":
        return left < right
    if kind == ">":
        return left > right
    files, cwd = shell.machine.files, shell.state.cwd
    first, second = files.get(left, cwd), files.get(right, cwd)
    if kind == "-ef":
        return first is not None and files.real(left, cwd) == files.real(right, cwd)
    if first is None or second is None:
        return (first is not None) if kind == "-nt" else (second is not None)
    if kind == "-nt":
        return first.modified > second.modified
    return first.modified < second.modified


def test(shell: Interpreter, arguments: list[str]) -> bool:
    """``test`` on words that are already expanded; raises ``ConditionError``."""
    run = _Test(shell, arguments)
    value = run.either()
    if run.at < len(arguments):
        raise ConditionError("too many arguments")
    return value


class _Test:
    def __init__(self, shell: Interpreter, arguments: list[str]) -> None:
        self.shell = shell
        self.arguments = arguments
        self.at = 0

    def either(self) -> bool:
        value = self.both()
        while self.at < len(self.arguments) and self.arguments[self.at] == "-o":
            self.at += 1
            other = self.both()
            value = value or other
        return value

    def both(self) -> bool:
        value = self.one()
        while self.at < len(self.arguments) and self.arguments[self.at] == "-a":
            self.at += 1
            other = self.one()
            value = value and other
        return value

    def one(self) -> bool:
        left = self.arguments[self.at :]
        if not left:
            return False
        if len(left) >= 3 and left[1] in BINARY:
            self.at += 3
            return self.binary(left[0], left[1], left[2])
        if left[0] == "!" and len(left) > 1:
            self.at += 1
            return not self.one()
        if left[0] == "(" and len(left) > 1:
            self.at += 1
            value = self.either()
            if self.arguments[self.at : self.at + 1] != [")"]:
                raise ConditionError("`)' expected")
            self.at += 1
            return value
        if left[0] in UNARY and len(left) >= 2:
            self.at += 2
            return unary(self.shell, left[0], left[1])
        self.at += 1
        return left[0] != ""

    def binary(self, left: str, sign: str, right: str) -> bool:
        if sign in {"=", "=="}:
            return left == right
        if sign == "!=":
            return left != right
        if sign in _NUMBERS:
            for text in (left, right):
                if not re.fullmatch(r"\s*[-+]?\d+\s*", text):
                    raise ConditionError(f"{text}: integer expression expected")
            return _NUMBERS[sign](int(left), int(right))
        return _compare(self.shell, sign, left, right)


__all__ = ["ArithmeticError_", "ConditionError", "evaluate", "parse_condition", "test", "unary"]
