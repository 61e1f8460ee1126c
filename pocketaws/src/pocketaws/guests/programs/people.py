"""``whoami`` and ``id``. Source: GNU coreutils manual."""

from __future__ import annotations

from .. import users
from .registry import Run, parse, program


@program("whoami")
def whoami(run: Run) -> int:
    run.out(run.identity.user + "\n")
    return 0


@program("id")
def id_(run: Run) -> int:
    options, words = parse(run, "un", "", {"--user": "u", "--name": "n"})
    files = run.machine.files
    wanted = words[0] if words else run.identity.user
    user = users.find(files, wanted)
    if user is None:
        run.complain(f"'{wanted}': no such user")
        return 1
    if "u" in options:
        run.out((user.name if "n" in options else str(user.uid)) + "\n")
        return 0
    names = users.group_names(files)
    numbers = {name: number for number, name in names.items()}
    primary = names.get(user.gid, str(user.gid))
    others = sorted(users.groups_of(files, user.name) - {primary}, key=lambda n: numbers.get(n, 0))
    shown = ",".join(f"{numbers.get(group, user.gid)}({group})" for group in [primary, *others])
    run.out(f"uid={user.uid}({user.name}) gid={user.gid}({primary}) groups={shown}\n")
    return 0
