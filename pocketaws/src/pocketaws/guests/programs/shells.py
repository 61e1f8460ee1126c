"""Shells below a shell, and other users' rights.

Source: Bash reference manual, "Invoking Bash"; manual pages of sudo(8), runuser(1), su(1).
"""

from __future__ import annotations

from .. import users
from ..files import FileError
from ..shell import launch, prompt
from ..shell.streams import Input, Stream
from .registry import Run, UsageError, program


@program("bash", "sh")
def bash(run: Run) -> int:
    """A shell below this one: ``-c text``, a script, or what stands on its input."""
    flags: set[str] = set()
    options: list[str] = []
    words = list(run.arguments)
    command: str | None = None
    while words and words[0][:1] in {"-", "+"} and len(words[0]) > 1:
        word = words.pop(0)
        if word == "--":
            break
        if word in {"--login", "--posix", "--norc", "--noprofile", "--noediting"}:
            flags.add(word.strip("-")[:1] if word == "--login" else word)
        elif word == "--version":
            run.out("GNU bash, version 5.2.15(1)-release (x86_64-amazon-linux-gnu)\n")
            return 0
        elif word.startswith("--"):
            run.err(f"bash: {word}: invalid option\n")
            return 2
        else:
            for letter in word[1:]:
                if letter == "o":
                    options.append(words.pop(0) if words else "")
                else:
                    flags.add(letter)
    if "c" in flags:
        if not words:
            run.err("bash: -c: option requires an argument\n")
            return 2
        command = words.pop(0)
    return _shell(run, flags, options, command, words)


def _shell(
    run: Run, flags: set[str], options: list[str], command: str | None, words: list[str]
) -> int:
    script: str | None = None
    name = run.name
    if command is not None:
        name, words = (words[0], words[1:]) if words else (name, [])
    elif words and "s" not in flags:
        name, words = words[0], words[1:]
        try:
            script = run.read(name)
        except FileError as error:
            run.err(f"{run.name}: {name}: {error}\n")
            return 127 if "No such" in str(error) else 126
    inner = launch.child(run.shell, name, words)
    inner.state.posix = run.name == "sh" or "--posix" in flags
    from ..shell.builtin_state import set_  # noqa: PLC0415 - builtins know programs

    letters = "".join(flag for flag in flags if flag in "eux")
    if letters:
        set_(inner, [f"-{letters}", "--", *words])
    for option in options:
        set_(inner, ["-o", option])
    terminal = inner.streams.get(0)
    interactive = "i" in flags or (
        command is None and script is None and terminal is not None and terminal.is_terminal
    )
    if "l" in flags or interactive:
        prompt.start(inner, interactive=interactive, login="l" in flags)
    if command is not None:
        return inner.run_to_end(command)
    if script is not None:
        return inner.run_to_end(script)
    text = inner.streams.get(0, Stream()).read()
    inner.streams[0] = Input("")
    return (
        prompt.converse(inner, text)
        if interactive and not inner.state.posix
        else inner.run_to_end(text)
    )


@program("sudo", "runuser")
def sudo(run: Run) -> int:
    user, words = "root", list(run.arguments)
    login = shell = False
    while words and words[0].startswith("-") and words[0] != "--":
        word = words.pop(0)
        if word.startswith("--"):
            name, _, value = word.partition("=")
            if name == "--user":
                user = value or (words.pop(0) if words else user)
            login = login or name == "--login"
            shell = shell or name == "--shell"
            continue
        for at, letter in enumerate(word[1:], 2):
            if letter == "u":
                user = word[at:] or (words.pop(0) if words else user)
                break
            if letter not in "ilsnHESkv":
                raise UsageError(f"invalid option -- '{letter}'")
            login = login or letter in "il"
            shell = shell or letter == "s"
    if words[:1] == ["--"]:
        words.pop(0)
    return as_user(run, user, words, login=login or (shell and not words))


@program("su")
def su(run: Run) -> int:
    words, user, command, login = list(run.arguments), "root", None, False
    rest: list[str] = []
    while words:
        word = words.pop(0)
        if word in {"-", "-l", "--login"}:
            login = True
        elif word in {"-c", "--command"} and words:
            command = words.pop(0)
        elif word in {"-s", "--shell"} and words:
            words.pop(0)
        else:
            rest.append(word)
    user = rest[0] if rest else user
    if not run.identity.is_root:
        run.err("Password: \nsu: Authentication failure\n")
        return 1
    shell = ["bash", *(["-l"] if login else []), *(["-c", command] if command is not None else [])]
    return as_user(run, user, shell, login=False)


def as_user(run: Run, user: str, words: list[str], *, login: bool) -> int:
    """Run a command with another user's rights."""
    files = run.machine.files
    found = users.find(files, user)
    if found is None:
        run.complain(f"unknown user {user}")
        return 1
    if not run.identity.is_root and not may_sudo(run):
        run.err(f"{run.name}: a password is required\n")
        return 1
    environment = {
        "TERM": run.shell.state.get("TERM") or "unknown",
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LOGNAME": found.name, "USER": found.name, "SHELL": found.shell,
        "HOME": found.home,
        "SUDO_USER": run.identity.user,
    }  # fmt: skip
    if found.shell.endswith("nologin") and login:
        run.out("This account is currently not available.\n")
        return 1
    inner = launch.child(run.shell, "bash", [], user=found.name, environment=environment)
    if login:
        inner.state.cwd = found.home
        words = ["bash", "-l", *(["-c", " ".join(words)] if words else [])]
    if not words:
        run.err(f"usage: {run.name} [-u user] [command [arg ...]]\n")
        return 1
    return launch.run_program(inner, words)


def may_sudo(run: Run) -> bool:
    """Whether the sudoers files let the user become anybody without a password."""
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
