"""Builtins that change the shell's state: options, variables, aliases, and history."""

from __future__ import annotations

import re

from ..files import FileError
from .builtin import builtin, declaration, not_emulated
from .shell import Shell
from .state import ShellState, Variable
from .syntax import Assignment

_LETTERS = {"e": "errexit", "u": "nounset"}
_OPTIONS = frozenset({*_LETTERS.values(), "pipefail"})
_SHOPT = frozenset({"checkwinsize", "cmdhist", "histappend", "login_shell"})
_NAME = re.compile(r"[A-Za-z_]\w*")


@builtin("set")
def set_(shell: Shell, arguments: list[str]) -> int:
    words = list(arguments)
    while words:
        word = words.pop(0)
        if word == "--":
            shell.state.positional = words
            return 0
        option = words.pop(0) if word[1:] == "o" and words else None
        names = [option] if option else [_LETTERS.get(letter, "") for letter in word[1:]]
        if word[:1] not in {"-", "+"} or not names or set(names) - _OPTIONS:
            return not_emulated(shell, "set", word if option is None else f"{word} {option}")
        for name in names:
            if word[0] == "-":
                shell.state.options.add(name)
            else:
                shell.state.options.discard(name)
    return 0


def set_options(state: ShellState, letters: str) -> None:
    """Set options by their letters."""
    state.options |= {_LETTERS[letter] for letter in letters}


@builtin("shopt")
def shopt(shell: Shell, arguments: list[str]) -> int:
    option, *names = arguments or [""]
    unknown = [name for name in names if name not in _SHOPT]
    if unknown or option not in {"-s", "-u", "-q"}:
        return not_emulated(shell, "shopt", " ".join(unknown) or option or "listing options")
    if option == "-q":
        return int(any(name not in shell.state.shopt for name in names))
    change = shell.state.shopt.add if option == "-s" else shell.state.shopt.discard
    for name in names:
        change(name)
    return 0


@builtin("unset")
def unset(shell: Shell, arguments: list[str]) -> int:
    if any(_NAME.fullmatch(name) is None for name in arguments):
        return not_emulated(shell, "unset", "options")
    for name in arguments:
        if name in shell.state.variables:
            del shell.state.variables[name]
        else:
            shell.state.functions.pop(name, None)
    return 0


@declaration("export")
def export(shell: Shell, words: list[str], declared: list[Assignment]) -> int:
    return _declare(shell, "export", words, declared, exported=True)


@declaration("local")
def local(shell: Shell, words: list[str], declared: list[Assignment]) -> int:
    if not shell.locals:
        shell.complain("local: can only be used in a function")
        return 1
    scope = shell.locals[-1]
    for name in [*words, *(assignment.name for assignment in declared)]:
        if name not in scope:
            old = shell.state.variables.pop(name, None)
            scope[name] = old
            shell.state.variables[name] = Variable(exported=old is not None and old.exported)
    return _declare(shell, "local", words, declared, exported=False)


def _declare(
    shell: Shell, command: str, words: list[str], declared: list[Assignment], *, exported: bool
) -> int:
    wrong = [word for word in words if _NAME.fullmatch(word) is None]
    if wrong or not (words or declared):
        return not_emulated(shell, command, wrong[0] if wrong else "listing variables")
    for assignment in declared:
        shell.assign_word(assignment)
    for name in [*words, *(assignment.name for assignment in declared)]:
        variable = shell.state.variables.setdefault(name, Variable())
        variable.exported = variable.exported or exported
    return 0


@builtin("alias")
def alias(shell: Shell, arguments: list[str]) -> int:
    for word in arguments or [""]:
        name, sign, value = word.partition("=")
        if not sign:
            return not_emulated(shell, "alias", word or "listing aliases")
        shell.state.aliases[name] = value
    return 0


@builtin("umask")
def umask(shell: Shell, arguments: list[str]) -> int:
    if len(arguments) != 1 or not re.fullmatch(r"[0-7]{1,4}", arguments[0]):
        return not_emulated(shell, "umask", "arguments other than an octal mode")
    shell.state.umask = int(arguments[0], 8)
    return 0


@builtin("history")
def history(shell: Shell, arguments: list[str]) -> int:
    """List the latest lines. ``-a`` writes the history file, and ``-c`` clears the history."""
    state = shell.state
    count = len(state.history)
    match arguments:
        case ["-a"]:
            return _write_history(shell)
        case ["-c"]:
            state.history_base += count
            state.history.clear()
            return 0
        case []:
            pass
        case [number] if number.isdigit():
            count = min(int(number), count)
        case _:
            return not_emulated(shell, "history", " ".join(arguments))
    first = state.history_base + len(state.history) - count
    stamp = state.get("HISTTIMEFORMAT")
    prefix = shell.machine.now.strftime(stamp) if stamp else ""
    for place, line in enumerate(state.history[len(state.history) - count :], first):
        shell.out(f"{place:>5}  {prefix}{line}\n")
    return 0


def _write_history(shell: Shell) -> int:
    path = shell.state.get("HISTFILE")
    if not path:
        return 0
    text = "".join(line + "\n" for line in shell.state.history)
    try:
        shell.machine.files.write(path, text, shell.machine.now, "/", shell.identity, mode=0o600)
    except FileError as error:
        shell.complain(f"history: {path}: {error}")
        return 1
    return 0
