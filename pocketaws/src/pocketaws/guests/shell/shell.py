"""What expansions, conditions, builtins and programs need from the shell that runs them.

``interpreter.Interpreter`` implements it. The modules below it know this protocol only, so that none of them has to
import the interpreter, which imports them.
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
    """One shell at work."""

    machine: Machine
    state: ShellState
    locals: list[dict[str, Variable | None]]
    """For each running function the outer values of its local variables."""
    line: int
    command: str
    """The source of the running command (``$BASH_COMMAND``)."""
    in_trap: bool
    substituted: int | None
    """The status of the last command substitution in the running command."""
    nesting: int

    @property
    def identity(self) -> Identity:
        """Whose rights commands have."""

    @property
    def streams(self) -> dict[int, Stream]:
        """The streams by file descriptor."""

    def out(self, text: str) -> None:
        """Write to standard output."""

    def err(self, text: str) -> None:
        """Write to standard error."""

    def complain(self, message: str) -> None:
        """Write an error as this shell words it."""

    def parameter(self, name: str) -> str | None:
        """The value of a variable, a positional or a special parameter."""

    def assign(self, name: str, value: str) -> None:
        """Set a variable."""

    def assign_word(self, assignment: Assignment) -> None:
        """Carry out one assignment."""

    def expand(self, words: tuple[Word, ...]) -> list[str]:
        """The fields of words, file names filled in."""

    def expand_text(self, word: Word) -> str:
        """A word as one text."""

    def expand_pattern(self, word: Word) -> list[Segment]:
        """A word as a pattern."""

    def substitute(self, body: Sequence) -> str:
        """What commands write, without the line ends at its end."""

    def open(self, target: str, mode: str) -> Stream:
        """The stream of a path (``r``, ``w``, ``a``); raises ``RedirectError``."""

    def redirected(self, redirects: tuple[Redirect, ...]) -> AbstractContextManager[bool]:
        """Redirect for as long as the block lasts; False if a redirection failed."""

    def run(self, command: Command) -> int:
        """Run one command; returns its status."""

    def run_text(self, text: str) -> int:
        """Run a program line by line; returns the last status."""

    def run_to_end(self, text: str) -> int:
        """Run a program and what its shell does at its end; returns its status."""

    def end(self) -> int:
        """Run the ``EXIT`` trap; returns the shell's status."""

    def trap(self, signal: str) -> None:
        """Run a trap if it is set."""

    def alias_table(self) -> dict[str, str]:
        """The aliases that replace first words."""

    def below(self, state: ShellState) -> Shell:
        """A new shell below this one; raises ``LimitError``."""
