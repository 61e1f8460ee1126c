"""Programs that tell about processes, and that run others.

Source: GNU coreutils manual; GNU findutils manual (xargs); manual pages of ps(1), pgrep(1), pidof(1), which(1).
"""

from __future__ import annotations

import re

from ..shell import launch
from ..shell.streams import Stream
from .registry import Run, UsageError, program, to_number


@program("sleep")
def sleep(run: Run) -> int:
    total = 0.0
    for word in run.arguments:
        match = re.fullmatch(r"(\d+(?:\.\d+)?|\.\d+)([smhd]?)", word)
        if match is None:
            raise UsageError(f"invalid time interval '{word}'")
        total += (
            float(match.group(1)) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[match.group(2)]
        )
    if not run.arguments:
        raise UsageError("missing operand")
    run.machine.sleep(total)
    return 0


@program("ps")
def ps(run: Run) -> int:
    flags = "".join(run.arguments)
    everything = any(letter in flags for letter in "aAex")
    guest, now = run.machine.guest, run.machine.now
    rows = [p for p in guest.processes.values() if everything or p.user == run.identity.user]
    own = [
        (run.shell.state.pid, run.identity.user, "pts/0", now, "-bash"),
        (guest.new_pid(), run.identity.user, "pts/0", now, " ".join([run.name, *run.arguments])),
    ]
    shown = [(p.pid, p.user, p.terminal, p.started, p.command) for p in rows] + own
    full, bsd = "f" in flags and "-" in flags, "u" in flags
    if bsd:
        run.out("USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n")
    elif full:
        run.out("UID          PID    PPID  C STIME TTY          TIME CMD\n")
    else:
        run.out("    PID TTY          TIME CMD\n")
    for pid, user, terminal, started, command in sorted(shown):
        if bsd:
            run.out(f"{user:<8} {pid:>7}  0.0  0.4 {20000 + pid % 977 * 31:>6} {4000 + pid % 331 * 7:>5} "
                    f"{terminal:<8} Ss   {started:%H:%M}   0:00 {command}\n")  # fmt: skip
        elif full:
            run.out(
                f"{user:<8} {pid:>7}       1  0 {started:%H:%M} {terminal:<8} 00:00:00 {command}\n"
            )
        else:
            name = command.split()[0].rpartition("/")[2].lstrip("-").rstrip(":")
            run.out(f"{pid:>7} {terminal:<8} 00:00:00 {name}\n")
    return 0


@program("pgrep", "pidof")
def pgrep(run: Run) -> int:
    words = [w for w in run.arguments if not w.startswith("-")]
    full = any(w.startswith("-") and "f" in w for w in run.arguments)
    found = [
        p.pid
        for p in run.machine.guest.processes.values()
        if words and words[0] in (p.command if full else p.command.split()[0].rpartition("/")[2])
    ]
    run.out("".join(f"{pid}\n" for pid in found))
    return int(not found)


@program("env", "printenv")
def env(run: Run) -> int:
    words = list(run.arguments)
    variables = run.shell.state.environment()
    if run.name == "printenv" and words:
        for word in words:
            if word not in variables:
                return 1
            run.out(variables[word] + "\n")
        return 0
    if words[:1] in (["-i"], ["-"]):
        variables = {}
        words.pop(0)
    while words and re.match(r"[A-Za-z_]\w*=", words[0]):
        name, _, value = words.pop(0).partition("=")
        variables[name] = value
    while words[:1] == ["-u"]:
        variables.pop(words[1], None)
        words = words[2:]
    if not words:
        run.out("".join(f"{name}={value}\n" for name, value in sorted(variables.items())))
        return 0
    inner = launch.child(
        run.shell, "bash", [], environment={"PATH": "/usr/bin:/usr/sbin", **variables}
    )
    return launch.run_program(inner, words)


@program("which")
def which(run: Run) -> int:
    status = 0
    for name in run.arguments:
        path = launch.find_program(run.shell, name)
        if path is None:
            run.err(f"/usr/bin/which: no {name} in ({run.shell.state.get('PATH')})\n")
            status = 1
        else:
            run.out(path + "\n")
    return status


@program("xargs")
def xargs(run: Run) -> int:
    words, per, replace = list(run.arguments), 0, ""
    while words and words[0].startswith("-"):
        word = words.pop(0)
        if word in {"-n", "-P", "-L"} and words:
            value = words.pop(0)
            per = to_number(value) if word != "-P" else per
        elif word.startswith("-n"):
            per = to_number(word[2:])
        elif word == "-I" and words:
            replace = words.pop(0)
    command = words or ["echo"]
    text = run.input()
    items = text.split("\n") if replace else text.replace("\0", "\n").split()
    items = [item for item in items if item]
    status = 0
    run.shell.streams[0] = Stream()
    if replace:
        for item in items:
            status = (
                launch.run_program(run.shell, [w.replace(replace, item) for w in command]) or status
            )
    else:
        size = per or max(len(items), 1)
        for at in range(0, len(items), size):
            status = launch.run_program(run.shell, [*command, *items[at : at + size]]) or status
    return 123 if status else 0


@program("timeout", "nohup", "nice", "time", "stdbuf", "setsid", "ionice")
def wrapper(run: Run) -> int:
    """Programs that run another one."""
    words = list(run.arguments)
    limit: float | None = None
    while words and words[0].startswith("-"):
        word = words.pop(0)
        if word in {"-n", "-k", "-s", "-c"} and words:
            words.pop(0)
    if run.name == "timeout" and words:
        match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", words.pop(0))
        if match is None:
            raise UsageError("invalid time interval", 125)
        limit = float(match.group(1)) * {"": 1, "s": 1, "m": 60, "h": 3600}[match.group(2)]
    if not words:
        raise UsageError("missing operand", 125)
    slept = run.machine.slept
    status = launch.run_program(run.shell, words)
    if limit is not None and run.machine.slept - slept > limit:
        run.machine.slept = slept + limit
        return 124
    return status


@program("expr")
def expr(run: Run) -> int:
    words = run.arguments
    if len(words) == 3 and words[1] in {"+", "-", "*", "/", "%"}:
        value = run.shell.arithmetic(f"({words[0]}){words[1]}({words[2]})")
        run.out(f"{value}\n")
        return int(value == 0)
    if len(words) == 3 and words[1] == ":":
        match = re.match(words[2].replace(r"\(", "(").replace(r"\)", ")"), words[0])
        run.out(
            (match.group(1) if match and match.groups() else str(match.end() if match else 0))
            + "\n"
        )
        return int(match is None)
    if len(words) == 3 and words[1] in {"=", "!=", "<", ">"}:
        held = {
            "=": words[0] == words[2],
            "!=": words[0] != words[2],
            "<": words[0] < words[2],
            ">": words[0] > words[2],
        }[words[1]]
        run.out(f"{int(held)}\n")
        return int(not held)
    run.out(" ".join(words) + "\n")
    return 0
