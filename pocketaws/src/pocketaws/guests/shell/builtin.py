"""The registry of builtins; each ``builtin_*`` module in this folder registers some.

Source: Bash reference manual, "Shell Builtin Commands".
"""

from __future__ import annotations

from collections.abc import Callable

from .shell import Shell
from .syntax import Assignment

Builtin = Callable[[Shell, list[str]], int]
Declaration = Callable[[Shell, list[str], list[Assignment]], int]

BUILTINS: dict[str, Builtin] = {}
DECLARATIONS: dict[str, Declaration] = {}
"""Builtins whose arguments can be assignments."""


def builtin(*names: str) -> Callable[[Builtin], Builtin]:
    """Register ``function(shell, arguments) -> status`` under these names."""

    def register(function: Builtin) -> Builtin:
        for name in names:
            BUILTINS[name] = function
        return function

    return register


def declaration(name: str) -> Callable[[Declaration], Declaration]:
    """Register ``function(shell, words, assignments) -> status`` under this name."""

    def register(function: Declaration) -> Declaration:
        DECLARATIONS[name] = function
        return function

    return register


def not_emulated(shell: Shell, command: str, what: str) -> int:
    """Report an option or an argument that this shell doesn't emulate."""
    shell.complain(f"{command}: pocketaws doesn't emulate {what}")
    return 2
