"""Builtins for control flow."""

from __future__ import annotations

from .builtin import builtin, not_emulated
from .conditions import ConditionError
from .conditions import test as evaluate_test
from .control_flow import Break, Exit, Return
from .redirection import RedirectError
from .shell import Shell

_SIGNALS = {"0": "EXIT", "1": "HUP", "2": "INT", "15": "TERM"}
_TRAPS = frozenset({"EXIT", "DEBUG", "HUP", "INT", "TERM"})


@builtin(":", "true")
def true(_shell: Shell, _arguments: list[str]) -> int:
    return 0


@builtin("false")
def false(_shell: Shell, _arguments: list[str]) -> int:
    return 1


@builtin("exit", "logout")
def exit_(shell: Shell, arguments: list[str]) -> int:
    raise Exit(_number(shell, "exit", arguments, shell.state.status) & 0xFF)


@builtin("return")
def return_(shell: Shell, arguments: list[str]) -> int:
    raise Return(_number(shell, "return", arguments, shell.state.status) & 0xFF)


@builtin("break")
def break_(shell: Shell, arguments: list[str]) -> int:
    raise Break(max(1, _number(shell, "break", arguments, 1)), again=False)


@builtin("continue")
def continue_(shell: Shell, arguments: list[str]) -> int:
    raise Break(max(1, _number(shell, "continue", arguments, 1)), again=True)


def _number(shell: Shell, name: str, arguments: list[str], default: int) -> int:
    if not arguments:
        return default
    try:
        return int(arguments[0])
    except ValueError:
        shell.complain(f"{name}: {arguments[0]}: numeric argument required")
        return 2


@builtin("[")
def bracket(shell: Shell, arguments: list[str]) -> int:
    if arguments[-1:] != ["]"]:
        shell.complain("[: missing `]'")
        return 2
    try:
        return int(not evaluate_test(shell, arguments[:-1]))
    except ConditionError as error:
        shell.complain(f"[: {error}")
        return 2


@builtin(".", "source")
def source(shell: Shell, arguments: list[str]) -> int:
    if len(arguments) != 1 or "/" not in arguments[0]:
        return not_emulated(shell, "source", "arguments other than the path of one file")
    try:
        text = shell.open(arguments[0], "r").read()
    except RedirectError as error:
        shell.complain(str(error))
        return 1
    shell.state.status = 0
    try:
        return shell.run_text(text)
    except Return as left:
        return left.status


@builtin("trap")
def trap(shell: Shell, arguments: list[str]) -> int:
    """Set traps. Only ``EXIT`` and ``DEBUG`` ever run, because a guest's shell never receives signals."""
    if len(arguments) < 2:
        return not_emulated(shell, "trap", "arguments other than an action and signals")
    action, *signals = arguments
    for signal in signals:
        name = _SIGNALS.get(signal, signal.upper().removeprefix("SIG"))
        if name not in _TRAPS:
            return not_emulated(shell, "trap", signal)
        if action == "-":
            shell.state.traps.pop(name, None)
        else:
            shell.state.traps[name] = action
    return 0
