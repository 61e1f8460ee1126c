"""Expands words into the arguments that commands get.

The order is bash's: tilde, parameters and commands, word splitting, file names, quote removal.

Source: Bash reference manual, "Shell Expansions".
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from .control_flow import ExpansionError
from .parameters import expand_parameter
from .patterns import MAGIC, Segment, whole
from .shell import Shell
from .syntax import CommandSubstitution, DoubleQuoted, Parameter, Part, Text, Word

_TILDE = re.compile(r"~([A-Za-z0-9_.-]*)(?=/|$)")


class Fields:
    """Collects the fields of one word."""

    def __init__(self, separators: str | None) -> None:
        self.separators = " \t\n" if separators is None else separators
        self.done: list[list[Segment]] = []
        self.current: list[Segment] | None = None

    def add(self, text: str, *, quoted: bool) -> None:
        """Append to the current field. An empty quoted text starts one."""
        if self.current is None:
            if not text and not quoted:
                return
            self.current = []
        self.current.append((text, quoted))

    def cut(self) -> None:
        """End the current field."""
        if self.current is not None:
            self.done.append(self.current)
            self.current = None

    def split(self, text: str) -> None:
        """Append the result of an unquoted expansion, split at the separators."""
        blanks = "".join(c for c in self.separators if c in " \t\n")
        start = 0
        for at, char in enumerate(text):
            if char not in self.separators:
                continue
            if at > start:
                self.add(text[start:at], quoted=False)
            if char in blanks:
                self.cut()
            else:
                if self.current is None and (at == 0 or text[at - 1] not in blanks):
                    self.current = []
                self.cut()
            start = at + 1
        if start < len(text):
            self.add(text[start:], quoted=False)


def expand_words(shell: Shell, words: Iterator[Word] | tuple[Word, ...]) -> list[str]:
    """All fields of the words, with file names expanded."""
    found: list[str] = []
    for word in words:
        for field in fields_of(shell, word):
            found.extend(_file_names(shell, field))
    return found


def fields_of(shell: Shell, word: Word) -> list[list[Segment]]:
    """The fields of one word, before file name expansion."""
    fields = Fields(shell.state.get("IFS"))
    for number, part in enumerate(word.parts):
        if number == 0 and isinstance(part, Text) and not part.quoted:
            part = Text(tilde(shell, part.text))  # noqa: PLW2901 - the same part, expanded
        _expand(shell, part, fields, quoted=False)
    fields.cut()
    return fields.done


def segments_of(shell: Shell, word: Word) -> list[Segment]:
    """One word without splitting, for patterns, assignments, and here-documents."""
    fields = Fields("")
    for number, part in enumerate(word.parts):
        if number == 0 and isinstance(part, Text) and not part.quoted:
            part = Text(tilde(shell, part.text))  # noqa: PLW2901 - the same part, expanded
        _expand(shell, part, fields, quoted=False)
    fields.cut()
    joined: list[Segment] = []
    for number, field in enumerate(fields.done):
        if number:
            joined.append((" ", True))
        joined.extend(field)
    return joined


def text_of(shell: Shell, word: Word) -> str:
    """One word as text."""
    return "".join(text for text, _ in segments_of(shell, word))


def _expand(shell: Shell, part: Part, fields: Fields, *, quoted: bool) -> None:
    match part:
        case Text():
            fields.add(part.text, quoted=part.quoted or quoted)
        case DoubleQuoted():
            if not part.parts:
                fields.add("", quoted=True)
            for piece in part.parts:
                _expand(shell, piece, fields, quoted=True)
        case Parameter():
            _expand_parameter(shell, part, fields, quoted=quoted)
        case CommandSubstitution():
            text = shell.substitute(part.body)
            fields.add(text, quoted=True) if quoted else fields.split(text)


def _expand_parameter(shell: Shell, part: Parameter, fields: Fields, *, quoted: bool) -> None:
    value = expand_parameter(shell, part, quoted=quoted)
    if isinstance(value, Word):
        for piece in value.parts:
            _expand(shell, piece, fields, quoted=quoted)
        if quoted and not value.parts:
            fields.add("", quoted=True)
    elif isinstance(value, str):
        if quoted:
            fields.add(value, quoted=True)
        else:
            fields.split(value)
    else:
        for number, item in enumerate(value):
            if number:
                fields.cut()
            if quoted:
                fields.add(item, quoted=True)
            else:
                fields.split(item)


def tilde(shell: Shell, text: str) -> str:
    """Expand ``~`` at the start of a word."""
    match = _TILDE.match(text)
    if match is None:
        return text
    if match.group(1):
        raise ExpansionError(
            f"{match.group()}: pocketaws doesn't emulate the home directories of other users"
        )
    return (shell.state.get("HOME") or "/") + text[match.end() :]


def _file_names(shell: Shell, field: list[Segment]) -> list[str]:
    text = "".join(piece for piece, _ in field)
    if not any(MAGIC.search(piece) for piece, quoted in field if not quoted):
        return [text]
    return sorted(_glob(shell, field)) or [text]


def _glob(shell: Shell, field: list[Segment]) -> list[str]:
    parts: list[list[Segment]] = [[]]
    for text, quoted in field:
        first, *others = text.split("/")
        parts[-1].append((first, quoted))
        parts.extend([(other, quoted)] for other in others)
    absolute = len(parts) > 1 and not "".join(t for t, _ in parts[0])
    found = ["/"] if absolute else [""]
    for segments in parts[1:] if absolute else parts:
        found = [made for base in found for made in _level(shell, base, segments)]
    return found


def _level(shell: Shell, base: str, segments: list[Segment]) -> list[str]:
    files, cwd = shell.machine.files, shell.state.cwd
    text = "".join(piece for piece, _ in segments)
    if not any(MAGIC.search(piece) for piece, quoted in segments if not quoted):
        made = posixpath.join(base, text)
        return [made] if files.get(made or ".", cwd) is not None else []
    wanted = whole(segments, path=True)
    directory = files.get(base or ".", cwd)
    if directory is None or directory.kind != "directory":
        return []
    hidden = text.startswith(".")
    return [
        posixpath.join(base, name)
        for name, _ in files.children(files.real(base or ".", cwd))
        if wanted.fullmatch(name) and (hidden or not name.startswith("."))
    ]
