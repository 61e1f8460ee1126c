"""Builtins that are programs as well, for ``xargs``, ``find`` and ``sudo``.

Source: Bash reference manual, "Shell Builtin Commands".
"""

from __future__ import annotations

from ..shell.builtin import BUILTINS, DeclarationBuiltin
from .registry import Run, program


@program("echo", "printf", "test", "[", "true", "false", "pwd", "kill")
def as_program(run: Run) -> int:
    """What the builtin of the same name does."""
    function = BUILTINS[run.name]
    if isinstance(function, DeclarationBuiltin):
        raise TypeError(f"{run.name} takes assignments")
    return function(run.shell, run.arguments)
