"""``ls``. Source: GNU coreutils manual."""

from __future__ import annotations

import posixpath

from ..files import FileError, Node
from ..shell.quoting import quote
from .registry import Run, parse, program

_Entries = list[tuple[str, Node]]


@program("ls")
def ls(run: Run) -> int:
    options, paths = parse(run, "1aAdlhG", "", {"--color": "G", "--all": "a", "--directory": "d"})
    status = 0
    folders: list[tuple[str, _Entries]] = []
    plain: _Entries = []
    for path in paths or ["."]:
        try:
            node = run.machine.files.need(path, run.cwd, follow="l" not in options)
            if node.kind == "directory" and "d" not in options:
                folders.append((path, _children(run, path, options)))
            else:
                plain.append((path, node))
        except FileError as error:
            verb = "open directory" if "Permission" in str(error) else "access"
            run.complain(f"cannot {verb} '{path}': {error}")
            status = 2
    if plain:
        _show(run, plain, options)
    for number, (path, entries) in enumerate(folders):
        if len(folders) > 1 or plain or len(paths) > 1:
            run.out(("\n" if number or plain else "") + f"{path}:\n")
        _show(run, entries, options, total=True)
    return status


def _children(run: Run, path: str, options: dict[str, str]) -> _Entries:
    files = run.machine.files
    real = files.real(path, run.cwd)
    files.check_traversal(real, run.identity)
    if not files.allowed(files.need(real), run.identity, "r"):
        raise FileError("Permission denied")
    entries = list(files.children(real))
    if "a" in options:
        above = files.need(posixpath.dirname(real))
        return [(".", files.need(real)), ("..", above), *entries]
    if "A" in options:
        return entries
    return [(name, node) for name, node in entries if not name.startswith(".")]


def _show(run: Run, entries: _Entries, options: dict[str, str], *, total: bool = False) -> None:
    if "l" in options:
        _show_long(run, entries, options, total=total)
        return
    terminal = run.shell.streams[1].is_terminal
    names = [quote(name) if terminal else name for name, _ in entries]
    if names:
        separator = "  " if terminal and "1" not in options else "\n"
        run.out(separator.join(names) + "\n")


def _show_long(run: Run, entries: _Entries, options: dict[str, str], *, total: bool) -> None:
    if total:
        run.out(f"total {sum(-(-_size(node) // 4096) * 4 for _, node in entries)}\n")
    sizes = [_size_text(node, human="h" in options) for _, node in entries]
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
            f"{_mode_text(node)}. {2 if node.kind == 'directory' else 1} {node.owner:<{widths[0]}} "
            f"{node.group:<{widths[1]}} {size:>{widths[2]}} {stamp} {name}{arrow}\n"
        )


def _mode_text(node: Node) -> str:
    kind = {"directory": "d", "link": "l", "device": "c", "file": "-"}[node.kind]
    bits = "".join(
        letter if node.mode >> shift & 1 else "-"
        for shift, letter in zip(range(8, -1, -1), "rwxrwxrwx", strict=True)
    )
    if node.mode & 0o1000:
        bits = bits[:-1] + ("t" if node.mode & 1 else "T")
    return kind + bits


def _size(node: Node) -> int:
    if node.kind == "directory":
        return 4096 if node.mode & 0o1000 else 40
    if node.program is not None:
        return 32768 + len(node.program) * 1024
    return len(node.content.encode("utf-8", "replace"))


def _size_text(node: Node, *, human: bool) -> str:
    size = _size(node)
    if not human or size < 1024:
        return str(size)
    return f"{size / 1024:.1f}K" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f}M"
