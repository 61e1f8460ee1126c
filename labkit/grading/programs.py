"""The programs that a command line runs, and which of them call another machine.

A list of programs that call is short and stays valid. A list of programs that only mention an address (``iptables -d``,
``zgrep``, ``git commit -m``) would never be complete.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from labkit.grading.shell_words import UnfinishedError, is_operator, plain, words

# Programs that connect to an address in their arguments, and interpreters, whose scripts can.
_CALLING = frozenset(
    {
        "ab", "aria2c", "axel", "curl", "elinks", "fping", "ftp", "hping3", "http", "https", "lftp", "links", "lua",
        "lynx", "mosh", "mtr", "mysql", "nc", "ncat", "netcat", "nmap", "node", "openssl", "perl", "php", "ping",
        "ping6", "psql", "python", "redis-cli", "rsync", "ruby", "scp", "sftp", "smbclient", "socat", "ssh", "telnet",
        "tftp", "tracepath", "traceroute", "w3m", "websocat", "wget", "wget2", "xh",
    }
)  # fmt: skip
_SHELLS = frozenset({"ash", "bash", "dash", "ksh", "sh", "zsh"})
_GIT_CALLS = frozenset({"clone", "fetch", "ls-remote", "pull", "push"})
# Name servers that these ask; the names that they look up are only mentioned.
_RESOLVERS = frozenset({"dig", "host", "nslookup"})
_SPECIAL_FILES = ("/dev/tcp/", "/dev/udp/")
_VERSION = re.compile(r"[\d.]+$")
# Words that run the rest of the command, each with the letters of its options that take a value.
_WRAPPERS: Mapping[str, str] = {
    "!": "", "builtin": "", "command": "", "do": "", "elif": "", "else": "", "env": "uCS", "exec": "a", "if": "",
    "ionice": "cn", "nice": "n", "nohup": "", "setsid": "", "stdbuf": "ioe", "sudo": "ughpCrtTUDR", "then": "",
    "time": "fo", "timeout": "sk", "until": "", "watch": "n", "while": "", "xargs": "IiLnPsEd", "{": "",
}  # fmt: skip
# Options whose value is text for the other side, or a file: letters, and long names.
_TEXT_OPTIONS: Mapping[str, tuple[str, frozenset[str]]] = {
    "curl": (
        "AbcdeFHKouw",
        frozenset(
            {
                "--config", "--cookie", "--cookie-jar", "--data", "--data-binary", "--data-raw", "--data-urlencode",
                "--form", "--header", "--output", "--referer", "--user", "--user-agent", "--write-out",
            }
        ),
    ),
    "wget": (
        "aoOPU",
        frozenset({"--header", "--output-document", "--post-data", "--referer", "--user-agent"}),
    ),
}  # fmt: skip
_ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_]\w*)\+?=(?P<value>.*)", re.DOTALL)
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_SUBSTITUTION = re.compile(r"\$\(([^()]*)\)|`([^`]*)`")
_DEEPEST = 3
"""How many command lines can be inside each other (``bash -c "bash -c …"``)."""


def programs(command: str, depth: int = 0) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The programs of a command line with their words; redirections count as words.

    Includes the programs in command substitutions and in the argument of ``bash -c``. Variables that the line itself
    sets have their values.
    """
    values: dict[str, str] = {}
    for part in _parts(command):
        filled = tuple(_VARIABLE.sub(lambda m: values.get(m[1] or m[2], m[0]), w) for w in part)
        program, arguments = _program(filled)
        _set_variables(filled, program, values)
        yield program, filled
        if depth == _DEEPEST:
            continue
        for word in filled:
            for inner in _SUBSTITUTION.findall(word):
                yield from programs(inner[0] or inner[1], depth + 1)
        if program in _SHELLS:
            yield from (found for line in _inline(arguments) for found in programs(line, depth + 1))


def called_words(program: str, part: Sequence[str]) -> Iterator[str]:
    """Yield the words of a program's command that can name another machine that it calls."""
    special = [word for word in part if any(file in word for file in _SPECIAL_FILES)]
    yield from special
    _, arguments = _program(part)
    if program in _RESOLVERS:
        yield from (word[1:] for word in arguments if word.startswith("@"))
    elif program == "git":
        yield from arguments if _GIT_CALLS & set(arguments) else ()
    elif _calls(program):
        yield from _without_text(program, arguments)


def _calls(program: str) -> bool:
    # A program outside the system's folders isn't part of the system.
    return "/" in program or program in _CALLING or _VERSION.sub("", program) in _CALLING


def _without_text(program: str, arguments: Sequence[str]) -> Iterator[str]:
    """Yield the arguments without those that are text for the other side, or files."""
    letters, names = _TEXT_OPTIONS.get(program, ("", frozenset()))
    skip = False
    for word in arguments:
        if skip:
            skip = False
            continue
        if word.startswith("--"):
            name, equals, _ = word.partition("=")
            if name in names:
                skip = not equals
                continue
        elif len(word) > 1 and word[0] == "-" and letters:
            first = next((at for at, letter in enumerate(word) if at and letter in letters), None)
            if first is not None:
                skip = first == len(word) - 1
                continue
        yield word


def _parts(command: str) -> Iterator[tuple[str, ...]]:
    """Yield the words of each simple command."""
    try:
        found = words(command)
    except UnfinishedError:
        found = tuple(command.split())
    part: list[str] = []
    for word in (*found, "\0;"):
        if is_operator(word) and not {"<", ">"} & set(word):
            if part:
                yield tuple(part)
            part = []
        else:
            part.append(plain(word))


def _program(part: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The program that words run, without wrappers such as sudo, and its arguments; empty if they run none."""
    at = 0
    while at < len(part):
        word = part[at]
        at += 1
        if _ASSIGNMENT.match(word):
            continue
        name = word.rpartition("/")[2]
        if name not in _WRAPPERS:
            is_foreign = "/" in word and not word.startswith(("/bin/", "/usr/", "/sbin/"))
            return word if is_foreign else name, tuple(part[at:])
        while at < len(part) and part[at].startswith("-") and len(part[at]) > 1:
            takes_value = part[at][-1] in _WRAPPERS[name] and not part[at].startswith("--")
            at += 2 if takes_value else 1
        at += name == "timeout"  # its first argument is the time
    return "", ()


def _inline(arguments: Sequence[str]) -> Iterator[str]:
    """Yield the command lines that a shell takes from its arguments (``-c LINE``)."""
    for option, line in pairwise(arguments):
        if re.fullmatch("-[a-z]*c", option):
            yield line


def _set_variables(part: Sequence[str], program: str, values: dict[str, str]) -> None:
    """Record the variables that a simple command sets for the rest of the line."""
    if program in {"", "declare", "export", "local", "readonly"}:
        for assigned in map(_ASSIGNMENT.fullmatch, part):
            if assigned:
                values[assigned["name"]] = assigned["value"]
    if program == "for" and len(part) > 3 and part[2] == "in":  # for NAME in VALUE…
        values[part[1]] = " ".join(part[3:])
