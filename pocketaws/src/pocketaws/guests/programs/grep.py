"""``grep``. Source: GNU grep manual."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from ..files import FileError
from ..shell.regex import Expression, Found, RegexError, compile_posix
from .registry import Run, UsageError, parse, program, to_number

_SPECIAL = re.compile(r"[][\\.^$*+?(){}|]")
_GREP_LONG = {
    "--extended-regexp": "E", "--fixed-strings": "F", "--ignore-case": "i", "--invert-match": "v",
    "--quiet": "q", "--silent": "q", "--count": "c", "--only-matching": "o", "--line-number": "n",
    "--recursive": "r", "--word-regexp": "w", "--files-with-matches": "l", "--no-messages": "s",
    "--regexp": "e", "--no-filename": "h", "--color": "K", "--max-count": "m", "--with-filename": "H",
    "--line-regexp": "x",
}  # fmt: skip


@program("grep", "egrep", "fgrep")
def grep(run: Run) -> int:
    options, words = parse(run, "EFGPivqcnorRwlLshHxIaK", "eABCm", _GREP_LONG)
    expression = options["e"] if "e" in options else (words.pop(0) if words else None)
    if expression is None:
        run.err("Usage: grep [OPTION]... PATTERNS [FILE]...\n")
        return 2
    fixed = "F" in options or run.name == "fgrep"
    extended = bool({"E", "P"} & set(options)) or run.name == "egrep"
    wanted = _pattern(expression, options, fixed=fixed, extended=extended)
    paths, status = _paths(run, words, recursive=bool({"r", "R"} & set(options)))
    found = False
    several = len(paths) > 1 or bool({"r", "R", "H"} & set(options))
    for path in paths:
        try:
            text = run.read(path)
        except FileError as error:
            status = 2
            if "s" not in options:
                run.complain(f"{path}: {error}")
            continue
        prefix = (
            f"{'(standard input)' if path == '-' else path}:"
            if several and "h" not in options
            else ""
        )
        found = _grep_text(run, text, wanted, options, prefix) or found
        if found and "q" in options:
            return 0
    return status or (0 if found else 1)


def _pattern(
    expression: str, options: dict[str, str], *, fixed: bool, extended: bool
) -> list[Expression]:
    made = []
    for line in expression.split("\n"):
        text = _SPECIAL.sub(r"\\\g<0>", line) if fixed else line
        try:
            made.append(compile_posix(text, extended=extended or fixed, ignore_case="i" in options))
        except RegexError as error:
            raise UsageError(str(error), 2) from error
    return made


def _matches(
    run: Run, wanted: list[Expression], line: str, options: dict[str, str]
) -> Iterator[Found]:
    """The matches in a line that pass ``-w`` and ``-x``."""
    for expression in wanted:
        for found in expression.finditer(line, run.machine.spend):
            whole = found.start == 0 and found.end == len(line)
            edges = (line[found.start - 1 : found.start] + line[found.end : found.end + 1]).replace(
                "_", "a"
            )
            alone = not any(char.isalnum() for char in edges)
            if (whole or "x" not in options) and (alone or "w" not in options):
                yield found


def _paths(run: Run, words: list[str], *, recursive: bool) -> tuple[list[str], int]:
    if not recursive:
        return words or ["-"], 0
    files = run.machine.files
    found: list[str] = []
    for word in words or ["."]:
        real = files.real(word, run.cwd)
        for full, node in files.walk(real):
            if node.kind == "file" and node.program is None:
                found.append(posixpath.normpath(word + full[len(real) :]) if full != real else word)
    return found, 0


def _grep_text(
    run: Run, text: str, wanted: list[Expression], options: dict[str, str], prefix: str
) -> bool:
    lines = text.splitlines()
    hits = [
        n
        for n, line in enumerate(lines)
        if any(True for _ in _matches(run, wanted, line, options)) is not ("v" in options)
    ]
    if "m" in options:
        hits = hits[: to_number(options["m"])]
    if "q" in options:
        return bool(hits)
    if "c" in options:
        run.out(f"{prefix}{len(hits)}\n")
        return bool(hits)
    if "l" in options:
        run.out(f"{prefix.rstrip(':') or '(standard input)'}\n" if hits else "")
        return bool(hits)
    before = to_number(options.get("B") or options.get("C") or "0")
    after = to_number(options.get("A") or options.get("C") or "0")
    shown: set[int] = set()
    if "o" in options:
        for hit in hits:
            _show_matches(
                run, wanted, lines[hit], options, prefix + (f"{hit + 1}:" if "n" in options else "")
            )
        return bool(hits)
    for hit in hits:
        for number in range(max(hit - before, 0), min(hit + after + 1, len(lines))):
            if number not in shown:
                shown.add(number)
                run.out(f"{prefix}{f'{number + 1}:' if 'n' in options else ''}{lines[number]}\n")
    return bool(hits)


def _show_matches(
    run: Run, wanted: list[Expression], line: str, options: dict[str, str], prefix: str
) -> None:
    for match in _matches(run, wanted, line, options):
        if match.end > match.start:
            run.out(f"{prefix}{match.group()}\n")
