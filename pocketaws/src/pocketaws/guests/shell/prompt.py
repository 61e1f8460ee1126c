"""A shell at a prompt: start-up files, prompts, history, ``PROMPT_COMMAND``, one line after the other.

Source: Bash reference manual, "Bash Startup Files", "Controlling the Prompt", "Bash History Facilities".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..files import FileError
from .parser import Incomplete, Parser, ShellSyntaxError
from .patterns import matches
from .reader import decode_escape
from .signals import Abandon, Break, Exit, LimitError, Return
from .streams import OutputLimitError
from .syntax import DoubleQuoted, Word

if TYPE_CHECKING:
    from .interpreter import Interpreter

_STARTUP = ("~/.bash_profile", "~/.bash_login", "~/.profile")
_ESCAPE = re.compile(r"\\(\\|[0-7]{3}|D\{[^}]*\}|.)")


def start(shell: Interpreter, *, interactive: bool, login: bool) -> None:
    """Run the start-up files of a shell, and fill its history if it is an interactive one."""
    state = shell.state
    state.interactive, state.login = interactive, login
    if login:
        state.shopt.add("login_shell")
    if interactive:
        state.options |= {"history", "monitor", "emacs"}
        state.shopt.add("expand_aliases")
        state.set("PS1", "\\s-\\v\\$ ")
        state.set("PS2", "> ")
        home = state.get("HOME") or "/"
        state.set("HISTFILE", f"{home}/.bash_history")
        state.set("HISTSIZE", "500")
        read_history(shell)
    if login:
        source(shell, "/etc/profile")
        for path in _STARTUP:
            expanded = path.replace("~", state.get("HOME") or "/")
            if shell.machine.files.get(expanded) is not None:
                source(shell, expanded)
                break
    elif interactive:
        source(shell, f"{state.get('HOME') or ''}/.bashrc")


def source(shell: Interpreter, path: str) -> None:
    """Run a start-up file if it is there and can be read."""
    try:
        text = shell.machine.files.read(path, "/", shell.identity)
    except FileError:
        return
    was, shell.state.interactive = shell.state.interactive, shell.state.interactive
    try:
        shell.run_text(text)
    except (Return, Break, Abandon):
        pass
    finally:
        shell.state.interactive = was


def read_history(shell: Interpreter) -> None:
    path = shell.state.get("HISTFILE") or ""
    try:
        shell.state.history = shell.machine.files.read(path, "/", shell.identity).splitlines()
    except FileError:
        shell.state.history = []


def write_history(shell: Interpreter) -> None:
    """At the end of an interactive shell: keep what was typed."""
    state = shell.state
    path = state.get("HISTFILE")
    if not path or "history" not in state.options:
        return
    size = state.get("HISTFILESIZE") or state.get("HISTSIZE") or "500"
    lines = state.history[-int(size) :] if size.isdigit() and int(size) else []
    try:
        shell.machine.files.write(
            path, "".join(f"{line}\n" for line in lines), shell.machine.now, "/", shell.identity,
            mode=0o600,
        )  # fmt: skip
    except FileError as error:
        shell.complain(f"{path}: cannot write: {error}")


def before_prompt(shell: Interpreter) -> None:
    """Run ``PROMPT_COMMAND`` (each item, where it is an array); the status stays."""
    variable = shell.state.variables.get("PROMPT_COMMAND")
    if variable is None:
        return
    items = list(variable.items.values()) if variable.items is not None else [variable.value]
    for item in items:
        if not item:
            continue
        status = shell.state.status
        try:
            shell.run_text(item)
        except (Return, Break, Abandon):
            pass
        finally:
            shell.state.status = status


def prompt(shell: Interpreter, name: str = "PS1") -> str:
    """The text of a prompt."""
    form = shell.state.get(name) or ""
    text = _ESCAPE.sub(lambda match: _escape(shell, match.group(1)), form)
    if any(sign in text for sign in "$`\\"):
        try:
            parts = Parser(text).quoted_parts("", heredoc=True)
        except ShellSyntaxError:
            return text
        text = shell.expand_text(Word((DoubleQuoted(parts),)))
    return text


def _escape(shell: Interpreter, code: str) -> str:  # noqa: C901, PLR0911, PLR0912 - bash's own list
    state, now = shell.state, shell.machine.now
    host = shell.machine.guest.hostname
    if code in {"[", "]"}:
        return ""
    match code[0]:
        case "u":
            return state.user
        case "h":
            return host.split(".")[0]
        case "H":
            return host
        case "w" | "W":
            return _directory(state.cwd, state.get("HOME") or "", last=code == "W")
        case "$":
            return "\\$" if not shell.identity.is_root else "#"
        case "s":
            return "-bash" if state.login else "bash"
        case "v":
            return "5.2"
        case "V":
            return "5.2.15"
        case "t":
            return now.strftime("%H:%M:%S")
        case "T":
            return now.strftime("%I:%M:%S")
        case "A":
            return now.strftime("%H:%M")
        case "@":
            return now.strftime("%I:%M %p")
        case "d":
            return now.strftime("%a %b %d")
        case "D":
            return now.strftime(code[2:-1] or "%X")
        case "!" | "#":
            return str(state.history_base + len(state.history))
        case "j":
            return str(len(state.jobs))
        case "l":
            return "pts0"
        case "n":
            return "\n"
        case "\\":
            return "\\\\"
        case _:
            return decode_escape(code)


def _directory(cwd: str, home: str, *, last: bool) -> str:
    if home and cwd == home:
        return "~"
    if last:
        return cwd.rstrip("/").rpartition("/")[2] or "/"
    return "~" + cwd[len(home) :] if home and cwd.startswith(home + "/") else cwd


def complete(pending: str, aliases: dict[str, str]) -> bool:
    """Whether some lines are whole commands (or wrong in a way that more lines cannot mend)."""
    if pending.rstrip("\n").endswith("\\") and not pending.rstrip("\n").endswith("\\\\"):
        return False
    parser = Parser(pending, aliases)
    try:
        while parser.complete_line() is not None:
            pass
    except Incomplete:
        return False
    except (ShellSyntaxError, RecursionError):
        return True
    return True


def remember(shell: Interpreter, text: str) -> None:
    """Put a command in the history, as ``HISTCONTROL`` and ``HISTIGNORE`` wish."""
    state = shell.state
    line = text.rstrip("\n")
    if not line.strip() or "history" not in state.options:
        return
    control = set((state.get("HISTCONTROL") or "").split(":"))
    if control & {"ignorespace", "ignoreboth"} and line.startswith(" "):
        return
    last = state.history[-1] if state.history else None
    if control & {"ignoredups", "ignoreboth"} and line == last:
        return
    ignored = [item for item in (state.get("HISTIGNORE") or "").split(":") if item]
    if any(matches([(item, False)], line) for item in ignored):
        return
    if ("\n" in line and "cmdhist" not in state.shopt and "lithist" not in state.shopt) or (
        "\n" in line and "lithist" not in state.shopt
    ):
        line = join_lines(line)
    state.history.append(line)
    size = state.get("HISTSIZE") or "500"
    while size.isdigit() and len(state.history) > int(size):
        state.history.pop(0)
        state.history_base += 1


def join_lines(text: str) -> str:
    """A command of several lines as the history keeps it: one line where the syntax allows.

    Lines inside of quotes and here-documents keep their line ends.
    """
    made = ""
    for line in text.split("\n"):
        if not made:
            made = line
            continue
        if "<<" in made or _inside_quotes(made):
            made += "\n" + line
        elif made.endswith("\\"):
            made = made[:-1] + line
        elif re.search(r"(\b(then|do|else|in|\{)|[;&|({])\s*$", made):
            made += " " + line
        else:
            made += "; " + line
    return made


def _inside_quotes(text: str) -> bool:
    try:
        parser = Parser(text)
        while parser.complete_line() is not None:
            pass
    except Incomplete as error:
        return "matching" in error.message
    except (ShellSyntaxError, RecursionError):
        return False
    return False


def run_line(shell: Interpreter, text: str) -> int | None:
    """Run commands typed at the prompt; the shell's exit status where they end it, else None."""
    try:
        shell.run_text(text)
    except Exit as left:
        shell.state.status = left.status
        shell.err("logout\n" if shell.state.login else "exit\n")
        return left.status
    except Return as left:
        shell.complain("return: can only `return' from a function or sourced script")
        shell.state.status = left.status
    except Break:
        pass
    except Abandon:
        shell.state.status = 1
    except LimitError as error:
        shell.err(f"Killed ({error})\n")
        shell.state.status = 137
    except OutputLimitError:
        shell.state.status = 141
    return None


def end(shell: Interpreter) -> int:
    """Leave an interactive shell: logout file, ``EXIT`` trap, history file."""
    status = shell.state.status
    try:
        if shell.state.login:
            source(shell, f"{shell.state.get('HOME') or ''}/.bash_logout")
        shell.state.status = status
        status = shell.end()
    except (Exit, LimitError, OutputLimitError):
        pass
    write_history(shell)
    return status


def converse(shell: Interpreter, text: str) -> int:
    """An interactive shell whose input is not a terminal (``… | bash -i``): the whole of it."""
    pending = ""
    status: int | None = None
    for line in [*text.splitlines(keepends=True), ""]:
        if not pending:
            before_prompt(shell)
            shell.err(prompt(shell))
        if not line:
            break
        pending += line if line.endswith("\n") else line + "\n"
        if not complete(pending, shell.alias_table()):
            continue
        remember(shell, pending)
        status = run_line(shell, pending)
        pending = ""
        if status is not None:
            break
    if pending:
        status = run_line(shell, pending)
    if status is None:
        shell.err("logout\n" if shell.state.login else "exit\n")
    return end(shell)
