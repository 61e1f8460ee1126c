"""Programs that look at and change the file tree. Source: GNU coreutils manual."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from .. import users
from ..files import FileError, Node
from .registry import Run, UsageError, parse, program

_LS_LONG = {
    "--color": "G",
    "--all": "a",
    "--recursive": "R",
    "--human-readable": "h",
    "--directory": "d",
}
_SYMBOLIC = re.compile(r"([ugoa]*)([-+=])([rwxXst]*)$")


def mode_text(node: Node) -> str:
    """The mode as ``ls -l`` shows it."""
    kind = {"directory": "d", "link": "l", "device": "c", "file": "-"}[node.kind]
    bits = "".join(
        letter if node.mode >> shift & 1 else "-"
        for shift, letter in zip(range(8, -1, -1), "rwxrwxrwx", strict=True)
    )
    if node.mode & 0o1000:
        bits = bits[:-1] + ("t" if node.mode & 1 else "T")
    return kind + bits


def size_of(node: Node) -> int:
    if node.kind == "directory":
        return 4096 if node.mode & 0o1000 else 40
    if node.program is not None:
        return 32768 + len(node.program) * 1024
    return len(node.content.encode("utf-8", "replace"))


@program("ls")
def ls(run: Run) -> int:
    options, paths = parse(run, "1aAlhtrRdFiSGsnU", "", _LS_LONG)
    status = 0
    groups: list[tuple[str, list[tuple[str, Node]]]] = []
    plain: list[tuple[str, Node]] = []
    for path in paths or ["."]:
        try:
            node = run.machine.files.need(path, run.cwd, follow="l" not in options)
            if node.kind == "directory" and "d" not in options:
                groups.extend(_listings(run, path, recursive="R" in options))
            else:
                plain.append((path, node))
        except FileError as error:
            verb = "open directory" if "Permission" in str(error) else "access"
            run.complain(f"cannot {verb} '{path}': {error}")
            status = 2
    if plain:
        _show(run, plain, options)
    for number, (path, entries) in enumerate(groups):
        if len(groups) > 1 or plain or len(paths) > 1:
            run.out(("\n" if number or plain else "") + f"{path}:\n")
        _show(run, _with_dots(run, path, entries, options), options, total=True)
    return status


def _listings(
    run: Run, path: str, *, recursive: bool
) -> Iterator[tuple[str, list[tuple[str, Node]]]]:
    files = run.machine.files
    real = files.real(path, run.cwd)
    files.check_way(real, run.identity)
    if not files.allowed(files.need(real), run.identity, "r"):
        raise FileError("Permission denied")
    entries = list(files.children(real))
    yield path, entries
    for name, node in entries:
        if recursive and node.kind == "directory" and not name.startswith("."):
            yield from _listings(run, posixpath.join(path, name), recursive=True)


def _with_dots(
    run: Run, path: str, entries: list[tuple[str, Node]], options: dict[str, str]
) -> list[tuple[str, Node]]:
    if "a" in options:
        files = run.machine.files
        here = files.need(path, run.cwd)
        above = files.need(posixpath.join(path, ".."), run.cwd)
        return [(".", here), ("..", above), *entries]
    if "A" in options:
        return entries
    return [(name, node) for name, node in entries if not name.startswith(".")]


def _show(
    run: Run, entries: list[tuple[str, Node]], options: dict[str, str], *, total: bool = False
) -> None:
    if "t" in options:
        entries = sorted(entries, key=lambda entry: entry[1].modified, reverse=True)
    if "S" in options:
        entries = sorted(entries, key=lambda entry: size_of(entry[1]), reverse=True)
    if "r" in options:
        entries = entries[::-1]
    if "l" not in options and "n" not in options:
        names = [name + _mark(node, options) for name, node in entries]
        separator = "  " if run.shell.streams[1].is_terminal and "1" not in options else "\n"
        if names:
            run.out(separator.join(names) + "\n")
        return
    if total:
        run.out(f"total {sum(-(-size_of(node) // 4096) * 4 for _, node in entries)}\n")
    sizes = [_size(node, human="h" in options) for _, node in entries]
    widths = [max((len(x) for x in column), default=0) for column in (
        [node.owner for _, node in entries], [node.group for _, node in entries], sizes)]  # fmt: skip
    for (name, node), size in zip(entries, sizes, strict=True):
        when = node.modified
        recent = abs((run.machine.now - when).days) < 180
        stamp = (
            f"{when:%b} {when.day:>2} {when:%H:%M}"
            if recent
            else f"{when:%b} {when.day:>2}  {when:%Y}"
        )
        arrow = f" -> {node.content}" if node.kind == "link" else ""
        run.out(
            f"{mode_text(node)}. {2 if node.kind == 'directory' else 1} {node.owner:<{widths[0]}} "
            f"{node.group:<{widths[1]}} {size:>{widths[2]}} {stamp} {name}{_mark(node, options)}{arrow}\n"
        )


def _mark(node: Node, options: dict[str, str]) -> str:
    if "F" not in options:
        return ""
    if node.kind == "file":
        return "*" if node.mode & 0o111 else ""
    return {"directory": "/", "link": "@"}.get(node.kind, "")


def _size(node: Node, *, human: bool) -> str:
    size = size_of(node)
    if not human or size < 1024:
        return str(size)
    return f"{size / 1024:.1f}K" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f}M"


@program("mkdir")
def mkdir(run: Run) -> int:
    options, paths = parse(run, "pv", "m", {"--parents": "p", "--mode": "m"})
    if not paths:
        raise UsageError("missing operand")
    status = 0
    mode = int(options.get("m", "777"), 8) & ~(0 if "m" in options else run.shell.state.umask)
    for path in paths:
        try:
            _make(run, path, mode, parents="p" in options)
        except FileError as error:
            run.complain(f"cannot create directory '{path}': {error}")
            status = 1
    return status


def _make(run: Run, path: str, mode: int, *, parents: bool) -> None:
    files, now = run.machine.files, run.machine.now
    if not parents:
        files.make_directory(path, now, run.cwd, run.identity, mode=mode)
        return
    real = files.real(path, run.cwd)
    here = ""
    for part in real.strip("/").split("/"):
        here = f"{here}/{part}"
        node = files.node(files.real(here))
        if node is None:
            files.make_directory(here, now, "/", run.identity, mode=mode)
        elif node.kind != "directory":
            raise FileError("File exists" if here == real else "Not a directory")


@program("touch")
def touch(run: Run) -> int:
    options, paths = parse(run, "acm", "dtr")
    status = 0
    for path in paths:
        try:
            if run.machine.files.get(path, run.cwd) is not None:
                run.machine.files.change(path, run.cwd, run.identity, modified=run.machine.now)
            elif "c" not in options:
                run.open(path, "a")
        except FileError as error:
            run.complain(f"cannot touch '{path}': {error}")
            status = 1
    return status


@program("rm")
def rm(run: Run) -> int:
    options, paths = parse(
        run, "rRfvid", "", {"--recursive": "r", "--force": "f", "--no-preserve-root": "N"}
    )
    if not paths and "f" not in options:
        raise UsageError("missing operand")
    recursive = bool({"r", "R"} & set(options))
    status = 0
    for path in paths:
        node = run.machine.files.get(path, run.cwd, follow=False)
        if node is None and "f" in options:
            continue
        try:
            real = run.machine.files.real(path, run.cwd, follow_last=False)
            _check_removal(real, node, recursive=recursive)
            run.machine.files.remove(path, run.cwd, run.identity, recursive=recursive)
        except FileError as error:
            run.complain(f"cannot remove '{path}': {error}")
            status = 1
    return status


def _check_removal(real: str, node: Node | None, *, recursive: bool) -> None:
    if real == "/":
        raise FileError("it is dangerous to operate recursively on '/'")
    if node is not None and node.kind == "directory" and not recursive:
        raise FileError("Is a directory")


@program("rmdir")
def rmdir(run: Run) -> int:
    _, paths = parse(run, "pv")
    status = 0
    for path in paths:
        try:
            run.machine.files.remove_empty(path, run.cwd, run.identity)
        except FileError as error:
            run.complain(f"failed to remove '{path}': {error}")
            status = 1
    return status


@program("cp", "install")
def cp(run: Run) -> int:
    options, paths = parse(
        run, "rRafpvnTDbd", "mogt", {"--recursive": "r", "--archive": "a", "--mode": "m"}
    )
    return _each_target(run, paths, options, move=False)


@program("mv")
def mv(run: Run) -> int:
    options, paths = parse(run, "fvnT")
    return _each_target(run, paths, options, move=True)


def _each_target(run: Run, paths: list[str], options: dict[str, str], *, move: bool) -> int:
    if run.name == "install" and "d" in options:
        for path in paths:
            _make(run, path, int(options.get("m", "755"), 8), parents=True)
        return 0
    if len(paths) < 2:
        raise UsageError(
            "missing file operand"
            if not paths
            else f"missing destination file operand after '{paths[0]}'"
        )
    target, status = paths[-1], 0
    files = run.machine.files
    into = (node := files.get(target, run.cwd)) is not None and node.kind == "directory"
    for path in paths[:-1]:
        goal = posixpath.join(target, path.rstrip("/").rpartition("/")[2]) if into else target
        try:
            _copy(run, path, goal, options)
            if move:
                files.remove(path, run.cwd, run.identity, recursive=True)
        except FileError as error:
            run.complain(f"cannot {'move' if move else 'stat'} '{path}': {error}")
            status = 1
    return status


def _copy(run: Run, path: str, goal: str, options: dict[str, str]) -> None:
    files = run.machine.files
    source = files.real(path, run.cwd)
    node = files.need(source)
    if node.kind == "directory":
        if run.name == "cp" and not {"r", "R", "a"} & set(options):
            raise FileError(f"-r not specified; omitting directory '{path}'")
        for full, child in list(files.walk(source)):
            below = goal + full[len(source) :]
            if child.kind == "directory":
                _make(run, below, child.mode, parents=True)
            else:
                _copy(run, full, below, options)
        return
    text = files.read(source, "/", run.identity)
    mode = int(options["m"], 8) if "m" in options else node.mode & ~run.shell.state.umask
    if run.name == "install" and "m" not in options:
        mode = 0o755
    written = files.write(goal, text, run.machine.now, run.cwd, run.identity, mode=mode)
    kept: dict[str, object] = {"program": node.program}
    if "m" in options:
        kept["mode"] = mode
    files.change(written, "/", run.identity, **kept)


@program("ln")
def ln(run: Run) -> int:
    options, paths = parse(run, "sfnvr")
    if len(paths) != 2:
        raise UsageError("missing file operand")
    target, path = paths
    if "f" in options and run.machine.files.get(path, run.cwd, follow=False) is not None:
        run.machine.files.remove(path, run.cwd, run.identity)
    run.machine.files.link(path, target, run.machine.now, run.cwd, run.identity)
    return 0


@program("chmod")
def chmod(run: Run) -> int:
    words = [w for w in run.arguments if w not in {"-R", "-v", "-f", "--recursive"}]
    recursive = bool({"-R", "--recursive"} & set(run.arguments))
    if len(words) < 2:
        raise UsageError("missing operand")

    def change(path: str, node: Node) -> None:
        mode = new_mode(words[0], node)
        if mode is None:
            raise UsageError(f"invalid mode: '{words[0]}'")
        run.machine.files.change(path, "/", run.identity, mode=mode)

    return _for_each(run, words[1:], recursive=recursive, change=change, verb="access")


def new_mode(text: str, node: Node) -> int | None:
    """The mode that ``chmod`` makes of a node's; None where the text is no mode."""
    if re.fullmatch(r"[0-7]{1,4}", text):
        return int(text, 8)
    mode = node.mode
    for clause in text.split(","):
        match = _SYMBOLIC.match(clause)
        if match is None:
            return None
        who, sign, rights = match.groups()
        bits = sum({"r": 4, "w": 2, "x": 1}.get(right, 0) for right in set(rights))
        if "X" in rights and (node.kind == "directory" or mode & 0o111):
            bits |= 1
        for letter in "ugo" if not who or "a" in who else who:
            shift = {"u": 6, "g": 3, "o": 0}[letter]
            if sign == "+":
                mode |= bits << shift
            elif sign == "-":
                mode &= ~(bits << shift)
            else:
                mode = mode & ~(7 << shift) | bits << shift
    return mode


@program("chown", "chgrp")
def chown(run: Run) -> int:
    words = [w for w in run.arguments if w not in {"-R", "-v", "-h", "--recursive"}]
    if len(words) < 2:
        raise UsageError("missing operand")
    owner, _, group = words[0].replace(".", ":", 1).partition(":")
    if run.name == "chgrp":
        owner, group = "", words[0]
    files = run.machine.files
    found = users.find(files, owner) if owner else None
    if owner and found is None:
        raise UsageError(f"invalid user: '{words[0]}'")
    if group and group not in users.group_names(files).values():
        raise UsageError(f"invalid group: '{words[0]}'")
    changes: dict[str, object] = {}
    if found is not None:
        changes["owner"] = found.name
    if group:
        changes["group"] = group

    def change(path: str, _node: Node) -> None:
        files.change(path, "/", run.identity, **changes)

    recursive = bool({"-R", "--recursive"} & set(run.arguments))
    return _for_each(run, words[1:], recursive=recursive, change=change, verb="access")


def _for_each(run: Run, paths: list[str], *, recursive: bool, change: object, verb: str) -> int:
    status = 0
    files = run.machine.files
    for path in paths:
        try:
            real = files.real(path, run.cwd)
            node = files.need(real)
            for full, below in list(files.walk(real)) if recursive else [(real, node)]:
                change(full, below)  # type: ignore[operator]
        except FileError as error:
            where = (
                f"cannot {verb} '{path}'"
                if "No such" in str(error)
                else f"changing permissions of '{path}'"
            )
            run.complain(f"{where}: {error}")
            status = 1
    return status


@program("stat")
def stat(run: Run) -> int:
    options, paths = parse(run, "Lt", "cf", {"--format": "c"})
    for path in paths:
        node = run.machine.files.need(path, run.cwd)
        form = options.get("c")
        if form is None:
            kind = {"file": "regular file", "link": "symbolic link"}.get(node.kind, node.kind)
            run.out(f"  File: {path}\n  Size: {size_of(node)}\t{kind}\n")
            run.out(
                f"Access: ({node.mode:04o}/{mode_text(node)})  Uid: {node.owner}  Gid: {node.group}\n"
            )
            run.out(f"Modify: {node.modified:%Y-%m-%d %H:%M:%S.%f000 +0000}\n")
            continue
        values = {
            "a": f"{node.mode:o}", "A": mode_text(node), "U": node.owner, "G": node.group,
            "s": str(size_of(node)), "n": path, "Y": str(int(node.modified.timestamp())),
        }  # fmt: skip
        run.out(_filled(form, values) + "\n")
    return 0


def _filled(form: str, values: dict[str, str]) -> str:
    return re.sub(r"%(\w)", lambda match: values.get(match.group(1), "?"), form)


@program("readlink", "realpath")
def readlink(run: Run) -> int:
    options, paths = parse(run, "fenms")
    for path in paths:
        if run.name == "readlink" and not options:
            node = run.machine.files.get(path, run.cwd, follow=False)
            if node is None or node.kind != "link":
                return 1
            run.out(node.content + "\n")
        else:
            run.out(run.machine.files.real(path, run.cwd) + "\n")
    return 0


@program("mktemp")
def mktemp(run: Run) -> int:
    options, words = parse(run, "dqtu", "p", {"--directory": "d", "--tmpdir": "t", "--suffix": "p"})
    template = words[0] if words else "/tmp/tmp.XXXXXXXXXX"  # noqa: S108 - the guest's own
    if not words or ("t" in options and "/" not in template):
        template = posixpath.join(options.get("p") or "/tmp", template.rpartition("/")[2])  # noqa: S108
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    path = re.sub(
        r"X+$",
        lambda m: "".join(run.machine.world.random.choice(letters) for _ in m.group()),
        template,
    )
    if "d" in options:
        run.machine.files.make_directory(path, run.machine.now, run.cwd, run.identity, mode=0o700)
    else:
        run.machine.files.write(path, "", run.machine.now, run.cwd, run.identity, mode=0o600)
    run.out(path + "\n")
    return 0


@program("basename")
def basename(run: Run) -> int:
    if not run.arguments:
        raise UsageError("missing operand")
    name = run.arguments[0].rstrip("/").rpartition("/")[2] or "/"
    suffix = run.arguments[1] if len(run.arguments) > 1 else ""
    run.out((name.removesuffix(suffix) if name != suffix else name) + "\n")
    return 0


@program("dirname")
def dirname(run: Run) -> int:
    if not run.arguments:
        raise UsageError("missing operand")
    for path in run.arguments:
        run.out(
            (posixpath.dirname(path.rstrip("/")) or ("/" if path.startswith("/") else ".")) + "\n"
        )
    return 0


@program("df")
def df(run: Run) -> int:
    human = "h" in "".join(run.arguments)
    rows = [("devtmpfs", 4096, 0, "/dev"), ("tmpfs", 474084, 0, "/dev/shm"),  # noqa: S108
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
