"""``bash`` and ``sudo``.

Source: Bash reference manual, "Invoking Bash"; manual page of sudo(8).
"""

from __future__ import annotations

from .. import users
from ..files import FileError
from ..shell import launch, prompt
from ..shell.builtin_state import set_options
from ..shell.streams import Input, Stream
from .registry import Run, UsageError, program

_SET = frozenset("eux")


@program("bash", "sh")
def bash(run: Run) -> int:
    """Run a child shell on ``-c text``, on a script, or on its standard input."""
    flags: set[str] = set()
    words = list(run.arguments)
    while words and words[0].startswith("-") and len(words[0]) > 1:
        word = words.pop(0)
        if word == "--":
            break
        if word.startswith("--") or set(word[1:]) - _SET - set("cil"):
            raise UsageError(f"{word}: invalid option", 2)
        flags |= set(word[1:])
    command: str | None = None
    if "c" in flags:
        if not words:
            raise UsageError("-c: option requires an argument", 2)
        command = words.pop(0)
    return _shell(run, flags, command, words)


def _shell(run: Run, flags: set[str], command: str | None, words: list[str]) -> int:
    script: str | None = None
    name = run.name
    if words:
        name, words = words[0], words[1:]
        if command is None:
            try:
                script = run.read(name)
            except FileError as error:
                run.err(f"{run.name}: {name}: {error}\n")
                return 127 if "No such" in str(error) else 126
    inner = launch.child(run.shell, name, words)
    set_options(inner.state, "".join(sorted(flags & _SET)))
    terminal = inner.streams.get(0)
    interactive = "i" in flags or (
        command is None and script is None and terminal is not None and terminal.is_terminal
    )
    if "l" in flags or interactive:
        prompt.start(inner, interactive=interactive, login="l" in flags)
    if command is not None or script is not None:
        return inner.run_to_end(command or script or "")
    text = inner.streams.get(0, Stream()).read()
    inner.streams[0] = Input("")
    return prompt.converse(inner, text) if interactive else inner.run_to_end(text)


@program("sudo")
def sudo(run: Run) -> int:
    """Run a command as root, or as ``-u USER``; ``-H`` and ``-n`` have no effect."""
    user, words = "root", list(run.arguments)
    while words and words[0].startswith("-"):
        word = words.pop(0)
        if word == "--":
            break
        if word == "-u" and words:
            user = words.pop(0)
        elif word not in {"-H", "-n"}:
            raise UsageError(f"invalid option '{word}'")
    if not words:
        raise UsageError("usage: sudo [-Hn] [-u user] command [arg ...]")
    return _as_user(run, user, words)


def _as_user(run: Run, user: str, words: list[str]) -> int:
    found = users.find(run.machine.files, user)
    if found is None:
        run.complain(f"unknown user {user}")
        return 1
    if not run.identity.is_root and not _may_sudo(run):
        run.complain("a password is required")
        return 1
    environment = {
        "TERM": run.shell.state.get("TERM") or "unknown",
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LOGNAME": found.name, "USER": found.name, "SHELL": found.shell,
        "HOME": found.home,
        "SUDO_USER": run.identity.user,
    }  # fmt: skip
    inner = launch.child(run.shell, "bash", [], user=found.name, environment=environment)
    return launch.run_program(inner, words)


def _may_sudo(run: Run) -> bool:
    """Whether the sudoers files let the user run commands as anyone without a password."""
    files = run.machine.files
    texts = [files.read("/etc/sudoers")]
    texts += [files.read(f"/etc/sudoers.d/{name}") for name, _ in files.children("/etc/sudoers.d")]
    names = {run.identity.user, *(f"%{group}" for group in run.identity.groups)}
    return any(
        fields[0] in names and "NOPASSWD:ALL" in line.replace(" ", "")
        for text in texts
        for line in text.splitlines()
        if (fields := line.split())
    )
