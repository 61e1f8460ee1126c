"""What a shell remembers, as plain values (a shell at a prompt lives from one transaction to the next)."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace

from .streams import Capture, Stream
from .syntax import Command


@dataclass(slots=True)
class Variable:
    """A shell variable: text, or the items of an array."""

    value: str | None = None
    items: dict[str, str] | None = None
    """Index or key -> value; indices are written as numbers."""
    associative: bool = False
    exported: bool = False
    readonly: bool = False
    integer: bool = False

    def copy(self) -> Variable:
        return replace(self, items=None if self.items is None else dict(self.items))


@dataclass(frozen=True, slots=True)
class Process:
    """A job that ran in the background."""

    number: int
    pid: int
    status: int
    source: str


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
    function_sources: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    options: set[str] = field(default_factory=set)
    """``errexit``, ``nounset``, ``pipefail``, ``xtrace``, ``noglob``, ``noclobber`` …"""
    shopt: set[str] = field(default_factory=set)
    traps: dict[str, str] = field(default_factory=dict)
    history: list[str] = field(default_factory=list)
    history_base: int = 1
    """The number of the first line in ``history``."""
    status: int = 0
    last_background: int | None = None
    umask: int = 0o022
    interactive: bool = False
    login: bool = False
    posix: bool = False
    streams: dict[int, Stream] = field(default_factory=dict)
    jobs: list[Process] = field(default_factory=list)
    getopts_at: int = 1

    def get(self, name: str) -> str | None:
        """A variable's value as text."""
        variable = self.variables.get(name)
        if variable is None:
            return None
        if variable.items is not None:
            return variable.items.get("0")
        return variable.value

    def set(self, name: str, value: str, *, export: bool = False) -> None:
        """Set a variable, whatever it was."""
        variable = self.variables.setdefault(name, Variable())
        variable.value = value
        if variable.items is not None:
            variable.items["0"] = value
        variable.exported = variable.exported or export

    def environment(self) -> dict[str, str]:
        """What programs are given."""
        return {
            name: variable.value
            for name, variable in self.variables.items()
            if variable.exported and variable.value is not None
        }

    def fork(self) -> ShellState:
        """A copy for a subshell."""
        made = copy.copy(self)
        made.variables = {name: variable.copy() for name, variable in self.variables.items()}
        for name in ("functions", "function_sources", "aliases", "streams"):
            setattr(made, name, dict(getattr(self, name)))
        for name in ("options", "shopt"):
            setattr(made, name, set(getattr(self, name)))
        made.positional = list(self.positional)
        made.history = list(self.history)
        made.jobs = []
        made.interactive = self.interactive
        made.traps = {signal: action for signal, action in self.traps.items() if action == ""}
        return made


@dataclass
class ShellSession:
    """A shell at somebody's prompt."""

    state: ShellState
    remote_address: str
    terminal: str
    screen: Capture
    pending: str = ""
    """Lines of a command that is not complete yet."""
    closed: bool = False
