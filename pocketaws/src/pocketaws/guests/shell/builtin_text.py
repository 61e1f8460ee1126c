"""Builtins that read and write."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from ..files import FileError
from .builtin import builtin, options_of
from .printf import PrintfError, format_text, interpret_escapes

if TYPE_CHECKING:
    from .interpreter import Interpreter
    from .streams import Stream


@builtin("echo")
def echo(shell: Interpreter, arguments: list[str]) -> int:
    at = 0
    newline, escapes = True, False
    while at < len(arguments) and re.fullmatch(r"-[neE]+", arguments[at]):
        newline = newline and "n" not in arguments[at]
        escapes = ("e" in arguments[at]) or (escapes and "E" not in arguments[at])
        at += 1
    text = " ".join(arguments[at:])
    if escapes:
        text, stopped = interpret_escapes(text)
        newline = newline and not stopped
    shell.out(text + ("\n" if newline else ""))
    return 0


@builtin("printf")
def printf(shell: Interpreter, arguments: list[str]) -> int:
    target = None
    if arguments[:1] == ["-v"] and len(arguments) > 2:
        target, arguments = arguments[1], arguments[2:]
    if arguments[:1] == ["--"]:
        arguments = arguments[1:]
    if not arguments:
        shell.complain("printf: usage: printf [-v var] format [arguments]")
        return 2
    status = 0
    try:
        text = format_text(arguments[0], arguments[1:], shell.machine.now)
    except PrintfError as error:
        shell.complain(f"printf: {error}")
        text, status = error.text, 1
    if target is not None:
        shell.assign(target, text)
    else:
        shell.out(text)
    return status


@builtin("read")
def read(shell: Interpreter, arguments: list[str]) -> int:  # noqa: C901 - one branch for each kind
    raw, delimiter, array, count, names = False, "\n", None, None, list[str]()
    source = shell.streams.get(0)
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-") or word == "-":
            names = [word, *rest]
            break
        letters = word[1:]
        for at, letter in enumerate(letters):
            if letter in "derstinpNau":
                if letter in "er":
                    raw = raw or letter == "r"
                    continue
                if letter == "s":
                    continue
                value = letters[at + 1 :] or (rest.pop(0) if rest else "")
                if letter == "d":
                    delimiter = value[:1] or "\0"
                elif letter == "a":
                    array = value
                elif letter in "nN" and value.isdigit():
                    count = int(value)
                elif letter == "u" and value.isdigit():
                    source = shell.streams.get(int(value))
                break
    line, complete = _line(source, delimiter, raw=raw, count=count)
    _assign_fields(shell, line, names, array)
    return 0 if complete else 1


def _line(
    stream: Stream | None, delimiter: str, *, raw: bool, count: int | None
) -> tuple[str, bool]:
    if stream is None:
        return "", False
    if delimiter != "\n" or count is not None:
        text = stream.read()
        if count is not None:
            return text[:count], len(text) >= count
        line, sign, _rest = text.partition(delimiter)
        return line, bool(sign)
    line = stream.read_line()
    while not raw and line.endswith("\\\n"):
        more = stream.read_line()
        line = line[:-2] + more
        if not more:
            break
    complete = line.endswith("\n")
    line = line.removesuffix("\n")
    return (line if raw else re.sub(r"\\(.)", r"\1", line)), complete


def _assign_fields(shell: Interpreter, line: str, names: list[str], array: str | None) -> None:
    separators = shell.state.get("IFS")
    separators = " \t\n" if separators is None else separators
    blanks = "".join(c for c in separators if c in " \t\n")
    if not names and array is None:
        shell.assign("REPLY", line)
        return
    if array is not None:
        fields = _split(line, separators, blanks, 0)
        shell.set_items(array, {str(n): value for n, value in enumerate(fields)})
        return
    fields = _split(line, separators, blanks, len(names))
    for number, name in enumerate(names):
        shell.assign(name, fields[number] if number < len(fields) else "")


def _split(line: str, separators: str, blanks: str, limit: int) -> list[str]:
    rest = line.strip(blanks) if blanks else line
    if not separators:
        return [rest]
    fields: list[str] = []
    hard = "".join(c for c in separators if c not in blanks)
    cut = re.compile(
        f"[{re.escape(blanks)}]*[{re.escape(hard)}][{re.escape(blanks)}]*|[{re.escape(blanks)}]+"
        if hard and blanks
        else f"[{re.escape(hard)}]"
        if hard
        else f"[{re.escape(blanks)}]+"
    )
    while rest and (limit == 0 or len(fields) < limit - 1):
        match = cut.search(rest)
        if match is None:
            break
        fields.append(rest[: match.start()])
        rest = rest[match.end() :]
    if rest:
        fields.append(rest)
    return fields


@builtin("mapfile", "readarray")
def mapfile(shell: Interpreter, arguments: list[str]) -> int:
    options, rest = options_of(arguments, "t")
    stream = shell.streams.get(0)
    lines = (stream.read() if stream is not None else "").splitlines(keepends=True)
    strip = "t" in options
    items = {str(n): line.removesuffix("\n") if strip else line for n, line in enumerate(lines)}
    shell.set_items(rest[0] if rest else "MAPFILE", items)
    return 0


@builtin("pwd")
def pwd(shell: Interpreter, _arguments: list[str]) -> int:
    shell.out(shell.state.cwd + "\n")
    return 0


@builtin("cd")
def cd(shell: Interpreter, arguments: list[str]) -> int:
    _, rest = options_of(arguments, "LPe@")
    target = rest[0] if rest else (shell.state.get("HOME") or "/")
    if target == "-":
        target = shell.state.get("OLDPWD") or "."
        shell.out(target + "\n")
    files = shell.machine.files
    try:
        path = "/" + posixpath.normpath(posixpath.join(shell.state.cwd, target)).lstrip("/")
        files.need_directory(path, shell.identity)
    except FileError as error:
        shell.complain(f"cd: {target}: {error}")
        return 1
    shell.state.set("OLDPWD", shell.state.cwd)
    shell.state.cwd = path
    shell.state.set("PWD", path, export=True)
    return 0


@builtin("getopts")
def getopts(shell: Interpreter, arguments: list[str]) -> int:
    if len(arguments) < 2:
        shell.complain("getopts: usage: getopts optstring name [arg ...]")
        return 2
    letters, name = arguments[0], arguments[1]
    words = arguments[2:] or shell.state.positional
    index = int(shell.state.get("OPTIND") or "1")
    offset = shell.state.getopts_at
    if index > len(words) or not re.match(r"-[^-]", words[index - 1]):
        shell.assign(name, "?")
        return 1
    word = words[index - 1]
    letter = word[offset]
    if letter not in letters or letter == ":":
        shell.complain(f"getopts: illegal option -- {letter}")
        shell.assign(name, "?")
    elif letters[letters.index(letter) + 1 :][:1] == ":":
        value = word[offset + 1 :] or (words[index] if index < len(words) else "")
        shell.assign("OPTARG", value)
        index += 1 if word[offset + 1 :] else 2
        shell.assign(name, letter)
        shell.assign("OPTIND", str(index))
        shell.state.getopts_at = 1
        return 0
    else:
        shell.assign(name, letter)
    if offset + 1 < len(word):
        shell.state.getopts_at = offset + 1
    else:
        shell.state.getopts_at = 1
        shell.assign("OPTIND", str(index + 1))
    return 0
