"""Programs that tell about the machine: its name, its time, its memory.

Source: GNU coreutils manual; manual pages of procps-ng (uptime, free), systemd (hostnamectl, shutdown),
ncurses (clear, reset, tput).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from .. import image
from .registry import Run, parse, program


@program("hostname")
def hostname(run: Run) -> int:
    guest = run.machine.guest
    words = [w for w in run.arguments if not w.startswith("-")]
    if words:
        if not run.identity.is_root:
            run.complain("you must be root to change the host name")
            return 1
        guest.hostname = words[0]
        return 0
    flags = "".join(w[1:] for w in run.arguments)
    if "i" in flags.lower():
        run.out(f"{run.machine.network.interface.private_ip_address} \n")
    elif "s" in flags:
        run.out(guest.hostname.split(".")[0] + "\n")
    else:
        run.out(guest.hostname + "\n")
    return 0


@program("hostnamectl")
def hostnamectl(run: Run) -> int:
    if run.arguments[:1] in (["set-hostname"], ["hostname"]) and len(run.arguments) > 1:
        run.machine.guest.hostname = run.arguments[1]
        return 0
    run.out(
        f" Static hostname: {run.machine.guest.hostname}\nOperating System: Amazon Linux 2023\n"
    )
    run.out(f"          Kernel: Linux {image.KERNEL}\n    Architecture: x86-64\n")
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


@program("arch")
def arch(run: Run) -> int:
    run.out("x86_64\n")
    return 0


@program("nproc")
def nproc(run: Run) -> int:
    run.out("2\n")
    return 0


@program("date")
def date(run: Run) -> int:
    options, words = parse(
        run, "uRI", "d", {"--utc": "u", "--date": "d", "--iso-8601": "I", "--rfc-email": "R"}
    )
    moment = run.machine.now
    if "d" in options:
        parsed = _parse_date(options["d"], moment)
        if parsed is None:
            run.complain(f"invalid date '{options['d']}'")
            return 1
        moment = parsed
    form = next((w[1:] for w in words if w.startswith("+")), None)
    if "I" in options:
        form = {"seconds": "%Y-%m-%dT%H:%M:%S+00:00"}.get(options["I"], "%Y-%m-%d")
    if form is None:
        run.out(f"{moment:%a %b} {moment.day:>2} {moment:%H:%M:%S} UTC {moment:%Y}\n")
        return 0
    run.out(strftime(form, moment) + "\n")
    return 0


def strftime(form: str, moment: datetime) -> str:
    """``date``'s formats."""
    special = {
        "s": str(int(moment.timestamp())), "N": f"{moment.microsecond * 1000:09d}", "3N": f"{moment.microsecond // 1000:03d}",
        "F": f"{moment:%Y-%m-%d}", "T": f"{moment:%H:%M:%S}", "e": f"{moment.day:>2}", "n": "\n",
        "Z": "UTC", "z": "+0000", ":z": "+00:00", "R": f"{moment:%H:%M}", "%": "%", "D": f"{moment:%m/%d/%y}",
    }  # fmt: skip

    def one(match: re.Match[str]) -> str:
        code = match.group(1)
        return special[code] if code in special else moment.strftime("%" + code)

    return re.sub(r"%(3N|:z|-?[a-zA-Z%])", one, form)


def _parse_date(text: str, now: datetime) -> datetime | None:
    if re.fullmatch(r"@\d+", text):
        return datetime.fromtimestamp(int(text[1:]), UTC)
    match = re.fullmatch(r"([-+]?\d+)\s*(second|minute|min|hour|day|week)s?(\s+ago)?", text.strip())
    if match:
        unit = {"second": 1, "minute": 60, "min": 60, "hour": 3600, "day": 86400, "week": 604800}
        seconds = int(match.group(1)) * unit[match.group(2)]
        return now + timedelta(seconds=-seconds if match.group(3) else seconds)
    simple = {"now": 0, "today": 0, "yesterday": -1, "tomorrow": 1}
    if text in simple:
        return now + timedelta(days=simple[text])
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


@program("uptime")
def uptime(run: Run) -> int:
    now, booted = run.machine.now, run.machine.guest.booted_at or run.machine.now
    seconds = int((now - booted).total_seconds())
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    up = (f"{days} day{'s' if days > 1 else ''}, " if days else "") + (
        f"{hours:>2}:{minutes:02d}" if hours or days else f"{minutes} min"
    )
    if "-p" in run.arguments:
        run.out(f"up {hours} hours, {minutes} minutes\n")
        return 0
    if "-s" in run.arguments:
        run.out(f"{booted:%Y-%m-%d %H:%M:%S}\n")
        return 0
    count = sum(1 for login in run.machine.guest.logins if login.ended is None)
    run.out(
        f" {now:%H:%M:%S} up {up},  {count} user{'' if count == 1 else 's'},  load average: 0.00, 0.01, 0.00\n"
    )
    return 0


@program("free")
def free(run: Run) -> int:
    unit = 1024 if "-m" in run.arguments or "-h" in run.arguments else 1
    suffix = "Mi" if "-h" in run.arguments else ""
    run.out("               total        used        free      shared  buff/cache   available\n")
    numbers = [948168, 167604, 412352, 2816, 368212, 668920]
    run.out("Mem:    " + "".join(f"{f'{n // unit}{suffix}':>12}" for n in numbers) + "\n")
    run.out("Swap:   " + "".join(f"{'0B' if suffix else '0':>12}" for _ in range(3)) + "\n")
    return 0


@program("df")
def df(run: Run) -> int:
    human = "h" in "".join(run.arguments)
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


@program("tty")
def tty(run: Run) -> int:
    terminal = run.shell.streams.get(0)
    run.out("/dev/pts/0\n" if terminal is not None and terminal.is_terminal else "not a tty\n")
    return 0


@program(
    "clear", "reset", "stty", "sync", "tput", "update-motd", "restorecon", "setfacl", "ldconfig"
)
def nothing_to_see(_run: Run) -> int:
    """Programs whose effect cannot be seen from here."""
    return 0


@program("shutdown", "reboot", "poweroff", "halt", folder="/usr/sbin")
def shutdown(run: Run) -> int:
    """The instance stops or reboots as soon as the transaction is over."""
    if not run.identity.is_root:
        run.err(f"Failed to {run.name}: Interactive authentication required.\n")
        return 1
    reboot = run.name == "reboot" or "-r" in run.arguments
    guest = run.machine.guest
    run.machine.world.later(
        "ec2.guest_shutdown", 5, account=guest.account, region=guest.region,
        instance_id=guest.instance_id, again=reboot,
    )  # fmt: skip
    return 0
