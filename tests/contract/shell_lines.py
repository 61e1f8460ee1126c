"""What Windows' shells make of a line: the arguments that a program gets.

PowerShell and cmd are not on the machines that test this, so their documented rules stand here, as far as the lines of
the guides need them; whatever else a line holds is an ``UnprovenError``. Sources, each with examples in the test:

- PowerShell reference, "about_Parsing" (argument mode, passing arguments to native commands),
  "about_Quoting_Rules" (single and double quotation marks, the backtick).
- Windows commands reference, "cmd" and "set" (quotation marks, special characters, ``%name%``).
- Microsoft C language reference, "Parsing C command-line arguments": what a program makes of its command line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

# about_Parsing: what is not an ordinary character of an unquoted argument, or not at its beginning.
_POWERSHELL_SPECIAL = re.compile(r"[,;(){}|&<>'\"`]|^[@#~]|^--%|\$[^\w]|\$$")
_POWERSHELL_NAME = re.compile(
    r"\$(\w+)"
)  # "-", "." and ":" followed by no name end it; ":" is a scope's
_CMD_SPECIAL = "&|<>()^"
_CMD_NAME = re.compile(r"%([^%]+)%")


class UnprovenError(ValueError):
    """A line holds something whose rule does not stand here."""


def powershell(line: str, variables: Mapping[str, str]) -> list[str]:
    """The arguments that PowerShell works out, program and all, before it hands them on."""
    found, rest = [], line.strip()
    while rest:
        if rest[0] == '"':
            word, rest = _until(rest, '"')
            if "`" in word or re.search(r"\$[({]|\$\w+:", word):
                raise UnprovenError(word)
            found.append(_expanded(word, variables))
        elif rest[0] == "'":
            word, rest = _until(rest, "'")
            found.append(word)
        else:
            word = re.split(r"\s", rest, maxsplit=1)[0]
            rest = rest[len(word) :]
            if _POWERSHELL_SPECIAL.search(word):
                raise UnprovenError(word)
            found.append(_expanded(word, variables))
        if (
            rest and not rest[0].isspace()
        ):  # a quoted beginning of an unquoted word is a word of its own
            raise UnprovenError(rest)
        rest = rest.lstrip()
    return found


def _until(text: str, quote: str) -> tuple[str, str]:
    end = text.find(quote, 1)
    if (
        end < 0 or text[end + 1 : end + 2] == quote
    ):  # not closed, or doubled: a quotation mark as text
        raise UnprovenError(text)
    return text[1:end], text[end + 1 :]


def _expanded(word: str, variables: Mapping[str, str]) -> str:
    return _POWERSHELL_NAME.sub(lambda match: variables[match[1]], word)


def legacy_command_line(arguments: Sequence[str]) -> str:
    """How Windows PowerShell 5.1 hands arguments on: in quotation marks if they hold blanks, none inside escaped."""
    return " ".join(f'"{word}"' if re.search(r"\s", word) else word for word in arguments)


def cmd(line: str, variables: Mapping[str, str]) -> str:
    """The command line that cmd hands on: variables filled in; it takes away no quotation mark."""
    filled = _CMD_NAME.sub(lambda match: variables[match[1]], line)
    quoted = False
    for character in filled:
        if character == '"':
            quoted = not quoted
        elif not quoted and character in _CMD_SPECIAL:
            raise UnprovenError(f"{character} in {line}")
    if quoted or "%" in filled:
        raise UnprovenError(line)
    return filled


def program_arguments(command_line: str) -> list[str]:
    """What a program finds in ``argv``."""
    found: list[str] = []
    word: str | None = None
    quoted = False
    position = 0
    while position < len(command_line):
        character = command_line[position]
        if character in " \t" and not quoted:
            if word is not None:
                found.append(word)
            word, position = None, position + 1
            continue
        word = word or ""
        slashes = len(command_line[position:]) - len(command_line[position:].lstrip("\\"))
        quote = command_line[position + slashes : position + slashes + 1] == '"'
        if slashes and quote:
            word += "\\" * (slashes // 2)
            position += slashes
            if slashes % 2:
                word, position = word + '"', position + 1
        elif slashes:
            word, position = word + "\\" * slashes, position + slashes
        elif quote and quoted and command_line[position + 1 : position + 2] == '"':
            word, position = word + '"', position + 2
        elif quote:
            quoted, position = not quoted, position + 1
        else:
            word, position = word + character, position + 1
    return found if word is None else [*found, word]
