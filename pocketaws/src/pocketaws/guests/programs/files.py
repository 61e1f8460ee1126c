"""``mkdir`` and ``touch``. Source: GNU coreutils manual."""

from __future__ import annotations

from ..files import FileError
from .registry import Run, UsageError, parse, program, to_number


@program("mkdir")
def mkdir(run: Run) -> int:
    options, paths = parse(run, "p", "m", {"--parents": "p", "--mode": "m"})
    if not paths:
        raise UsageError("missing operand")
    status = 0
    mode = to_number(options.get("m", "777"), 8) & ~(0 if "m" in options else run.shell.state.umask)
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
    _, paths = parse(run, "")
    status = 0
    for path in paths:
        try:
            if run.machine.files.get(path, run.cwd) is not None:
                run.machine.files.change(path, run.cwd, run.identity, modified=run.machine.now)
            else:
                run.open(path, "a")
        except FileError as error:
            run.complain(f"cannot touch '{path}': {error}")
            status = 1
    return status
