"""A shell's state as plain values. An interactive shell outlives the transaction."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace

from .streams import Capture, Stream
from .syntax import Command


@dataclass(slots=True)
class Variable:
    """A shell variable."""

    value: str | None = None
    exported: bool = False


@dataclass
class ShellState:
    """One shell's variables, functions and options."""

    user: str
    cwd: str = "/"
    name: str = "bash"
    pid: int = 0
    positional: list[str] = field(default_factory=list)
    variables: dict[str, Variable] = field(default_factory=dict)
    functions: dict[str, Command] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    options: set[str] = field(default_factory=set)
    """``errexit``, ``nounset``, ``pipefail``, ``history``."""
    shopt: set[str] = field(default_factory=set)
    traps: dict[str, str] = field(default_factory=dict)
    history: list[str] = field(default_factory=list)
    history_base: int = 1
    """The number of the first line in ``history``."""
    status: int = 0
    umask: int = 0o022
    interactive: bool = False
    login: bool = False
    streams: dict[int, Stream] = field(default_factory=dict)

    def get(self, name: str) -> str | None:
        """A variable's value."""
        variable = self.variables.get(name)
        return None if variable is None else variable.value

    def set(self, name: str, value: str, *, export: bool = False) -> None:
        """Set a variable."""
        variable = self.variables.setdefault(name, Variable())
        variable.value = value
        variable.exported = variable.exported or export

    def environment(self) -> dict[str, str]:
        """The exported variables."""
        return {
            name: variable.value
            for name, variable in self.variables.items()
            if variable.exported and variable.value is not None
        }

    def fork(self) -> ShellState:
        """A copy for a subshell."""
        made = copy.copy(self)
        made.variables = {name: replace(variable) for name, variable in self.variables.items()}
        for name in ("functions", "aliases", "streams"):
            setattr(made, name, dict(getattr(self, name)))
        for name in ("options", "shopt"):
            setattr(made, name, set(getattr(self, name)))
        made.positional = list(self.positional)
        made.history = list(self.history)
        made.traps = {signal: action for signal, action in self.traps.items() if action == ""}
        return made


@dataclass
class ShellSession:
    """An interactive shell that a user is logged in to."""

    state: ShellState
    remote_address: str
    terminal: str
    screen: Capture
    pending: str = ""
    """Lines of a command that isn't complete yet."""
    closed: bool = False
