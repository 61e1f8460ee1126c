"""Builtins that change the course of a script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .builtin import BUILTINS, builtin, options_of
from .conditions import ConditionError
from .conditions import test as evaluate_test
from .parameters import quote
from .redirection import RedirectError
from .signals import Break, Exit, Return

if TYPE_CHECKING:
    from .interpreter import Interpreter

KEYWORDS = frozenset(
    [
        "if",
        "then",
        "else",
        "elif",
        "fi",
        "case",
        "esac",
        "for",
        "select",
        "while",
        "until",
        "do",
        "done",
        "in",
        "function",
        "time",
        "{",
        "}",
        "!",
        "[[",
        "]]",
    ]
)
_SIGNALS = {
    "0": "EXIT", "1": "HUP", "2": "INT", "3": "QUIT", "6": "ABRT", "9": "KILL", "13": "PIPE",
    "14": "ALRM", "15": "TERM",
}  # fmt: skip


@builtin(":", "true")
def true(_shell: Interpreter, _arguments: list[str]) -> int:
    return 0


@builtin("false")
def false(_shell: Interpreter, _arguments: list[str]) -> int:
    return 1


@builtin("exit", "logout")
def exit_(shell: Interpreter, arguments: list[str]) -> int:
    raise Exit(_number(shell, "exit", arguments, shell.state.status) & 0xFF)


@builtin("return")
def return_(shell: Interpreter, arguments: list[str]) -> int:
    raise Return(_number(shell, "return", arguments, shell.state.status) & 0xFF)


@builtin("break")
def break_(shell: Interpreter, arguments: list[str]) -> int:
    raise Break(max(1, _number(shell, "break", arguments, 1)), again=False)


@builtin("continue")
def continue_(shell: Interpreter, arguments: list[str]) -> int:
    raise Break(max(1, _number(shell, "continue", arguments, 1)), again=True)


def _number(shell: Interpreter, name: str, arguments: list[str], default: int) -> int:
    if not arguments:
        return default
    try:
        return int(arguments[0])
    except ValueError:
        shell.complain(f"{name}: {arguments[0]}: numeric argument required")
        return 2


@builtin("test")
def test(shell: Interpreter, arguments: list[str]) -> int:
    return _test(shell, "test", arguments)


@builtin("[")
def bracket(shell: Interpreter, arguments: list[str]) -> int:
    if not arguments or arguments[-1] != "]":
        shell.complain("[: missing `]'")
        return 2
    return _test(shell, "[", arguments[:-1])


def _test(shell: Interpreter, name: str, arguments: list[str]) -> int:
    try:
        return int(not evaluate_test(shell, arguments))
    except ConditionError as error:
        shell.complain(f"{name}: {error}")
        return 2


@builtin("let")
def let(shell: Interpreter, arguments: list[str]) -> int:
    values = [shell.arithmetic(text) for text in arguments]
    return int(not values or values[-1] == 0)


@builtin("eval")
def eval_(shell: Interpreter, arguments: list[str]) -> int:
    text = " ".join(arguments)
    return shell.run_text(text) if text.strip() else 0


@builtin(".", "source")
def source(shell: Interpreter, arguments: list[str]) -> int:
    if not arguments:
        shell.complain("source: filename argument required")
        return 2
    try:
        text = shell.redirections.open(_found(shell, arguments[0]), "r").read()
    except RedirectError as error:
        shell.complain(str(error))
        return 1
    saved = shell.state.positional
    if arguments[1:]:
        shell.state.positional = arguments[1:]
    shell.state.status = 0
    try:
        return shell.run_text(text)
    except Return as left:
        return left.status
    finally:
        if arguments[1:]:
            shell.state.positional = saved


def _found(shell: Interpreter, name: str) -> str:
    if "/" in name:
        return name
    for folder in (shell.state.get("PATH") or "").split(":"):
        path = f"{folder}/{name}"
        node = shell.machine.files.get(path)
        if node is not None and node.kind == "file":
            return path
    return name


@builtin("exec")
def exec_(shell: Interpreter, arguments: list[str]) -> int:
    options, rest = options_of(arguments, "cl")
    if not rest:
        return 0
    login = "l" in options
    words = [rest[0], *(["-l"] if login and rest[0].endswith("bash") else []), *rest[1:]]
    from .launch import run_program  # noqa: PLC0415 - which calls builtins

    raise Exit(run_program(shell, words))


@builtin("command")
def command(shell: Interpreter, arguments: list[str]) -> int:
    from .launch import call, find_program, run_program  # noqa: PLC0415 - which calls builtins

    options, rest = options_of(arguments, "pvV")
    if not rest:
        return 0
    if not options & {"v", "V"}:
        if rest[0] in BUILTINS:
            saved = shell.state.functions.pop(rest[0], None)
            try:
                return call(shell, rest, [])
            finally:
                if saved is not None:
                    shell.state.functions[rest[0]] = saved
        return run_program(shell, rest)
    status = 0
    for name in rest:
        if name in shell.state.aliases:
            shell.out(f"alias {name}={quote(shell.state.aliases[name], always=True)}\n")
        elif name in shell.state.functions or name in BUILTINS or name in KEYWORDS:
            shell.out(f"{name}\n")
        elif (path := find_program(shell, name)) is not None:
            shell.out(f"{path}\n")
        else:
            status = 1
    return status


@builtin("builtin")
def builtin_(shell: Interpreter, arguments: list[str]) -> int:
    return command(shell, arguments)


@builtin("type")
def type_(shell: Interpreter, arguments: list[str]) -> int:
    from .launch import find_program  # noqa: PLC0415 - which calls builtins

    options, names = options_of(arguments, "tpPaf")
    status = 0
    for name in names:
        path = find_program(shell, name)
        if name in shell.state.aliases:
            kind, text = "alias", f"{name} is aliased to `{shell.state.aliases[name]}'"
        elif name in shell.state.functions:
            kind, text = "function", f"{name} is a function"
        elif name in KEYWORDS:
            kind, text = "keyword", f"{name} is a shell keyword"
        elif name in BUILTINS:
            kind, text = "builtin", f"{name} is a shell builtin"
        elif path is not None:
            kind, text = "file", f"{name} is {path}"
        else:
            if not options & {"t", "p", "P"}:
                shell.complain(f"type: {name}: not found")
            status = 1
            continue
        if options & {"p", "P"}:
            shell.out(f"{path}\n" if kind == "file" else "")
        else:
            shell.out(f"{kind if 't' in options else text}\n")
    return status


@builtin("hash")
def hash_(_shell: Interpreter, _arguments: list[str]) -> int:
    return 0


@builtin("trap")
def trap(shell: Interpreter, arguments: list[str]) -> int:
    options, rest = options_of(arguments, "lp")
    if not rest or "p" in options:
        for signal, action in shell.state.traps.items():
            if not rest or signal in rest:
                shell.out(f"trap -- {quote(action, always=True)} {signal}\n")
        return 0
    if len(rest) == 1:
        rest = ["-", *rest]
    for signal in rest[1:]:
        name = _SIGNALS.get(signal, signal.upper().removeprefix("SIG"))
        if rest[0] == "-":
            shell.state.traps.pop(name, None)
        else:
            shell.state.traps[name] = rest[0]
    return 0


@builtin("wait")
def wait(shell: Interpreter, arguments: list[str]) -> int:
    _, rest = options_of(arguments, "nfp")
    status = 0
    for word in rest:
        found = [j for j in shell.state.jobs if word in {str(j.pid), f"%{j.number}"}]
        status = found[-1].status if found else 127
        if not found:
            shell.complain(f"wait: pid {word} is not a child of this shell")
    shell.state.jobs = [] if not rest else shell.state.jobs
    return status


@builtin("jobs", "fg", "bg", "disown")
def jobs(shell: Interpreter, _arguments: list[str]) -> int:
    """Everything started with ``&`` is over before the next command: there are no jobs."""
    shell.state.jobs.clear()
    return 0


@builtin("kill")
def kill(shell: Interpreter, arguments: list[str]) -> int:
    if arguments[:1] == ["-l"]:
        shell.out(" ".join(f"{n}) SIG{name}" for n, name in _SIGNALS.items() if n != "0") + "\n")
        return 0
    targets = [word for word in arguments if not word.startswith("-")]
    if not targets:
        shell.complain("kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec")
        return 2
    status = 0
    for word in targets:
        status |= _kill(shell, word, probe="-0" in arguments)
    return status


def _kill(shell: Interpreter, word: str, *, probe: bool) -> int:
    jobs = [j for j in shell.state.jobs if f"%{j.number}" == word or str(j.pid) == word]
    if jobs:
        shell.complain(f"kill: ({jobs[0].pid}) - No such process")
        return 1
    process = shell.machine.guest.processes.get(int(word)) if word.isdigit() else None
    own_pid = word == str(shell.state.pid)
    if process is None and not own_pid:
        shell.complain(f"kill: ({word}) - No such process")
        return 1
    if probe:
        return 0
    if own_pid:
        raise Exit(143)
    if process is not None and not shell.identity.is_root and process.user != shell.state.user:
        shell.complain(f"kill: ({word}) - Operation not permitted")
        return 1
    shell.machine.end_process(int(word))
    return 0
