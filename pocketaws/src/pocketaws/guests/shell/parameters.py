"""``${…}``. Source: Bash reference manual, "Shell Parameter Expansion"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .patterns import pattern, stars, whole
from .syntax import Parameter, Word

if TYPE_CHECKING:
    from .interpreter import Interpreter


_TRIES_A_STEP = 500_000


class ExpansionError(Exception):
    """An expansion that ends a script (``${x:?}``, an unset variable under ``set -u``)."""


def expand_parameter(
    shell: Interpreter, part: Parameter, *, quoted: bool
) -> str | list[str] | Word:
    """The value: text, the fields of ``$@`` or an array, or a word still to be expanded."""
    if part.prefix == "!*":
        return sorted(n for n in shell.state.variables if n.startswith(part.name))
    index = shell.expand_text(part.index) if part.index is not None else None
    if part.prefix == "!":
        return _indirect(shell, part, index)
    many = _many(shell, part.name, index)
    if part.prefix == "#":
        unset = part.name not in {"@", "*"} and part.name not in shell.state.variables
        if many == [] and unset and "nounset" in shell.state.options:
            raise ExpansionError(f"{part.name}[{index}]: unbound variable")
        return str(len(many) if many is not None else len(_value(shell, part.name, index) or ""))
    if many is not None:
        return _over_many(shell, part, many, star=(index or part.name) == "*", quoted=quoted)
    value = _value(shell, part.name, index)
    operation = part.operation
    if operation.strip(":") in {"-", "=", "+", "?"} and operation:
        return _default(shell, part, value)
    if value is None:
        if "nounset" in shell.state.options:
            raise ExpansionError(f"{part.name}: unbound variable")
        value = ""
    return value if not operation else _transform(shell, part, value)


def _indirect(shell: Interpreter, part: Parameter, index: str | None) -> str | list[str]:
    variable = shell.state.variables.get(part.name)
    if index in {"@", "*"}:
        items = variable.items if variable is not None else None
        return list(items) if items is not None else []
    name = shell.parameter(part.name) or ""
    return shell.parameter(name) or ""


def _many(shell: Interpreter, name: str, index: str | None) -> list[str] | None:
    if name in {"@", "*"}:
        return list(shell.state.positional)
    if index not in {"@", "*"}:
        return None
    variable = shell.state.variables.get(name)
    if variable is None:
        return []
    if variable.items is None:
        return [variable.value] if variable.value is not None else []
    if variable.associative:
        return list(variable.items.values())
    return [variable.items[key] for key in sorted(variable.items, key=int)]


def _value(shell: Interpreter, name: str, index: str | None) -> str | None:
    if index is None:
        return shell.parameter(name)
    variable = shell.state.variables.get(name)
    if variable is None:
        return None
    if variable.associative:
        return (variable.items or {}).get(index)
    number = shell.arithmetic(index)
    if variable.items is None:
        return variable.value if number == 0 else None
    if number < 0 and variable.items:
        number += max(int(key) for key in variable.items) + 1
    return variable.items.get(str(number))


def _over_many(
    shell: Interpreter, part: Parameter, many: list[str], *, star: bool, quoted: bool
) -> str | list[str] | Word:
    operation = part.operation
    if operation.strip(":") in {"-", "+", "?", "="} and operation:
        joined = " ".join(many) if many else None
        found = _default(shell, part, joined)
        if joined is None or isinstance(found, Word):
            return found
    elif operation == ":":
        start, length = _slice(shell, part)
        source = [shell.state.name, *many] if part.name in {"@", "*"} else many
        begin = start if start >= 0 else max(len(source) + start, 0)
        many = source[begin:] if length is None else source[begin : begin + length]
    elif operation:
        many = [_transform(shell, part, item) for item in many]
    if star and quoted:
        separators = shell.state.get("IFS")
        return (" " if separators is None else separators[:1]).join(many)
    return many


def _default(shell: Interpreter, part: Parameter, value: str | None) -> str | Word:
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


def _slice(shell: Interpreter, part: Parameter) -> tuple[int, int | None]:
    start = shell.arithmetic(shell.expand_text(part.operand or Word(())))
    if part.second is None:
        return start, None
    return start, shell.arithmetic(shell.expand_text(part.second))


def _transform(shell: Interpreter, part: Parameter, value: str) -> str:
    operation = part.operation
    if operation in {"#", "##", "%", "%%"}:
        return _trim(shell, part, value)
    if operation.startswith("/"):
        return _replace(shell, part, value)
    if operation == ":":
        start, length = _slice(shell, part)
        begin = start if start >= 0 else max(len(value) + start, 0)
        if length is None:
            return value[begin:]
        end = begin + length if length >= 0 else len(value) + length
        return value[begin:end]
    if operation in {"^", "^^", ",", ",,"}:
        return _change_case(shell, part, value)
    operand = shell.expand_text(part.operand or Word(()))
    if operation == "@" and operand in {"Q", "U", "L", "u"}:
        return {
            "Q": quote(value, always=True),
            "U": value.upper(),
            "L": value.lower(),
            "u": value[:1].upper() + value[1:],
        }[operand]
    raise ExpansionError(f"${{{part.name}{operation}{operand}}}: bad substitution")


def _change_case(shell: Interpreter, part: Parameter, value: str) -> str:
    change = str.upper if part.operation[0] == "^" else str.lower
    segments = shell.expand_pattern(part.operand or Word(()))
    wanted = re.compile(pattern(segments) or ".", re.DOTALL)
    count = len(value) if len(part.operation) == 2 else 1
    return "".join(
        change(char) if at < count and wanted.fullmatch(char) else char
        for at, char in enumerate(value)
    )


def _trim(shell: Interpreter, part: Parameter, value: str) -> str:
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


def _replace(shell: Interpreter, part: Parameter, value: str) -> str:
    segments = shell.expand_pattern(part.operand or Word(()))
    wanted = pattern(segments)
    if not wanted:
        return value
    shell.machine.spend(len(value) ** min(stars(segments) + 1, 4) // _TRIES_A_STEP)
    new = shell.expand_text(part.second) if part.second is not None else ""
    if part.operation == "/#":
        wanted = rf"\A(?:{wanted})"
    elif part.operation == "/%":
        wanted = rf"(?:{wanted})\Z"
    count = 0 if part.operation == "//" else 1
    return re.sub(wanted, lambda _: new, value, count=count, flags=re.DOTALL)


_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NAMED = {
    "\n": "\\n",
    "\t": "\\t",
    "\r": "\\r",
    "\a": "\\a",
    "\b": "\\b",
    "\x1b": "\\E",
    "\f": "\\f",
    "\v": "\\v",
}


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    return _NAMED.get(char) or f"\\{ord(char):03o}"


def quote(text: str, *, always: bool = False) -> str:
    """Text as bash would take it back, in single quotes where it needs them (or ``always``)."""
    if text and not always and re.fullmatch(r"[\w@%+=:,./-]+", text):
        return text
    if _CONTROL.search(text):
        escaped = text.replace("\\", "\\\\").replace("'", "\\'")
        return "$'" + _CONTROL.sub(_escape, escaped) + "'"
    return "'" + text.replace("'", "'\\''") + "'"


def escape(text: str) -> str:
    """Text as ``printf %q`` writes it: with backslashes, or in ``$'…'`` where it has control characters."""
    if not text or _CONTROL.search(text):
        return quote(text)
    return re.sub(
        r"""([ !"#$&'()*,;<>?\[\\\]^`{|}])|(^~)""", lambda match: "\\" + match.group(), text
    )
