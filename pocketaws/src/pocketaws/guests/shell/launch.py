"""Simple commands: assignments, functions, builtins, programs; and what runs in the background.

Source: Bash reference manual, "Simple Command Expansion", "Command Search and Execution".
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from ..files import FileError
from . import builtin_flow, builtin_state, builtin_text
from .arithmetic import ArithmeticError_
from .builtin import BUILTINS, SPECIAL, DeclarationBuiltin
from .conditions import ConditionError
from .parameters import ExpansionError, quote
from .signals import LimitError, Return, Unwind
from .state import Process as Job
from .state import ShellState, Variable
from .streams import OutputLimitError, Stream
from .syntax import AndOr, Assignment, Sequence, Simple, Word

if TYPE_CHECKING:
    from .interpreter import Interpreter

log = logging.getLogger(__name__)

MAX_FUNCTIONS = 30
_PASSED_ON = (
    Unwind, LimitError, OutputLimitError, RecursionError, ExpansionError, ConditionError, ArithmeticError_,
)  # fmt: skip


def simple(shell: Interpreter, command: Simple) -> int:
    """Run a simple command; returns its status (also kept in the shell)."""
    shell.line = command.line
    if not shell.in_trap:
        shell.command = command.source
        shell.trap("DEBUG")
    shell.substituted = None
    words, declared = _expand(shell, command)
    if not words:
        status = _assign_only(shell, command)
        shell.state.status = status
        return status
    if "xtrace" in shell.state.options:
        _trace(shell, command, words)
    keep = words[0] == "exec"
    with shell.redirections.applied(command.redirects, keep=keep) as ready:
        status = _with_assignments(shell, command, words, declared) if ready else 1
    shell.state.status = status
    return status


def _expand(shell: Interpreter, command: Simple) -> tuple[list[str], list[Assignment]]:
    declared = [word for word in command.words if isinstance(word, Assignment)]
    plain = tuple(word for word in command.words if isinstance(word, Word))
    return shell.expand(plain), declared


def _assign_only(shell: Interpreter, command: Simple) -> int:
    for assignment in command.assignments:
        assign(shell, assignment)
        if "xtrace" in shell.state.options:
            value = shell.state.get(assignment.name) or ""
            shell.err(f"+ {assignment.name}={quote(value) if value else ''}\n")
    with shell.redirections.applied(command.redirects) as ready:
        if not ready:
            return 1
    return shell.substituted or 0


def assign(shell: Interpreter, assignment: Assignment, *, value: str | None = None) -> None:
    """Carry out one assignment."""
    name = assignment.name
    if assignment.items is not None:
        _assign_items(shell, assignment)
        return
    if value is None:
        value = shell.expand_text(assignment.value or Word(()))
    if assignment.index is not None:
        index = shell.expand_text(assignment.index)
        name = f"{name}[{index}]"
    if assignment.append:
        variable = shell.state.variables.get(assignment.name)
        if variable is not None and variable.integer:
            value = str(shell.arithmetic(f"({variable.value or 0})+({value})"))
        else:
            old = shell.arithmetic_value(name) if assignment.index is not None else None
            value = (old if old is not None else shell.state.get(name) or "") + value
    shell.assign(name, value)


def _assign_items(shell: Interpreter, assignment: Assignment) -> None:
    old = shell.state.variables.get(assignment.name)
    items: dict[str, str] = {}
    if assignment.append and old is not None:
        items = dict(old.items) if old.items is not None else {}
        if old.items is None and old.value is not None:
            items["0"] = old.value
    associative = old is not None and old.associative
    following = max((int(key) for key in items), default=-1) + 1 if not associative else 0
    for index, word in assignment.items or ():
        if index is not None:
            key = shell.expand_text(index)
            if not associative:
                following = shell.arithmetic(key)
                key = str(following)
                following += 1
            items[key] = shell.expand_text(word)
            continue
        for value in shell.expand((word,)):
            items[str(following)] = value
            following += 1
    shell.set_items(assignment.name, items)


def _with_assignments(
    shell: Interpreter, command: Simple, words: list[str], declared: list[Assignment]
) -> int:
    saved: dict[str, Variable | None] = {}
    for assignment in command.assignments:
        old = shell.state.variables.get(assignment.name)
        saved[assignment.name] = old.copy() if old is not None else None
        assign(shell, assignment)
        shell.state.variables[assignment.name].exported = True
    try:
        return call(shell, words, declared)
    finally:
        for name, variable in saved.items():
            if variable is None:
                shell.state.variables.pop(name, None)
            else:
                shell.state.variables[name] = variable


def call(shell: Interpreter, words: list[str], declared: list[Assignment]) -> int:
    """Run a function, a builtin or a program by its expanded words."""
    name, arguments = words[0], words[1:]
    function = shell.state.functions.get(name)
    if function is not None and not (shell.state.posix and name in SPECIAL):
        return _function(shell, name, arguments)
    try:
        return _builtin_or_program(shell, words, declared)
    except _PASSED_ON:
        raise
    except Exception:
        # What somebody types must not end their session, still less the world's transaction.
        log.exception("%s broke in a guest", name)
        shell.complain(f"{name}: Aborted")
        return 134


def _builtin_or_program(shell: Interpreter, words: list[str], declared: list[Assignment]) -> int:
    name, arguments = words[0], words[1:]
    builtin = BUILTINS.get(name)
    if builtin is None:
        return run_program(shell, words)
    try:
        if isinstance(builtin, DeclarationBuiltin):
            return builtin(shell, arguments, declared)
        return builtin(shell, arguments)
    except FileError as error:
        shell.complain(f"{name}: {error}")
        return 1


def _function(shell: Interpreter, name: str, arguments: list[str]) -> int:
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


def _trace(shell: Interpreter, command: Simple, words: list[str]) -> None:
    prefix = "".join(
        f"{a.name}={quote(shell.expand_text(a.value))} "
        for a in command.assignments
        if a.value is not None
    )
    shell.err(f"+ {prefix}{' '.join(quote(word) for word in words)}\n")


def find_program(shell: Interpreter, name: str) -> str | None:
    """The path of the program that a command's name leads to."""
    files, cwd = shell.machine.files, shell.state.cwd
    if "/" in name:
        return name if files.get(name, cwd) is not None else None
    for folder in (shell.state.get("PATH") or "").split(":"):
        path = f"{folder or '.'}/{name}"
        node = files.get(path, cwd)
        if node is not None and node.kind == "file" and node.mode & 0o111:
            return path
    return None


def run_program(shell: Interpreter, words: list[str]) -> int:
    """Run a program; 127 where there is none, 126 where it cannot be run."""
    files, cwd, name = shell.machine.files, shell.state.cwd, words[0]
    path = find_program(shell, name)
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
        return shell.machine.run_program(shell, node.program, words)
    return _script(shell, path, node.content, words)


def _script(shell: Interpreter, path: str, text: str, words: list[str]) -> int:
    first = text.split("\n", 1)[0]
    match = re.match(r"#!\s*(\S+)\s*(.*)", first)
    if match is None:
        return child(shell, path, words[1:]).run_to_end(text)
    interpreter, option = match.groups()
    if interpreter == "/usr/bin/env":
        interpreter, _, option = option.partition(" ")
    node = shell.machine.files.get(interpreter) if "/" in interpreter else None
    if "/" in interpreter and node is None:
        shell.complain(f"{words[0]}: {interpreter}: bad interpreter: No such file or directory")
        return 126
    options = [option.strip()] if option.strip() else []
    return run_program(shell, [interpreter, *options, path, *words[1:]])


def child(
    shell: Interpreter, name: str, arguments: list[str], *, user: str | None = None,
    environment: dict[str, str] | None = None,
) -> Interpreter:  # fmt: skip
    """A new shell below this one, with its exported variables (``name`` is its ``$0``)."""
    env = shell.state.environment() if environment is None else environment
    state = ShellState(user or shell.state.user, shell.state.cwd, name)
    state.name = name
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
    inner = shell.__class__(shell.machine, state)
    inner.nesting = shell.nesting + 1
    inner.redirections.sinks = shell.redirections.sinks
    if inner.nesting > 40:
        raise LimitError("too many nested shells")
    return inner


def in_background(shell: Interpreter, item: AndOr) -> int:
    """Run a job with ``&``: it is over before the shell goes on, and takes none of its time."""
    inner = shell.fork()
    inner.streams[0] = Stream()
    pid = shell.machine.guest.new_pid()
    inner.state.pid = shell.state.pid
    slept = shell.machine.slept
    status = inner.run_forked(
        Sequence((AndOr(item.first, item.rest, background=False, source=item.source),))
    )
    shell.machine.slept = slept
    shell.state.last_background = pid
    shell.state.jobs.append(Job(len(shell.state.jobs) + 1, pid, status, item.source))
    if shell.state.interactive:
        shell.err(f"[{len(shell.state.jobs)}] {pid}\n")
    shell.state.status = 0
    return 0


def file_to_read(body: Sequence) -> Word | None:
    """The file of ``$(< file)``, if that is what a substitution is."""
    if len(body.items) != 1 or body.items[0].rest or len(body.items[0].first.commands) != 1:
        return None
    command = body.items[0].first.commands[0]
    if not isinstance(command, Simple) or command.words or command.assignments:
        return None
    if len(command.redirects) != 1 or command.redirects[0].operator != "<":
        return None
    return command.redirects[0].target


# Each of these has registered its builtins by being imported.
BUILTIN_MODULES = (builtin_flow, builtin_state, builtin_text)
