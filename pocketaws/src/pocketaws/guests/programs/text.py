"""``cat`` and ``head``. Source: GNU coreutils manual."""

from __future__ import annotations

import re

from .registry import Run, UsageError, parse, program


@program("cat")
def cat(run: Run) -> int:
    _, paths = parse(run, "")
    texts, status = run.texts(paths)
    for _, text in texts:
        run.out(text)
    return status


@program("head")
def head(run: Run) -> int:
    run.arguments = [re.sub(r"^-(\d+)$", r"-n\1", word) for word in run.arguments]
    options, paths = parse(run, "", "n", {"--lines": "n"})
    count = options.get("n", "10")
    if not count.isdigit():
        raise UsageError(f"invalid number of lines: '{count}'")
    texts, status = run.texts(paths)
    for number, (path, text) in enumerate(texts):
        if len(texts) > 1:
            run.out(("\n" if number else "") + f"==> {path} <==\n")
        run.out("".join(text.splitlines(keepends=True)[: int(count)]))
    return status
