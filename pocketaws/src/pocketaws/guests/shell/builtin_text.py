"""Builtins that print text, and ``cd``."""

from __future__ import annotations

import posixpath
import re

from ..files import FileError
from .builtin import builtin, not_emulated
from .printf import PrintfError, format_text, interpret_escapes
from .shell import Shell


@builtin("echo")
def echo(shell: Shell, arguments: list[str]) -> int:
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
def printf(shell: Shell, arguments: list[str]) -> int:
    if arguments[:1] == ["--"]:
        arguments = arguments[1:]
    if not arguments or arguments[0].startswith("-"):
        return not_emulated(shell, "printf", "options")
    try:
        shell.out(format_text(arguments[0], arguments[1:]))
    except PrintfError as error:
        shell.complain(f"printf: {error}")
        shell.out(error.text)
        return 1
    return 0


@builtin("pwd")
def pwd(shell: Shell, _arguments: list[str]) -> int:
    shell.out(shell.state.cwd + "\n")
    return 0


@builtin("cd")
def cd(shell: Shell, arguments: list[str]) -> int:
    if len(arguments) > 1:
        return not_emulated(shell, "cd", " ".join(arguments))
    target = arguments[0] if arguments else (shell.state.get("HOME") or "/")
    if target == "-":
        target = shell.state.get("OLDPWD") or "."
        shell.out(target + "\n")
    files = shell.machine.files
    try:
        path = "/" + posixpath.normpath(posixpath.join(shell.state.cwd, target)).lstrip("/")
        files.require_directory(path, shell.identity)
    except FileError as error:
        shell.complain(f"cd: {target}: {error}")
        return 1
    shell.state.set("OLDPWD", shell.state.cwd)
    shell.state.cwd = path
    shell.state.set("PWD", path, export=True)
    return 0
