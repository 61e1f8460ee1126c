"""Interactive shells: startup files, prompts, history, and ``PROMPT_COMMAND``.

Source: Bash reference manual, "Bash Startup Files", "Controlling the Prompt", "Bash History Facilities".
"""

from __future__ import annotations

import contextlib
import re

from ..files import FileError
from .control_flow import Abandon, Break, Exit, LimitError, Return
from .parser import Incomplete, Parser, ShellSyntaxError
from .patterns import matches
from .quoting import decode_escape
from .shell import Shell
from .streams import OutputLimitError
from .syntax import DoubleQuoted, Word

_STARTUP = ("~/.bash_profile", "~/.bash_login", "~/.profile")
_ESCAPE = re.compile(r"\\(\\|[0-7]{3}|.)")


def start(shell: Shell, *, interactive: bool, login: bool) -> None:
    """Run a shell's startup files, and read the history file if the shell is interactive."""
    state = shell.state
    state.interactive, state.login = interactive, login
    if login:
        state.shopt.add("login_shell")
    if interactive:
        state.options.add("history")
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


def source(shell: Shell, path: str) -> None:
    """Run a startup file if it exists and is readable."""
    try:
        text = shell.machine.files.read(path, "/", shell.identity)
    except FileError:
        return
    with contextlib.suppress(Return, Break, Abandon):
        shell.run_text(text)


def read_history(shell: Shell) -> None:
    path = shell.state.get("HISTFILE") or ""
    try:
        shell.state.history = shell.machine.files.read(path, "/", shell.identity).splitlines()
    except FileError:
        shell.state.history = []


def write_history(shell: Shell) -> None:
    """Save the history of an interactive shell at its end."""
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


def before_prompt(shell: Shell) -> None:
    """Run ``PROMPT_COMMAND`` without changing the status."""
    command = shell.state.get("PROMPT_COMMAND")
    if not command:
        return
    status = shell.state.status
    try:
        with contextlib.suppress(Return, Break, Abandon):
            shell.run_text(command)
    finally:
        shell.state.status = status


def prompt(shell: Shell, name: str = "PS1") -> str:
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


def _escape(shell: Shell, code: str) -> str:
    state, home = shell.state, shell.state.get("HOME") or ""
    values = {
        "[": "", "]": "", "\\": "\\\\", "v": "5.2", "u": state.user,
        "h": shell.machine.guest.hostname.split(".")[0],
        "s": "-bash" if state.login else "bash",
        "w": _directory(state.cwd, home, last=False),
        "W": _directory(state.cwd, home, last=True),
        "$": "#" if shell.identity.is_root else "\\$",
    }  # fmt: skip
    return values[code] if code in values else decode_escape(code)


def _directory(cwd: str, home: str, *, last: bool) -> str:
    if home and cwd == home:
        return "~"
    if last:
        return cwd.rstrip("/").rpartition("/")[2] or "/"
    return "~" + cwd[len(home) :] if home and cwd.startswith(home + "/") else cwd


def complete(pending: str, aliases: dict[str, str]) -> bool:
    """Whether the lines are complete commands, or have a syntax error that more lines can't fix."""
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


def remember(shell: Shell, text: str) -> None:
    """Add a command to the history, unless ``HISTCONTROL`` or ``HISTIGNORE`` excludes it."""
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
    if "\n" in line:
        line = join_lines(line)
    state.history.append(line)
    size = state.get("HISTSIZE") or "500"
    while size.isdigit() and len(state.history) > int(size):
        state.history.pop(0)
        state.history_base += 1


def join_lines(text: str) -> str:
    """Join a multiline command into one line for the history, where the syntax allows it.

    Lines within quotes and here-documents keep their newlines.
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


def run_line(shell: Shell, text: str) -> int | None:
    """Run commands from the prompt; returns the exit status if they end the shell, else None."""
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


def end(shell: Shell) -> int:
    """End an interactive shell: run the logout file and the ``EXIT`` trap, and save the history."""
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


def converse(shell: Shell, text: str) -> int:
    """Run an interactive shell whose input isn't a terminal (``… | bash -i``)."""
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
