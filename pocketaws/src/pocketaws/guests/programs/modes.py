"""``chmod``. Source: GNU coreutils manual."""

from __future__ import annotations

import re

from ..files import FileError
from .registry import Run, UsageError, program


@program("chmod")
def chmod(run: Run) -> int:
    """Set the mode bits of files. pocketaws emulates octal modes only."""
    if len(run.arguments) < 2:
        raise UsageError("missing operand")
    mode, *paths = run.arguments
    if re.fullmatch(r"[0-7]{1,4}", mode) is None:
        raise UsageError(f"{mode}: pocketaws emulates only octal modes")
    status = 0
    for path in paths:
        try:
            run.machine.files.change(path, run.cwd, run.identity, mode=int(mode, 8))
        except FileError as error:
            missing = "No such" in str(error)
            where = f"cannot access '{path}'" if missing else f"changing permissions of '{path}'"
            run.complain(f"{where}: {error}")
            status = 1
    return status
