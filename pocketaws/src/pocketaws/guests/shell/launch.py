"""Runs simple commands: assignments, functions, builtins, and programs.

Source: Bash reference manual, "Simple Command Expansion", "Command Search and Execution".
"""

from __future__ import annotations

import logging
import re

from ..files import FileError
from ..programs import registry
from . import builtin_flow, builtin_state, builtin_text
from .builtin import BUILTINS, DECLARATIONS
from .conditions import ConditionError
from .control_flow import ExpansionError, LimitError, Return, Unwind
from .shell import Shell
from .state import ShellState, Variable
from .streams import OutputLimitError
from .syntax import Assignment, Simple, Word

log = logging.getLogger(__name__)

MAX_FUNCTIONS = 30
_PASSED_ON = (
    Unwind, LimitError, OutputLimitError, RecursionError, ExpansionError, ConditionError,
)  # fmt: skip


def simple(shell: Shell, command: Simple) -> int:
    """Run a simple command; sets and returns the shell's status."""
    shell.line = command.line
    if not shell.in_trap:
        shell.command = command.source
        shell.trap("DEBUG")
    shell.substituted = None
    declared = [word for word in command.words if isinstance(word, Assignment)]
    words = shell.expand(tuple(word for word in command.words if isinstance(word, Word)))
    if not words:
        status = _assign_only(shell, command)
    else:
        with shell.redirected(command.redirects) as ready:
            status = _with_assignments(shell, command, words, declared) if ready else 1
    shell.state.status = status
    return status


def _assign_only(shell: Shell, command: Simple) -> int:
    for assignment in command.assignments:
        shell.assign_word(assignment)
    with shell.redirected(command.redirects) as ready:
        if not ready:
            return 1
    return shell.substituted or 0


def _with_assignments(
    shell: Shell, command: Simple, words: list[str], declared: list[Assignment]
) -> int:
    saved: dict[str, Variable | None] = {}
    for assignment in command.assignments:
        old = shell.state.variables.pop(assignment.name, None)
        saved[assignment.name] = old
        if old is not None:
            shell.state.set(assignment.name, old.value or "")
        shell.assign_word(assignment)
        shell.state.variables[assignment.name].exported = True
    try:
        return _call(shell, words, declared)
    finally:
        for name, variable in saved.items():
            if variable is None:
                shell.state.variables.pop(name, None)
            else:
                shell.state.variables[name] = variable


def _call(shell: Shell, words: list[str], declared: list[Assignment]) -> int:
    """Run a function, a builtin, or a program."""
    name, arguments = words[0], words[1:]
    if name in shell.state.functions:
        return _function(shell, name, arguments)
    try:
        if name in DECLARATIONS:
            return DECLARATIONS[name](shell, arguments, declared)
        if name in BUILTINS:
            return BUILTINS[name](shell, arguments)
        return run_program(shell, words)
    except _PASSED_ON:
        raise
    except Exception:
        # A bug in one command mustn't end the session or the world's transaction.
        log.exception("%s broke in a guest", name)
        shell.complain(f"{name}: Aborted")
        return 134


def _function(shell: Shell, name: str, arguments: list[str]) -> int:
    if len(shell.locals) >= MAX_FUNCTIONS:
        shell.complain(f"{name}: maximum function nesting level exceeded ({MAX_FUNCTIONS})")
        return 1
    saved, shell.state.positional = shell.state.positional, arguments
    shell.locals.append({})
    try:
        return shell.run(shell.state.functions[name])
    except Return as left:
        shell.state.status = left.status
        return left.status
    finally:
        for variable, old in shell.locals.pop().items():
            if old is None:
                shell.state.variables.pop(variable, None)
            else:
                shell.state.variables[variable] = old
        shell.state.positional = saved


def _find_program(shell: Shell, name: str) -> str | None:
    """Search for the program with this name; returns its path."""
    files, cwd = shell.machine.files, shell.state.cwd
    if "/" in name:
        return name if files.get(name, cwd) is not None else None
    for folder in (shell.state.get("PATH") or "").split(":"):
        path = f"{folder or '.'}/{name}"
        node = files.get(path, cwd)
        if node is not None and node.kind == "file" and node.mode & 0o111:
            return path
    return None


def run_program(shell: Shell, words: list[str]) -> int:
    """Run a program; returns its status, 127 if it doesn't exist, or 126 if it can't run."""
    files, cwd, name = shell.machine.files, shell.state.cwd, words[0]
    path = _find_program(shell, name)
    if path is None:
        missing = "No such file or directory" if "/" in name else "command not found"
        shell.complain(f"{name}: {missing}")
        return 127
    node = files.need(path, cwd)
    if node.kind == "directory":
        shell.complain(f"{name}: Is a directory")
        return 126
    if not files.allowed(node, shell.identity, "x"):
        shell.complain(f"{name}: Permission denied")
        return 126
    if node.program is not None:
        return _run_emulated(shell, node.program, words)
    return _script(shell, path, node.content, words)


def _run_emulated(shell: Shell, program: str, words: list[str]) -> int:
    shell.machine.step()
    run = registry.Run(shell, words[0].rpartition("/")[2], words[1:])
    try:
        return registry.find(program).function(run)
    except registry.UsageError as error:
        run.complain(str(error))
        run.err(f"Try '{run.name} --help' for more information.\n")
        return error.status
    except FileError as error:
        run.complain(str(error))
        return 1


def _script(shell: Shell, path: str, text: str, words: list[str]) -> int:
    first = text.split("\n", 1)[0]
    match = re.match(r"#!\s*(\S+)\s*(.*)", first)
    if match is None:
        return child(shell, path, words[1:]).run_to_end(text)
    interpreter, option = match.group(1), match.group(2).strip()
    if shell.machine.files.get(interpreter) is None:
        shell.complain(f"{words[0]}: {interpreter}: bad interpreter: No such file or directory")
        return 126
    return run_program(shell, [interpreter, *([option] if option else []), path, *words[1:]])


def child(
    shell: Shell, name: str, arguments: list[str], *, user: str | None = None,
    environment: dict[str, str] | None = None,
) -> Shell:  # fmt: skip
    """A new child shell with the exported variables. ``name`` is its ``$0``."""
    env = shell.state.environment() if environment is None else environment
    state = ShellState(user or shell.state.user, shell.state.cwd, name)
    state.pid = shell.machine.guest.new_pid()
    state.positional = list(arguments)
    state.umask = shell.state.umask
    state.streams = dict(shell.state.streams)
    state.variables = {key: Variable(value, exported=True) for key, value in env.items()}
    state.set("IFS", " \t\n")
    state.set("PWD", state.cwd, export=True)
    state.set("BASH_VERSION", "5.2.15(1)-release")
    state.set("UID", str(shell.machine.uid_of(state.user)))
    state.set("EUID", str(shell.machine.uid_of(state.user)))
    state.set("PPID", str(shell.state.pid))
    state.set("HOSTNAME", shell.machine.guest.hostname)
    level = state.get("SHLVL") or "0"
    state.set("SHLVL", str(int(level) + 1 if level.isdigit() else 1), export=True)
    return shell.below(state)


# Importing each of these registers its builtins.
BUILTIN_MODULES = (builtin_flow, builtin_state, builtin_text)
