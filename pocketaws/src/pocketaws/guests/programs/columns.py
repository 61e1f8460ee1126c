"""Programs that take lines apart and order them. Source: GNU coreutils manual."""

from __future__ import annotations

import re

from .registry import Run, UsageError, parse, program, to_number


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
        begin = to_number(first or "1")
        end = (to_number(last) if last else len(items)) if dash else begin
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
