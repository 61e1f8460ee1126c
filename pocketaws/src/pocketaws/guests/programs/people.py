"""Programs that tell about users, and change them.

Source: GNU coreutils manual (whoami, id, groups, who, users); manual pages of w(1), last(1), useradd(8),
usermod(8), userdel(8), groupadd(8).
"""

from __future__ import annotations

from .. import image, users
from .host import uptime
from .registry import Run, UsageError, parse, program, to_number


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
    uid = to_number(options["u"]) if "u" in options else max(n for n in used if n < 60000) + 1
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
