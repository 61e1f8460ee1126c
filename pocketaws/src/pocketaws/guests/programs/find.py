"""``find``. Source: GNU findutils manual."""

from __future__ import annotations

from ..shell.patterns import matches
from .registry import Run, UsageError, program, to_number


@program("find")
def find(run: Run) -> int:
    words = list(run.arguments)
    starts: list[str] = []
    while words and not words[0].startswith(("-", "!", "(")):
        starts.append(words.pop(0))
    files = run.machine.files
    status = 0
    for start in starts or ["."]:
        real = files.real(start, run.cwd)
        if files.node(real) is None:
            run.complain(f"'{start}': No such file or directory")
            status = 1
            continue
        for full, _ in list(files.walk(real)):
            shown = start + full[len(real) :] if full != real else start
            depth = full[len(real) :].count("/")
            if _find_matches(run, full, shown, words, depth):
                run.out(f"{shown}\n" if "-delete" not in words else "")
    return status


def _find_matches(run: Run, full: str, shown: str, tests: list[str], depth: int) -> bool:  # noqa: C901, PLR0912 - one branch for each kind
    node = run.machine.files.need(full, follow=False)
    at = 0
    while at < len(tests):
        test = tests[at]
        value = tests[at + 1] if at + 1 < len(tests) else ""
        match test:
            case "-name" | "-iname":
                name = full.rpartition("/")[2]
                lowered = test == "-iname"
                if not matches(
                    [(value.lower() if lowered else value, False)],
                    name.lower() if lowered else name,
                ):
                    return False
            case "-path":
                if not matches([(value, False)], shown):
                    return False
            case "-type":
                if node.kind[0] != {"f": "f", "d": "d", "l": "l"}.get(value, "?"):
                    return False
            case "-user":
                if node.owner != value:
                    return False
            case "-maxdepth" | "-mindepth":
                if depth > to_number(value) if test == "-maxdepth" else depth < to_number(value):
                    return False
            case "-print" | "-print0":
                at += 1
                continue
            case "-delete":
                run.machine.files.remove(full, "/", run.identity, recursive=True)
                at += 1
                continue
            case _:
                raise UsageError(f"unknown predicate '{test}'")
        at += 2
    return True
