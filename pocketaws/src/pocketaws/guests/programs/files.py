"""Programs that change the file tree. Source: GNU coreutils manual."""

from __future__ import annotations

import posixpath
import re

from ..files import FileError, Node
from .registry import Run, UsageError, parse, program, to_number


@program("mkdir")
def mkdir(run: Run) -> int:
    options, paths = parse(run, "pv", "m", {"--parents": "p", "--mode": "m"})
    if not paths:
        raise UsageError("missing operand")
    status = 0
    mode = to_number(options.get("m", "777"), 8) & ~(0 if "m" in options else run.shell.state.umask)
    for path in paths:
        try:
            make_directory(run, path, mode, parents="p" in options)
        except FileError as error:
            run.complain(f"cannot create directory '{path}': {error}")
            status = 1
    return status


def make_directory(run: Run, path: str, mode: int, *, parents: bool) -> None:
    """Make a directory as ``mkdir`` does; raises ``FileError``."""
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
            make_directory(run, path, to_number(options.get("m", "755"), 8), parents=True)
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
                make_directory(run, below, child.mode, parents=True)
            else:
                _copy(run, full, below, options)
        return
    text = files.read(source, "/", run.identity)
    mode = to_number(options["m"], 8) if "m" in options else node.mode & ~run.shell.state.umask
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


@program("mktemp")
def mktemp(run: Run) -> int:
    options, words = parse(run, "dqtu", "p", {"--directory": "d", "--tmpdir": "t", "--suffix": "p"})
    template = words[0] if words else "/tmp/tmp.XXXXXXXXXX"  # noqa: S108 - the guest's own
    if not words or ("t" in options and "/" not in template):
        template = posixpath.join(options.get("p") or "/tmp", template.rpartition("/")[2])  # noqa: S108 - the guest's own
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
