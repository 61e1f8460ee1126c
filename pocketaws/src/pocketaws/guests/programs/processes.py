"""``sleep`` and ``ps``. Source: GNU coreutils manual; manual page of ps(1)."""

from __future__ import annotations

import re

from .registry import Run, UsageError, parse, program

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


@program("sleep")
def sleep(run: Run) -> int:
    if not run.arguments:
        raise UsageError("missing operand")
    total = 0.0
    for word in run.arguments:
        match = re.fullmatch(r"(\d+(?:\.\d+)?|\.\d+)([smhd]?)", word)
        if match is None:
            raise UsageError(f"invalid time interval '{word}'")
        total += float(match.group(1)) * _UNITS[match.group(2)]
    run.machine.sleep(total)
    return 0


@program("ps")
def ps(run: Run) -> int:
    options, _ = parse(run, "eAf")
    everything, full = bool({"e", "A"} & set(options)), "f" in options
    guest, now = run.machine.guest, run.machine.now
    rows = [p for p in guest.processes.values() if everything or p.user == run.identity.user]
    own = [
        (run.shell.state.pid, run.identity.user, "pts/0", now, "-bash"),
        (guest.new_pid(), run.identity.user, "pts/0", now, " ".join([run.name, *run.arguments])),
    ]
    shown = [(p.pid, p.user, p.terminal, p.started, p.command) for p in rows] + own
    if full:
        run.out("UID          PID    PPID  C STIME TTY          TIME CMD\n")
    else:
        run.out("    PID TTY          TIME CMD\n")
    for pid, user, terminal, started, command in sorted(shown):
        if full:
            run.out(
                f"{user:<8} {pid:>7}       1  0 {started:%H:%M} {terminal:<8} 00:00:00 {command}\n"
            )
        else:
            name = command.split()[0].rpartition("/")[2].lstrip("-").rstrip(":")
            run.out(f"{pid:>7} {terminal:<8} 00:00:00 {name}\n")
    return 0
