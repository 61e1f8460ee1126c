"""Programs that pass text on. Source: GNU coreutils manual."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

from ..files import FileError
from .registry import Run, UsageError, parse, program


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


@program("wc")
def wc(run: Run) -> int:
    options, paths = parse(run, "lwcmL", "", {"--lines": "l", "--words": "w", "--bytes": "c"})
    texts, status = run.texts(paths)
    wanted = [letter for letter in "lwcm" if letter in options] or ["l", "w", "c"]
    rows: list[tuple[list[int], str]] = []
    for path, text in texts:
        counts = {
            "l": text.count("\n"),
            "w": len(text.split()),
            "c": len(text.encode("utf-8", "replace")),
            "m": len(text),
        }
        rows.append(([counts[letter] for letter in wanted], "" if path == "-" else path))
    if len(rows) > 1:
        rows.append(([sum(column) for column in zip(*(r[0] for r in rows), strict=True)], "total"))
    width = (
        1
        if len(wanted) == 1 and len(rows) == 1
        else max(len(str(n)) for r in rows for n in r[0])
        if rows
        else 1
    )
    width = 7 if paths == [] and len(wanted) > 1 else width
    for numbers, name in rows:
        run.out(" ".join(f"{n:>{width}}" for n in numbers) + (f" {name}" if name else "") + "\n")
    return status


@program("sort")
def sort(run: Run) -> int:
    options, paths = parse(run, "nrufhVbMsgd", "kto", {"--reverse": "r", "--unique": "u"})
    texts, status = run.texts(paths)
    lines = "".join(text for _, text in texts).splitlines()
    key = options.get("k", "").split(",")[0]
    separator = options.get("t")

    def value(line: str) -> tuple[float, str]:
        field = line
        if key:
            fields = line.split(separator) if separator else line.split()
            number = int(re.sub(r"\D.*", "", key) or 1)
            field = fields[number - 1] if number <= len(fields) else ""
        text = field.lower() if "f" in options else field
        if "n" in options or "n" in key or "h" in options:
            match = re.match(r"\s*-?\d+(\.\d+)?", field)
            return (float(match.group()) if match else 0.0, line)
        return (0.0, text)

    lines.sort(key=value, reverse="r" in options or "r" in key)
    if "u" in options:
        lines = list(dict.fromkeys(lines))
    made = "".join(line + "\n" for line in lines)
    if "o" in options:
        run.open(options["o"], "w").write(made)
    else:
        run.out(made)
    return status


@program("uniq")
def uniq(run: Run) -> int:
    options, paths = parse(run, "cdui")
    texts, status = run.texts(paths[:1])
    groups: list[tuple[int, str]] = []
    for line in "".join(text for _, text in texts).splitlines():
        if groups and groups[-1][1] == line:
            groups[-1] = (groups[-1][0] + 1, line)
        else:
            groups.append((1, line))
    for count, line in groups:
        if ("d" in options and count == 1) or ("u" in options and count > 1):
            continue
        run.out(f"{count:>7} {line}\n" if "c" in options else f"{line}\n")
    return status


@program("cut")
def cut(run: Run) -> int:
    options, paths = parse(
        run,
        "s",
        "dfcb",
        {"--delimiter": "d", "--fields": "f", "--characters": "c", "--only-delimited": "s"},
    )
    spec = options.get("f") or options.get("c") or options.get("b")
    if spec is None:
        raise UsageError("you must specify a list of bytes, characters, or fields")
    texts, status = run.texts(paths)
    separator = options.get("d", "\t")
    for line in "".join(text for _, text in texts).splitlines():
        if "f" in options:
            if separator not in line:
                if "s" not in options:
                    run.out(line + "\n")
                continue
            run.out(separator.join(_chosen(line.split(separator), spec)) + "\n")
        else:
            run.out("".join(_chosen(list(line), spec)) + "\n")
    return status


def _chosen(items: list[str], spec: str) -> list[str]:
    wanted: set[int] = set()
    for part in spec.split(","):
        first, dash, last = part.partition("-")
        begin = int(first or 1)
        end = (int(last) if last else len(items)) if dash else begin
        wanted.update(range(begin, min(end, len(items)) + 1))
    return [item for number, item in enumerate(items, 1) if number in wanted]


_TR_CLASSES = {
    "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "lower": "abcdefghijklmnopqrstuvwxyz",
    "digit": "0123456789", "space": " \t\n\r\v\f", "blank": " \t",
    "alpha": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "alnum": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    "punct": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    "cntrl": "".join(chr(n) for n in [*range(32), 127]),
}  # fmt: skip


def _characters(text: str) -> str:
    text = re.sub(r"\[:(\w+):\]", lambda m: _TR_CLASSES.get(m.group(1), ""), text)
    text = re.sub(
        r"\\(n|t|r|\\)", lambda m: {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}[m.group(1)], text
    )
    text = re.sub(r"\\([0-7]{1,3})", lambda m: chr(int(m.group(1), 8)), text)
    return re.sub(
        r"(.)-(.)",
        lambda m: "".join(chr(n) for n in range(ord(m.group(1)), ord(m.group(2)) + 1)),
        text,
        flags=re.DOTALL,
    )


@program("tr")
def tr(run: Run) -> int:
    options, sets = parse(
        run, "cCdst", "", {"--delete": "d", "--squeeze-repeats": "s", "--complement": "c"}
    )
    if not sets:
        raise UsageError("missing operand")
    first = _characters(sets[0])
    second = _characters(sets[1]) if len(sets) > 1 else ""
    text = run.input()
    inverse = bool({"c", "C"} & set(options))

    def hit(char: str) -> bool:
        return (char in first) is not inverse

    if "d" in options:
        text = "".join(char for char in text if not hit(char))
    elif second:
        padded = second + second[-1] * max(len(first) - len(second), 0)
        text = "".join(
            (second[-1] if inverse else padded[first.index(char)]) if hit(char) else char
            for char in text
        )
    if "s" in options:
        squeezed = second or first
        text = re.sub(f"([{re.escape(squeezed)}])\\1+", r"\1", text) if squeezed else text
    run.out(text)
    return 0


@program("nl")
def nl(run: Run) -> int:
    texts, status = run.texts([w for w in run.arguments if not w.startswith("-")])
    for number, line in enumerate("".join(text for _, text in texts).splitlines(), 1):
        run.out(f"{number:>6}\t{line}\n")
    return status


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
    made = range(first, numbers[-1] + (1 if step > 0 else -1), step)[:100000]
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
    width = int(options.get("w", "76"))
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
