"""Programs that describe the server: ``hostname``, ``uname``, ``uptime``, and ``df``.

Source: GNU coreutils manual; manual page of uptime(1).
"""

from __future__ import annotations

from .. import image
from .registry import Run, parse, program


@program("hostname")
def hostname(run: Run) -> int:
    parse(run, "")
    run.out(run.machine.guest.hostname + "\n")
    return 0


@program("uname")
def uname(run: Run) -> int:
    options, _ = parse(run, "asnrvmpio")
    values = {
        "s": "Linux", "n": run.machine.guest.hostname, "r": image.KERNEL,
        "v": "#1 SMP PREEMPT_DYNAMIC Mon Sep 28 17:04:11 UTC 2026", "m": "x86_64", "p": "x86_64",
        "i": "x86_64", "o": "GNU/Linux",
    }  # fmt: skip
    wanted = "snrvmpio" if "a" in options else "".join(k for k in values if k in options) or "s"
    run.out(" ".join(values[letter] for letter in wanted) + "\n")
    return 0


@program("uptime")
def uptime(run: Run) -> int:
    parse(run, "")
    now, booted = run.machine.now, run.machine.guest.booted_at or run.machine.now
    seconds = int((now - booted).total_seconds())
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    up = (f"{days} day{'s' if days > 1 else ''}, " if days else "") + (
        f"{hours:>2}:{minutes:02d}" if hours or days else f"{minutes} min"
    )
    count = sum(1 for login in run.machine.guest.logins if login.ended is None)
    run.out(
        f" {now:%H:%M:%S} up {up},  {count} user{'' if count == 1 else 's'},  load average: 0.00, 0.01, 0.00\n"
    )
    return 0


@program("df")
def df(run: Run) -> int:
    options, _ = parse(run, "h")
    human = "h" in options
    rows = [("devtmpfs", 4096, 0, "/dev"), ("tmpfs", 474084, 0, "/dev/shm"),  # noqa: S108 - the guest's own
            ("/dev/nvme0n1p1", 8310764, 1662148 + run.machine.files.used // 1024, "/")]  # fmt: skip
    run.out(
        "Filesystem      "
        + ("Size  Used Avail" if human else "1K-blocks    Used Available")
        + " Use% Mounted on\n"
    )
    for name, size, used, mount in rows:
        values = [size, used, size - used]
        shown = [_human(v) for v in values] if human else [str(v) for v in values]
        widths = (5, 5, 5) if human else (9, 7, 9)
        cells = " ".join(f"{v:>{w}}" for v, w in zip(shown, widths, strict=True))
        run.out(f"{name:<14} {cells} {used * 100 // size:>3}% {mount}\n")
    return 0


def _human(kib: int) -> str:
    if kib < 1024:
        return f"{kib}K" if kib else "0"
    return f"{kib / 1024:.0f}M" if kib < 1024 * 1024 else f"{kib / 1024 / 1024:.1f}G"
