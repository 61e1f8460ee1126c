"""``printf`` and the escapes of ``echo -e``.

Source: Bash reference manual, "Bash Builtins" (printf, echo).
"""

from __future__ import annotations

import re

from .quoting import decode_escape, escape

_ESCAPE = re.compile(
    r"\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|0[0-7]{0,3}|[1-7][0-7]{0,2}|.)", re.DOTALL
)
_SPEC = re.compile(r"%(?:%|([-+ #0]*)(\d+)?(?:\.(\d+))?(.))")
_MAX_WIDTH = 100000


class PrintfError(Exception):
    """An argument isn't a number. ``text`` is the output nevertheless."""

    def __init__(self, message: str, text: str = "") -> None:
        super().__init__(message)
        self.text = text


def interpret_escapes(text: str) -> tuple[str, bool]:
    r"""The text that ``echo -e`` writes, and whether ``\c`` ended it."""
    stop = re.search(r"(?<!\\)(?:\\\\)*\\c", text)
    stopped = stop is not None
    if stop is not None:
        text = text[: stop.end() - 2]
    return _ESCAPE.sub(lambda match: decode_escape(match.group(1)), text), stopped


def format_text(form: str, arguments: list[str]) -> str:
    """The output of ``printf``, which reuses the format while arguments are left."""
    made: list[str] = []
    left = list(arguments)
    problems: list[str] = []
    while True:
        before = len(left)
        made.append(_once(form, left, problems))
        if not left or len(left) == before:
            break
    text = "".join(made)
    if problems:
        raise PrintfError(problems[0], text)
    return text


def _once(form: str, left: list[str], problems: list[str]) -> str:
    made: list[str] = []
    at = 0
    for match in _SPEC.finditer(form):
        made.append(interpret_escapes(form[at : match.start()])[0])
        at = match.end()
        if match.group() == "%%":
            made.append("%")
            continue
        flags, width, precision, kind = match.groups()
        if min(int(width or 0), _MAX_WIDTH) != int(width or 0):
            raise PrintfError(f"{width}: field width too large")
        argument = left.pop(0) if left else ""
        made.append(_convert(flags or "", width, precision, kind, argument, problems))
    made.append(interpret_escapes(form[at:])[0])
    return "".join(made)


def _convert(
    flags: str, width: str | None, precision: str | None, kind: str, argument: str,
    problems: list[str],
) -> str:  # fmt: skip
    spec = "%" + flags + (width or "") + (f".{precision}" if precision else "")
    if kind == "s":
        return (spec + "s") % argument
    if kind == "b":
        return (spec + "s") % interpret_escapes(argument)[0]
    if kind == "q":
        return (spec + "s") % escape(argument)
    if kind == "c":
        return (spec + "s") % argument[:1]
    if kind in "diouxX":
        return (spec + ("d" if kind in "iu" else kind)) % _integer(argument, problems)
    raise PrintfError(f"pocketaws doesn't emulate the format `{kind}'")


def _integer(argument: str, problems: list[str]) -> int:
    if argument[:1] in {'"', "'"} and len(argument) > 1:
        return ord(argument[1])
    try:
        octal = re.fullmatch(r"\s*[-+]?0[0-7]+", argument)
        return int(argument or "0", 8 if octal else 0)
    except ValueError:
        problems.append(f"{argument}: invalid number")
        digits = re.match(r"\s*-?\d+", argument)
        return int(digits.group()) if digits else 0
