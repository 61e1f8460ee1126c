"""Programs that pass text on. Source: GNU coreutils manual."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

from ..files import FileError
from .registry import Run, UsageError, parse, program, to_number


@program("cat")
def cat(run: Run) -> int:
    options, paths = parse(run, "nAbEesTuv", "")
    texts, status = run.texts(paths)
    number = 0
    for _, text in texts:
        if not {"n", "b"} & set(options):
            run.out(text)
            continue
        for line in text.splitlines(keepends=True):
            counted = "n" in options or line.strip()
            number += 1 if counted else 0
            run.out(f"{number:>6}\t{line}" if counted else line)
    return status


@program("tac")
def tac(run: Run) -> int:
    texts, status = run.texts(run.arguments)
    for _, text in texts:
        run.out("".join(reversed(text.splitlines(keepends=True))))
    return status


@program("rev")
def rev(run: Run) -> int:
    texts, status = run.texts(run.arguments)
    for _, text in texts:
        run.out("".join(line[::-1] + "\n" for line in text.splitlines()))
    return status


@program("tee")
def tee(run: Run) -> int:
    options, paths = parse(run, "ai", "", {"--append": "a"})
    text = run.input()
    run.out(text)
    status = 0
    for path in paths:
        try:
            run.open(path, "a" if "a" in options else "w").write(text)
        except FileError as error:
            run.complain(f"{path}: {error}")
            status = 1
    return status


@program("head")
def head(run: Run) -> int:
    return _ends(run, first=True)


@program("tail")
def tail(run: Run) -> int:
    return _ends(run, first=False)


def _ends(run: Run, *, first: bool) -> int:
    run.arguments = [re.sub(r"^-(\d+)$", r"-n\1", word) for word in run.arguments]
    options, paths = parse(
        run, "qvfF", "nc", {"--lines": "n", "--bytes": "c", "--follow": "f", "--quiet": "q"}
    )
    texts, status = run.texts(paths)
    for number, (path, text) in enumerate(texts):
        if len(texts) > 1 and "q" not in options:
            run.out(("\n" if number else "") + f"==> {path} <==\n")
        if "c" in options:
            run.out("".join(_portion(list(text), options["c"], first=first)))
        else:
            lines = text.splitlines(keepends=True)
            run.out("".join(_portion(lines, options.get("n", "10"), first=first)))
    return status


def _portion(items: list[str], count: str, *, first: bool) -> list[str]:
    match = re.fullmatch(r"([-+]?)(\d+)([kKM]?)", count)
    if match is None:
        raise UsageError(f"invalid number of lines: '{count}'")
    sign, number = match.group(1), int(match.group(2))
    if first:
        return items[:-number] if sign == "-" and number else items[:number]
    if sign == "+":
        return items[max(number - 1, 0) :]
    return items[-number:] if number else []


@program("seq")
def seq(run: Run) -> int:
    options, words = parse(run, "w", "sf")
    try:
        numbers = [int(word) for word in words]
    except ValueError as error:
        raise UsageError(f"invalid floating point argument: '{words}'") from error
    if not 1 <= len(numbers) <= 3:
        raise UsageError("missing operand" if not numbers else f"extra operand '{words[3]}'")
    first = numbers[0] if len(numbers) > 1 else 1
    step = numbers[1] if len(numbers) == 3 else 1
    if step == 0:
        raise UsageError("invalid Zero increment value: '0'")
    made = range(first, numbers[-1] + (1 if step > 0 else -1), step)
    run.machine.spend(len(made) // 100)
    width = max((len(str(n)) for n in made), default=0) if "w" in options else 0
    if made:
        run.out(options.get("s", "\n").join(f"{n:0{width}d}" for n in made) + "\n")
    return 0


@program("yes")
def yes(run: Run) -> int:
    run.out(f"{' '.join(run.arguments) or 'y'}\n" * 512)
    return 0


@program("base64")
def base64_(run: Run) -> int:
    options, paths = parse(run, "di", "w", {"--decode": "d", "--wrap": "w"})
    texts, status = run.texts(paths)
    data = "".join(text for _, text in texts)
    if "d" in options:
        try:
            run.out(
                base64.b64decode("".join(data.split()), validate=True).decode("utf-8", "replace")
            )
        except (binascii.Error, ValueError):
            run.complain("invalid input")
            return 1
        return status
    made = base64.b64encode(data.encode()).decode()
    width = to_number(options.get("w", "76"))
    lines = [made[at : at + width] for at in range(0, len(made), width)] if width else [made]
    run.out("\n".join(lines) + ("\n" if width else ""))
    return status


@program("md5sum", "sha1sum", "sha256sum", "sha512sum")
def checksum(run: Run) -> int:
    _, paths = parse(run, "bt")
    texts, status = run.texts(paths)
    for path, text in texts:
        digest = hashlib.new(
            run.name.removesuffix("sum"), text.encode("utf-8", "replace"), usedforsecurity=False
        )
        run.out(f"{digest.hexdigest()}  {path}\n")
    return status


@program("less", "more")
def less(run: Run) -> int:
    """Not a terminal that could be paged: the whole text."""
    texts, status = run.texts([w for w in run.arguments if not w.startswith("-")])
    for _, text in texts:
        run.out(text)
    return status
