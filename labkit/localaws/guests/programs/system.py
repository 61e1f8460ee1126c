"""Programs that tell about the machine, its users and processes, and that run others."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from .. import image, users
from ..files import FileError
from ..shell import launch, prompt
from ..shell.streams import Input, Stream
from .registry import Run, UsageError, parse, program


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


@program("whoami")
def whoami(run: Run) -> int:
    run.out(run.identity.user + "\n")
    return 0


@program("id")
def id_(run: Run) -> int:
    options, words = parse(
        run, "unGgr", "", {"--user": "u", "--name": "n", "--group": "g", "--groups": "G"}
    )
    files = run.machine.files
    user = users.find(files, words[0] if words else run.identity.user)
    if user is None:
        run.complain(f"'{words[0] if words else run.identity.user}': no such user")
        return 1
    names = users.group_names(files)
    numbers = {name: number for number, name in names.items()}
    primary = names.get(user.gid, str(user.gid))
    others = sorted(users.groups_of(files, user.name) - {primary}, key=lambda n: numbers.get(n, 0))
    groups = [primary, *others]
    if "u" in options:
        run.out((user.name if "n" in options else str(user.uid)) + "\n")
    elif "g" in options:
        run.out((primary if "n" in options else str(user.gid)) + "\n")
    elif "G" in options:
        run.out(" ".join(g if "n" in options else str(numbers[g]) for g in groups) + "\n")
    else:
        shown = ",".join(f"{numbers.get(g, user.gid)}({g})" for g in groups)
        run.out(f"uid={user.uid}({user.name}) gid={user.gid}({primary}) groups={shown}\n")
    return 0


@program("groups")
def groups(run: Run) -> int:
    run.out(" ".join(sorted(users.groups_of(run.machine.files, run.identity.user))) + "\n")
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


@program("who", "w", "users")
def who(run: Run) -> int:
    guest = run.machine.guest
    open_ = [login for login in guest.logins if login.ended is None]
    if run.name == "w":
        uptime(run)
        run.out("USER     TTY        LOGIN@   IDLE   JCPU   PCPU WHAT\n")
        for login in open_:
            run.out(
                f"{login.user:<8} {login.terminal:<10} {login.began:%H:%M}    0.00s  0.02s  0.00s w\n"
            )
    elif run.name == "users":
        run.out(" ".join(login.user for login in open_) + "\n")
    else:
        for login in open_:
            run.out(
                f"{login.user:<8} {login.terminal:<12} {login.began:%Y-%m-%d %H:%M} ({login.address})\n"
            )
    return 0


@program("last")
def last(run: Run) -> int:
    guest = run.machine.guest
    for login in reversed(guest.logins):
        if login.ended is None:
            end = "  still logged in"
        else:
            minutes = int((login.ended - login.began).total_seconds() // 60)
            end = f"- {login.ended:%H:%M}  ({minutes // 60:02d}:{minutes % 60:02d})"
        run.out(f"{login.user:<8} {login.terminal:<12} {login.address:<16} {login.began:%a %b} "
                f"{login.began.day:>2} {login.began:%H:%M} {end}\n")  # fmt: skip
    booted = guest.booted_at or run.machine.now
    run.out(
        f"reboot   system boot  {image.KERNEL[:16]} {booted:%a %b} {booted.day:>2} {booted:%H:%M}   still running\n"
    )
    run.out(f"\nwtmp begins {booted:%a %b} {booted.day:>2} {booted:%H:%M:%S %Y}\n")
    return 0


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
    while words and words[0].startswith("-"):
        word = words.pop(0)
        if word in {"-u", "--user"} and words:
            user = words.pop(0)
        elif word.startswith("--user="):
            user = word.partition("=")[2]
        elif word in {"-i", "--login", "-l", "-"}:
            login = True
        elif word in {"-s", "--shell"}:
            shell = True
        elif word in {
            "-H",
            "--set-home",
            "-n",
            "-E",
            "-S",
            "--preserve-env",
            "--non-interactive",
            "-k",
            "-v",
        }:
            continue
        elif word == "--":
            break
        elif re.fullmatch(r"-[nEHS]+", word):
            continue
        else:
            raise UsageError(f"invalid option -- '{word.lstrip('-')}'")
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


@program("useradd", "adduser", folder="/usr/sbin")
def useradd(run: Run) -> int:
    options, words = parse(
        run,
        "mMrNU",
        "sdgGuc",
        {"--create-home": "m", "--shell": "s", "--system": "r", "--groups": "G"},
    )
    if not run.identity.is_root:
        run.complain("Permission denied.")
        return 1
    if not words:
        raise UsageError("usage: useradd [options] LOGIN", 2)
    files, now, name = run.machine.files, run.machine.now, words[-1]
    if users.find(files, name) is not None:
        run.complain(f"user '{name}' already exists")
        return 9
    used = {user.uid for user in users.all_users(files)}
    uid = int(options["u"]) if "u" in options else max(n for n in used if n < 60000) + 1
    home = options.get("d", f"/home/{name}")
    files.write(
        "/etc/passwd",
        f"{name}:x:{uid}:{uid}::{home}:{options.get('s', '/bin/bash')}\n",
        now,
        append=True,
    )
    files.write("/etc/group", f"{name}:x:{uid}:\n", now, append=True)
    if "M" not in options and "r" not in options:
        files.make_directory(home, now, mode=0o700)
        files.change(home, "/", run.machine.identity("root"), owner=name, group=name)
    for group in options.get("G", "").split(","):
        _join_group(run, name, group)
    run.machine.forget_identities()
    return 0


@program("usermod", "groupadd", "userdel", folder="/usr/sbin")
def usermod(run: Run) -> int:
    if not run.identity.is_root:
        run.complain("Permission denied.")
        return 1
    options, words = parse(run, "aLUrf", "Ggsd", {"--append": "a", "--groups": "G"})
    files, now = run.machine.files, run.machine.now
    if not words:
        raise UsageError("no name given", 2)
    name = words[-1]
    if run.name == "groupadd":
        number = max(n for n in users.group_names(files) if n < 60000) + 1
        files.write("/etc/group", f"{name}:x:{number}:\n", now, append=True)
        return 0
    if users.find(files, name) is None:
        run.complain(f"user '{name}' does not exist")
        return 6
    if run.name == "userdel":
        for path in ("/etc/passwd", "/etc/group"):
            kept = [
                line for line in files.read(path).splitlines() if not line.startswith(f"{name}:")
            ]
            files.write(path, "\n".join(kept) + "\n", now)
    for group in options.get("G", "").split(","):
        _join_group(run, name, group)
    run.machine.forget_identities()
    return 0


def _join_group(run: Run, name: str, group: str) -> None:
    files = run.machine.files
    if not group:
        return
    lines = []
    for line in files.read("/etc/group").splitlines():
        fields = line.split(":")
        if fields[0] == group and name not in fields[3].split(","):
            fields[3] = ",".join(filter(None, [fields[3], name]))
        lines.append(":".join(fields))
    files.write("/etc/group", "\n".join(lines) + "\n", run.machine.now)


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
            per = int(value) if word != "-P" else per
        elif word.startswith("-n"):
            per = int(word[2:])
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


@program("shutdown", "reboot", "poweroff", "halt", folder="/usr/sbin")
def shutdown(run: Run) -> int:
    """The instance stops or reboots as soon as the turn is over."""
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
