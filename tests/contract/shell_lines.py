"""How Windows shells parse a line: the arguments that a program gets.

The machines that run the tests don't have PowerShell or cmd. So this module implements their documented rules, as far
as the guides need them; anything else in a line raises ``UnprovenError``. Sources, each with examples in the test:

- PowerShell reference, "about_Parsing" (argument mode, passing arguments to native commands),
  "about_Quoting_Rules" (single and double quotation marks, the backtick).
- Windows commands reference, "cmd" and "set" (quotation marks, special characters, ``%name%``).
- Microsoft C language reference, "Parsing C command-line arguments": how a program parses its command line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

# about_Parsing: characters that are special in an unquoted argument, or at its beginning.
_POWERSHELL_SPECIAL = re.compile(r"[,;(){}|&<>'\"`]|^[@#~]|^--%|\$[^\w]|\$$")
_POWERSHELL_NAME = re.compile(
    r"\$(\w+)"
)  # "-", "." and ":" followed by no name end it; ":" is a scope's
_CMD_SPECIAL = "&|<>()^"
_CMD_NAME = re.compile(r"%([^%]+)%")


class UnprovenError(ValueError):
    """A line contains something that these rules don't cover."""


def powershell(line: str, variables: Mapping[str, str]) -> list[str]:
    """The arguments that PowerShell passes on, including the program."""
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
        ):  # a quoted part at the beginning of an unquoted word is a separate word
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
    """How Windows PowerShell 5.1 passes arguments on: quoted if they contain blanks, with no inner quotation mark escaped."""
    return " ".join(f'"{word}"' if re.search(r"\s", word) else word for word in arguments)


def cmd(line: str, variables: Mapping[str, str]) -> str:
    """The command line that cmd passes on, with variables replaced and quotation marks kept."""
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
    """What a program gets in ``argv``."""
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
