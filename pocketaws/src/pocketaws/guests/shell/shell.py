"""The protocol of a shell, for expansions, conditions, builtins, and programs.

``interpreter.Interpreter`` implements it. The interpreter imports those modules, so they import only this protocol.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from ..files import Identity
from ..machine import Machine
from .patterns import Segment
from .state import ShellState, Variable
from .streams import Stream
from .syntax import Assignment, Command, Redirect, Sequence, Word


class Shell(Protocol):
    """A running shell."""

    machine: Machine
    state: ShellState
    locals: list[dict[str, Variable | None]]
    """For each running function, the outer values of its local variables."""
    line: int
    command: str
    """The source of the running command (``$BASH_COMMAND``)."""
    in_trap: bool
    substituted: int | None
    """The status of the latest command substitution in the running command."""
    nesting: int

    @property
    def identity(self) -> Identity:
        """The identity that commands run as."""

    @property
    def streams(self) -> dict[int, Stream]:
        """The streams by file descriptor."""

    def out(self, text: str) -> None:
        """Write to standard output."""

    def err(self, text: str) -> None:
        """Write to standard error."""

    def complain(self, message: str) -> None:
        """Write an error message with the shell's prefix."""

    def parameter(self, name: str) -> str | None:
        """The value of a variable, or of a positional or special parameter."""

    def assign(self, name: str, value: str) -> None:
        """Set a variable."""

    def assign_word(self, assignment: Assignment) -> None:
        """Carry out one assignment."""

    def expand(self, words: tuple[Word, ...]) -> list[str]:
        """The fields of the words, with file names expanded."""

    def expand_text(self, word: Word) -> str:
        """A word as a single string."""

    def expand_pattern(self, word: Word) -> list[Segment]:
        """A word as a pattern."""

    def substitute(self, body: Sequence) -> str:
        """The output of commands, without trailing newlines."""

    def open(self, target: str, mode: str) -> Stream:
        """The stream of a path (``r``, ``w``, ``a``); raises ``RedirectError``."""

    def redirected(self, redirects: tuple[Redirect, ...]) -> AbstractContextManager[bool]:
        """Redirect within the block; yields False if a redirection failed."""

    def run(self, command: Command) -> int:
        """Run one command; returns its status."""

    def run_text(self, text: str) -> int:
        """Run a script line by line; returns the last status."""

    def run_to_end(self, text: str) -> int:
        """Run a script, then the ``EXIT`` trap; returns the shell's status."""

    def end(self) -> int:
        """Run the ``EXIT`` trap; returns the shell's status."""

    def trap(self, signal: str) -> None:
        """Run a trap if it's set."""

    def alias_table(self) -> dict[str, str]:
        """The aliases to expand."""

    def below(self, state: ShellState) -> Shell:
        """A new child shell; raises ``LimitError``."""
