"""The registry of builtins; each file beside it that begins with ``builtin_`` holds some.

Source: Bash reference manual, "Shell Builtin Commands".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .interpreter import Interpreter
    from .syntax import Assignment

Builtin = Callable[["Interpreter", list[str]], int]

BUILTINS: dict[str, Builtin | DeclarationBuiltin] = {}
SPECIAL = {
    ".",
    ":",
    "break",
    "continue",
    "eval",
    "exec",
    "exit",
    "export",
    "readonly",
    "return",
    "set",
    "shift",
    "times",
    "trap",
    "unset",
}


class DeclarationBuiltin:
    """A builtin whose arguments may be assignments (``export``, ``local`` …)."""

    def __init__(self, function: Callable[[Interpreter, list[str], list[Assignment]], int]) -> None:
        self.function = function

    def __call__(self, shell: Interpreter, arguments: list[str], declared: list[Assignment]) -> int:
        return self.function(shell, arguments, declared)


def builtin(*names: str) -> Callable[[Builtin], Builtin]:
    """Register ``function(shell, arguments) -> status`` under these names."""

    def register(function: Builtin) -> Builtin:
        for name in names:
            BUILTINS[name] = function
        return function

    return register


def options_of(arguments: list[str], known: str) -> tuple[set[str], list[str]]:
    """The one-letter options at the beginning, and the rest."""
    found: set[str] = set()
    at = 0
    while at < len(arguments):
        word = arguments[at]
        if word == "--":
            at += 1
            break
        if len(word) < 2 or word[0] != "-" or any(letter not in known for letter in word[1:]):
            break
        found.update(word[1:])
        at += 1
    return found, arguments[at:]
