"""``sed``. Source: GNU sed manual."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..files import FileError
from ..shell.regex import Found, RegexError, Spend, compile_posix
from .registry import Run, UsageError, program


@dataclass(frozen=True, slots=True)
class _SedCommand:
    first: str | None
    last: str | None
    negated: bool
    name: str
    argument: tuple[str, ...]


@program("sed")
def sed(run: Run) -> int:  # noqa: C901, PLR0912 - one branch for each kind
    scripts: list[str] = []
    words = list(run.arguments)
    quiet = in_place = extended = False
    rest: list[str] = []
    while words:
        word = words.pop(0)
        if word in {"-n", "--quiet", "--silent"}:
            quiet = True
        elif word in {"-E", "-r", "--regexp-extended"}:
            extended = True
        elif word == "-i" or word.startswith(("-i", "--in-place")):
            in_place = True
        elif word in {"-e", "--expression"} and words:
            scripts.append(words.pop(0))
        elif word.startswith("-") and len(word) > 1 and not word.startswith("--"):
            quiet = quiet or "n" in word
            extended = extended or bool(set("Er") & set(word))
            in_place = in_place or "i" in word
            if word.endswith("e") and words:
                scripts.append(words.pop(0))
        else:
            rest.append(word)
    if not scripts:
        if not rest:
            raise UsageError("no script specified")
        scripts.append(rest.pop(0))
    commands = _sed_parse("\n".join(scripts))
    status = 0
    for path in rest or ["-"]:
        try:
            text = run.read(path)
        except FileError as error:
            run.complain(f"can't read {path}: {error}")
            status = 2
            continue
        made = _sed_run(text, commands, quiet=quiet, extended=extended, spend=run.machine.spend)
        if in_place and path != "-":
            run.machine.files.write(path, made, run.machine.now, run.cwd, run.identity)
        else:
            run.out(made)
    return status


_ADDRESS = re.compile(r"\d+|\$|/(?:[^/\\]|\\.)*/")


def _sed_parse(script: str) -> list[_SedCommand]:
    commands: list[_SedCommand] = []
    at = 0
    while at < len(script):
        if script[at] in " \t\n;":
            at += 1
            continue
        first = last = None
        match = _ADDRESS.match(script, at)
        if match:
            first, at = match.group(), match.end()
            second = re.compile(r"\s*,\s*(\d+|\$|/(?:[^/\\]|\\.)*/)").match(script, at)
            if second:
                last, at = second.group(1), second.end()
        gap = re.compile(r"\s*(!?)\s*").match(script, at)
        negated = bool(gap and gap.group(1))
        at = gap.end() if gap else at
        name = script[at : at + 1]
        at += 1
        if name in {"s", "y"}:
            argument, at = _sed_parts(script, at)
        elif name in {"a", "i", "c"}:
            end = script.find("\n", at)
            end = len(script) if end < 0 else end
            argument, at = (re.sub(r"^\s*\\?\s*", "", script[at:end]),), end
        elif name in {"p", "d", "q", "=", "n"}:
            argument = ()
        else:
            raise UsageError(f"-e expression #1, char {at}: unknown command: `{name}'")
        commands.append(_SedCommand(first, last, negated, name, argument))
    return commands


def _sed_parts(script: str, at: int) -> tuple[tuple[str, ...], int]:
    sign = script[at : at + 1]
    pieces: list[str] = []
    current = ""
    at += 1
    while at < len(script) and len(pieces) < 2:
        if script[at] == "\\" and script[at + 1 : at + 2]:
            current += sign if script[at + 1] == sign else script[at : at + 2]
            at += 2
        elif script[at] == sign:
            pieces.append(current)
            current = ""
            at += 1
        else:
            current += script[at]
            at += 1
    if len(pieces) < 2:
        raise UsageError("-e expression #1: unterminated `s' command")
    flags = re.compile(r"[gpiI0-9]*").match(script, at)
    end = flags.end() if flags else at
    return (pieces[0], pieces[1], script[at:end]), end


def _sed_run(  # noqa: C901, PLR0912 - one branch for each kind
    text: str, commands: list[_SedCommand], *, quiet: bool, extended: bool, spend: Spend
) -> str:
    lines = text.splitlines()
    made: list[str] = []
    open_ranges: set[int] = set()
    for number, original in enumerate(lines, 1):
        line: str | None = original
        after: list[str] = []
        ended = False
        for key, command in enumerate(commands):
            hit = _selected(
                command,
                key,
                number,
                len(lines),
                line or "",
                open_ranges,
                extended=extended,
                spend=spend,
            )
            if hit is command.negated:
                continue
            match command.name:
                case "d":
                    line = None
                    break
                case "p":
                    made.append(line or "")
                case "q":
                    ended = True
                    break
                case "=":
                    made.append(str(number))
                case "a":
                    after.append(command.argument[0])
                case "i":
                    made.append(command.argument[0])
                case "c":
                    made.append(command.argument[0])
                    line = None
                    break
                case "s":
                    line, changed = _substitute(
                        line or "", command.argument, extended=extended, spend=spend
                    )
                    if changed and "p" in command.argument[2]:
                        made.append(line)
                case "y":
                    line = (line or "").translate(
                        str.maketrans(command.argument[0], command.argument[1])
                    )
        if line is not None and not quiet:
            made.append(line)
        made.extend(after)
        if ended:
            break
    return "".join(f"{line}\n" for line in made)


def _selected(
    command: _SedCommand, key: int, number: int, count: int, line: str, open_ranges: set[int],
    *, extended: bool, spend: Spend,
) -> bool:  # fmt: skip
    if command.first is None:
        return True

    def at(address: str) -> bool:
        if address == "$":
            return number == count
        if address.isdigit():
            return number == int(address)
        wanted = compile_posix(address[1:-1].replace("\\/", "/"), extended=extended)
        return wanted.search(line, spend=spend) is not None

    if command.last is None:
        return at(command.first)
    if key in open_ranges:
        if at(command.last) or (command.last.isdigit() and number >= int(command.last)):
            open_ranges.discard(key)
        return True
    if at(command.first):
        if not (command.last.isdigit() and number >= int(command.last)):
            open_ranges.add(key)
        return True
    return False


def _substitute(
    line: str, argument: tuple[str, ...], *, extended: bool, spend: Spend
) -> tuple[str, bool]:
    expression, replacement, flags = argument
    try:
        wanted = compile_posix(
            expression, extended=extended, ignore_case=bool(set("iI") & set(flags))
        )
    except RegexError as error:
        raise UsageError(f"-e expression #1: {error}") from error

    def new(match: Found) -> str:
        def piece(escape: re.Match[str]) -> str:
            text = escape.group()
            if text == "&":
                return match.group()
            if text[1].isdigit():
                return match.group(int(text[1]))
            return {"n": "\n", "t": "\t"}.get(text[1], text[1])

        return re.sub(r"\\.|&", piece, replacement)

    nth = re.sub(r"\D", "", flags)
    if nth and "g" not in flags:
        hits = list(wanted.finditer(line, spend))
        if len(hits) < int(nth):
            return line, False
        hit = hits[int(nth) - 1]
        return line[: hit.start] + new(hit) + line[hit.end :], True
    made, count = wanted.subn(new, line, count=0 if "g" in flags else 1, spend=spend)
    return made, count > 0
