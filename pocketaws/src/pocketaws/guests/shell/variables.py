"""A shell's variables and parameters."""

from __future__ import annotations

from ..machine import Machine
from .control_flow import ExpansionError, LimitError
from .state import ShellState, Variable

MAX_VALUE = 1024 * 1024
_FLAGS = {"errexit": "e", "nounset": "u"}
_NOT_EMULATED = frozenset(
    {"BASHPID", "BASH_SOURCE", "DIRSTACK", "EPOCHREALTIME", "EPOCHSECONDS", "FUNCNAME", "GROUPS", "HISTCMD", "LINENO",
     "PIPESTATUS", "SECONDS", "SRANDOM"}
)  # fmt: skip


class Variables:
    """Reads and sets the variables of ``state``."""

    state: ShellState
    machine: Machine
    command: str

    def parameter(self, name: str) -> str | None:
        """The value of a variable, or of a positional or special parameter."""
        if name.isdigit():
            number = int(name)
            if number == 0:
                return self.state.name
            positional = self.state.positional
            return positional[number - 1] if number <= len(positional) else None
        if name in _NOT_EMULATED:
            raise ExpansionError(f"pocketaws doesn't emulate the variable {name}")
        special = self._special(name)
        return special if special is not None else self.state.get(name)

    def _special(self, name: str) -> str | None:
        state = self.state
        if name == "RANDOM":
            return str(self.machine.world.random.randrange(32768))
        flags = "".join(flag for option, flag in _FLAGS.items() if option in state.options)
        values = {
            "?": str(state.status),
            "#": str(len(state.positional)),
            "$": str(state.pid),
            "!": "",  # nothing runs in the background
            "-": flags + ("himBH" if state.interactive else "hB"),
            "BASH_COMMAND": self.command,
        }
        return values.get(name)

    def assign(self, name: str, value: str) -> None:
        """Set a variable; raises ``LimitError`` if the value is too long."""
        if len(value) > MAX_VALUE:
            raise LimitError("a variable is too long")
        self.state.variables.setdefault(name, Variable()).value = value
