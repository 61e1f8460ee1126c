"""``${…}``. Source: Bash reference manual, "Shell Parameter Expansion"."""

from __future__ import annotations

import re

from .control_flow import ExpansionError
from .patterns import pattern, stars, whole
from .shell import Shell
from .syntax import Parameter, Word

_TRIES_A_STEP = 500_000


def expand_parameter(shell: Shell, part: Parameter, *, quoted: bool) -> str | list[str] | Word:
    """The value: text, the fields of ``$@``, or a word to expand."""
    if part.name in {"@", "*"}:
        return _positional(shell, part, quoted=quoted)
    value = shell.parameter(part.name)
    if part.operation.strip(":") in {"-", "=", "+", "?"} and part.operation:
        return _default(shell, part, value)
    if value is None:
        if "nounset" in shell.state.options:
            raise ExpansionError(f"{part.name}: unbound variable")
        value = ""
    if part.length:
        return str(len(value))
    if part.operation.startswith("/"):
        return _replace(shell, part, value)
    return _trim(shell, part, value) if part.operation else value


def _positional(shell: Shell, part: Parameter, *, quoted: bool) -> str | list[str]:
    values = list(shell.state.positional)
    if part.operation:
        raise ExpansionError(f"pocketaws doesn't emulate ${{{part.name}{part.operation}}}")
    if part.length:
        return str(len(values))
    if part.name == "*" and quoted:
        separators = shell.state.get("IFS")
        return (" " if separators is None else separators[:1]).join(values)
    return values


def _default(shell: Shell, part: Parameter, value: str | None) -> str | Word:
    sign = part.operation[-1]
    missing = value is None or (part.operation.startswith(":") and value == "")
    operand = part.operand or Word(())
    if sign == "+":
        return Word(()) if missing else operand
    if not missing:
        return value or ""
    if sign == "-":
        return operand
    if sign == "=":
        text = shell.expand_text(operand)
        shell.assign(part.name, text)
        return text
    message = shell.expand_text(operand) or "parameter null or not set"
    raise ExpansionError(f"{part.name}: {message}")


def _trim(shell: Shell, part: Parameter, value: str) -> str:
    segments = shell.expand_pattern(part.operand or Word(()))
    longest = len(part.operation) == 2
    wanted = whole(segments)
    shell.machine.spend(len(value) ** 2 // _TRIES_A_STEP)
    ends = range(len(value) + 1)
    if part.operation[0] == "#":
        for end in reversed(ends) if longest else ends:
            if wanted.fullmatch(value, 0, end):
                return value[end:]
        return value
    for start in ends if longest else reversed(ends):
        if wanted.fullmatch(value, start):
            return value[:start]
    return value


def _replace(shell: Shell, part: Parameter, value: str) -> str:
    segments = shell.expand_pattern(part.operand or Word(()))
    wanted = pattern(segments)
    if not wanted:
        return value
    shell.machine.spend(len(value) ** min(stars(segments) + 1, 4) // _TRIES_A_STEP)
    new = shell.expand_text(part.replacement) if part.replacement is not None else ""
    if part.operation == "/#":
        wanted = rf"\A(?:{wanted})"
    elif part.operation == "/%":
        wanted = rf"(?:{wanted})\Z"
    count = 0 if part.operation == "//" else 1
    return re.sub(wanted, lambda _: new, value, count=count, flags=re.DOTALL)
