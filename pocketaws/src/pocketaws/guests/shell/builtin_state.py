"""Builtins that change what a shell remembers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .builtin import BUILTINS, DeclarationBuiltin, builtin, options_of
from .parameters import ExpansionError, quote
from .state import Variable

if TYPE_CHECKING:
    from .interpreter import Interpreter
    from .syntax import Assignment

_LONG = {
    "a": "allexport", "e": "errexit", "f": "noglob", "n": "noexec", "u": "nounset", "v": "verbose",
    "x": "xtrace", "C": "noclobber", "E": "errtrace", "T": "functrace", "b": "notify", "h": "hashall",
    "m": "monitor", "B": "braceexpand", "H": "histexpand", "P": "physical",
}  # fmt: skip
_OTHER = {"pipefail", "posix", "history", "ignoreeof", "emacs", "vi"}
_NAME = re.compile(r"[A-Za-z_]\w*")
_RLIMITS = {"n": "1024", "u": "3748", "c": "0", "f": "unlimited", "v": "unlimited"}


@builtin("set")
def set_(shell: Interpreter, arguments: list[str]) -> int:
    if not arguments:
        for name in sorted(shell.state.variables):
            shell.out(f"{name}={quote(shell.state.get(name) or '')}\n")
        return 0
    at = 0
    while at < len(arguments):
        word = arguments[at]
        if word in {"--", "-"}:
            shell.state.positional = arguments[at + 1 :]
            return 0
        if len(word) < 2 or word[0] not in "-+":
            shell.state.positional = arguments[at:]
            return 0
        at += 1
        for letter in word[1:]:
            option = _LONG.get(letter)
            if letter == "o":
                option = arguments[at] if at < len(arguments) else None
                at += 1
                if option is None:
                    _show_options(shell)
                    return 0
            if option is None or option not in {*_LONG.values(), *_OTHER}:
                shell.complain(f"set: {word}: invalid option")
                return 2
            change = shell.state.options.add if word[0] == "-" else shell.state.options.discard
            change(option)
    return 0


def _show_options(shell: Interpreter) -> None:
    for option in sorted({*_LONG.values(), *_OTHER}):
        shell.out(f"{option:<15}\t{'on' if option in shell.state.options else 'off'}\n")


@builtin("shopt")
def shopt(shell: Interpreter, arguments: list[str]) -> int:
    options, names = options_of(arguments, "suqpo")
    for name in names:
        if "s" in options:
            shell.state.shopt.add(name)
        elif "u" in options:
            shell.state.shopt.discard(name)
    if options & {"s", "u"}:
        return 0
    if "q" not in options:
        for name in names or sorted(shell.state.shopt):
            shell.out(f"{name:<15}\t{'on' if name in shell.state.shopt else 'off'}\n")
    return int(any(name not in shell.state.shopt for name in names))


@builtin("shift")
def shift(shell: Interpreter, arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments and arguments[0].isdigit() else 1
    if count > len(shell.state.positional):
        return 1
    del shell.state.positional[:count]
    return 0


@builtin("unset")
def unset(shell: Interpreter, arguments: list[str]) -> int:
    options, names = options_of(arguments, "fvn")
    for name in names:
        base, _, index = name.partition("[")
        variable = shell.state.variables.get(base)
        if variable is not None and variable.readonly:
            shell.complain(f"unset: {name}: cannot unset: readonly variable")
            return 1
        if index and variable is not None and variable.items is not None:
            variable.items.pop(index.rstrip("]"), None)
        elif "f" not in options and variable is not None:
            del shell.state.variables[name]
        else:
            shell.state.functions.pop(name, None)
    return 0


@DeclarationBuiltin
def export(shell: Interpreter, arguments: list[str], declared: list[Assignment]) -> int:
    options, words = options_of(arguments, "fnp")
    if not words and not declared:
        for name, value in sorted(shell.state.environment().items()):
            shell.out(f'declare -x {name}="{value}"\n')
        return 0
    names = _assign_all(shell, words, declared, "export")
    for name in names or ():
        shell.state.variables.setdefault(name, Variable()).exported = "n" not in options
    return int(names is None)


@DeclarationBuiltin
def readonly(shell: Interpreter, arguments: list[str], declared: list[Assignment]) -> int:
    _, words = options_of(arguments, "aAfp")
    names = _assign_all(shell, words, declared, "readonly")
    for name in names or ():
        shell.state.variables.setdefault(name, Variable()).readonly = True
    return int(names is None)


@DeclarationBuiltin
def local(shell: Interpreter, arguments: list[str], declared: list[Assignment]) -> int:
    if not shell.locals:
        shell.complain("local: can only be used in a function")
        return 1
    return _declare(shell, arguments, declared, local_scope=True)


@DeclarationBuiltin
def declare(shell: Interpreter, arguments: list[str], declared: list[Assignment]) -> int:
    scope = bool(shell.locals) and not any(
        "g" in word for word in arguments if word.startswith("-")
    )
    return _declare(shell, arguments, declared, local_scope=scope)


def _declare(
    shell: Interpreter, arguments: list[str], declared: list[Assignment], *, local_scope: bool
) -> int:
    options, words = options_of(arguments, "aAfFgilnprtux")
    if options & {"f", "F"}:
        return _show_functions(shell, words, names_only="F" in options)
    if (not words and not declared) or "p" in options:
        for name in words or sorted(shell.state.variables):
            shell.out(f'declare -- {name}="{shell.state.get(name) or ""}"\n')
        return 0
    for name in [word.partition("=")[0] for word in words] + [a.name for a in declared]:
        if local_scope and name not in shell.locals[-1]:
            old = shell.state.variables.pop(name, None)
            shell.locals[-1][name] = old
            shell.state.variables[name] = Variable(exported=old is not None and old.exported)
        variable = shell.state.variables.setdefault(name, Variable())
        variable.integer = variable.integer or "i" in options
        if options & {"a", "A"} and variable.items is None:
            variable.items, variable.associative = {}, "A" in options
    names = _assign_all(shell, words, declared, "declare")
    for name in names or ():
        variable = shell.state.variables.setdefault(name, Variable())
        variable.exported = variable.exported or "x" in options
        variable.readonly = variable.readonly or "r" in options
    return int(names is None)


def _show_functions(shell: Interpreter, words: list[str], *, names_only: bool) -> int:
    for name in words or sorted(shell.state.functions):
        if name not in shell.state.functions:
            return 1
        text = f"declare -f {name}" if names_only else shell.state.function_sources[name]
        shell.out(f"{text}\n")
    return 0


def _assign_all(
    shell: Interpreter, words: list[str], declared: list[Assignment], command: str
) -> list[str] | None:
    from .launch import assign  # noqa: PLC0415 - which calls builtins

    names: list[str] = []
    try:
        for word in words:
            name, sign, value = word.partition("=")
            if not _NAME.fullmatch(name.split("[")[0]):
                shell.complain(f"{command}: `{word}': not a valid identifier")
                return None
            if sign:
                shell.assign(name, value)
            names.append(name)
        for assignment in declared:
            assign(shell, assignment)
            names.append(assignment.name)
    except ExpansionError as error:
        shell.complain(str(error))
        return None
    return names


BUILTINS.update(
    {"export": export, "readonly": readonly, "local": local, "declare": declare, "typeset": declare}
)


@builtin("alias")
def alias(shell: Interpreter, arguments: list[str]) -> int:
    status = 0
    for word in arguments or [f"{name}" for name in sorted(shell.state.aliases)]:
        name, sign, value = word.partition("=")
        if sign:
            shell.state.aliases[name] = value
        elif name in shell.state.aliases:
            shell.out(f"alias {name}={quote(shell.state.aliases[name], always=True)}\n")
        else:
            shell.complain(f"alias: {name}: not found")
            status = 1
    return status


@builtin("unalias")
def unalias(shell: Interpreter, arguments: list[str]) -> int:
    if arguments == ["-a"]:
        shell.state.aliases.clear()
        return 0
    missing = [name for name in arguments if shell.state.aliases.pop(name, None) is None]
    for name in missing:
        shell.complain(f"unalias: {name}: not found")
    return int(bool(missing))


@builtin("umask")
def umask(shell: Interpreter, arguments: list[str]) -> int:
    _, rest = options_of(arguments, "Sp")
    if not rest:
        shell.out(f"{shell.state.umask:04o}\n")
        return 0
    if not re.fullmatch(r"[0-7]{1,4}", rest[0]):
        shell.complain(f"umask: {rest[0]}: octal number out of range")
        return 1
    shell.state.umask = int(rest[0], 8)
    return 0


@builtin("ulimit")
def ulimit(shell: Interpreter, arguments: list[str]) -> int:
    if len(arguments) <= 1:
        shell.out(_RLIMITS.get(arguments[0][-1] if arguments else "f", "unlimited") + "\n")
    return 0


@builtin("times")
def times(shell: Interpreter, _arguments: list[str]) -> int:
    shell.out("0m0.010s 0m0.005s\n0m0.000s 0m0.000s\n")
    return 0


@builtin("history")
def history(shell: Interpreter, arguments: list[str]) -> int:  # noqa: PLR0911 - one branch for each kind
    state = shell.state
    options, rest = options_of(arguments, "cawrnps")
    if "c" in options:
        state.history_base += len(state.history)
        state.history.clear()
        return 0
    if arguments[:1] == ["-d"] and len(arguments) > 1:
        number = int(arguments[1]) if arguments[1].isdigit() else -1
        if not state.history_base <= number < state.history_base + len(state.history):
            shell.complain(f"history: {arguments[1]}: history position out of range")
            return 1
        del state.history[number - state.history_base]
        return 0
    if options & {"s"}:
        state.history.append(" ".join(rest))
        return 0
    if options:
        return shell.machine.history_file(shell, options)
    count = len(state.history)
    if rest:
        if not rest[0].isdigit():
            shell.complain(f"history: {rest[0]}: numeric argument required")
            return 1
        count = min(int(rest[0]), count)
    first = state.history_base + len(state.history) - count
    stamp = state.get("HISTTIMEFORMAT")
    prefix = shell.machine.now.strftime(stamp) if stamp else ""
    for number, line in enumerate(state.history[len(state.history) - count :], first):
        shell.out(f"{number:>5}  {prefix}{line}\n")
    return 0
