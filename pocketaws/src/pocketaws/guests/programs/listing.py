"""Programs that look at the file tree. Source: GNU coreutils manual."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from ..files import FileError, Node
from ..shell.parameters import quote
from .registry import Run, UsageError, parse, program

_LS_LONG = {
    "--color": "G",
    "--all": "a",
    "--recursive": "R",
    "--human-readable": "h",
    "--directory": "d",
}


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
        terminal = run.shell.streams[1].is_terminal
        names = [
            (quote(name) if terminal else name) + _mark(node, options) for name, node in entries
        ]
        separator = "  " if terminal and "1" not in options else "\n"
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
