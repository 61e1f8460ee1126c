"""A shell's variables and parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .parameters import ExpansionError
from .signals import LimitError
from .state import ShellState, Variable

if TYPE_CHECKING:
    from ..machine import Machine

MAX_VALUE = 1024 * 1024
_FLAGS = {"errexit": "e", "nounset": "u", "xtrace": "x", "noglob": "f", "verbose": "v"}


class Variables:
    """Reading and setting variables of ``state``."""

    state: ShellState
    machine: Machine
    line: int
    command: str

    def arithmetic(self, text: str) -> int:
        """Evaluate an expression."""
        raise NotImplementedError

    def complain(self, message: str) -> None:
        """Write an error."""
        raise NotImplementedError

    def parameter(self, name: str) -> str | None:
        """The value of a variable, a positional or a special parameter."""
        if name.isdigit():
            number = int(name)
            if number == 0:
                return self.state.name
            positional = self.state.positional
            return positional[number - 1] if number <= len(positional) else None
        special = self._special(name)
        return special if special is not None else self.state.get(name)

    def _special(self, name: str) -> str | None:  # noqa: C901, PLR0911, PLR0912 - one branch for each kind
        state = self.state
        match name:
            case "?":
                return str(state.status)
            case "#":
                return str(len(state.positional))
            case "$":
                return str(state.pid)
            case "!":
                return str(state.last_background or "")
            case "-":
                flags = "".join(flag for option, flag in _FLAGS.items() if option in state.options)
                return flags + ("himBH" if state.interactive else "hB")
            case "RANDOM":
                return str(self.machine.world.random.randrange(32768))
            case "LINENO":
                return str(self.line)
            case "SECONDS":
                return str(int(self.machine.slept))
            case "EPOCHSECONDS":
                return str(int(self.machine.now.timestamp()))
            case "BASHPID":
                return str(state.pid)
            case "BASH_COMMAND":
                return self.command
            case "HISTCMD":
                return str(state.history_base + len(state.history))
            case _:
                return None

    def is_set(self, name: str) -> bool:
        base, _, index = name.partition("[")
        variable = self.state.variables.get(base)
        if index and variable is not None:
            return index.rstrip("]") in (variable.items or {})
        return self.parameter(name) is not None

    def arithmetic_value(self, name: str) -> str:
        """What a name in an arithmetic expression stands for."""
        base, _, index = name.partition("[")
        if not index:
            value = self.parameter(name)
            if value is None and "nounset" in self.state.options:
                raise ExpansionError(f"{name}: unbound variable")
            return value or "0"
        variable = self.state.variables.get(base)
        key = index.rstrip("]")
        if variable is None or variable.items is None:
            return "0"
        if not variable.associative:
            key = str(self.arithmetic(key))
        return variable.items.get(key) or "0"

    def assign(self, name: str, value: str) -> None:
        """Set a variable; raises ``ExpansionError`` for a read-only one."""
        if len(value) > MAX_VALUE:
            raise LimitError("a variable is too long")
        base, _, index = name.partition("[")
        if index:
            self.assign_item(base, index.rstrip("]"), value)
            return
        variable = self.state.variables.setdefault(base, Variable())
        if variable.readonly:
            raise ExpansionError(f"{base}: readonly variable")
        if variable.integer:
            value = str(self.arithmetic(value))
        if variable.items is not None:
            variable.items["0"] = value
        else:
            variable.value = value
        if "allexport" in self.state.options:
            variable.exported = True

    def assign_item(self, name: str, index: str, value: str) -> None:
        variable = self.state.variables.setdefault(name, Variable())
        if variable.readonly:
            raise ExpansionError(f"{name}: readonly variable")
        if variable.items is None:
            variable.items = {} if variable.value is None else {"0": variable.value}
            variable.value = None
        key = index if variable.associative else str(self.arithmetic(index))
        variable.items[key] = value

    def set_items(self, name: str, items: dict[str, str]) -> None:
        """Make a variable an array of these items."""
        old = self.state.variables.get(name)
        if old is not None and old.readonly:
            raise ExpansionError(f"{name}: readonly variable")
        associative = old is not None and old.associative
        exported = old is not None and old.exported
        self.state.variables[name] = Variable(None, items, associative, exported)
