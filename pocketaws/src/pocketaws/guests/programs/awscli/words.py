"""Parses the CLI's command line, and words its usage errors."""

from __future__ import annotations

from collections.abc import Iterable

from .cli import USAGE_STATUS, CliError

Options = dict[str, str]
SCHEME = "s3://"
USAGE = """\
usage: aws [options] <command> <subcommand> [<subcommand> ...] [parameters]
To see help text, you can run:

  aws help
  aws <command> help
  aws <command> <subcommand> help

"""


def read_options(
    words: Iterable[str], flags: frozenset[str], valued: frozenset[str]
) -> tuple[Options, list[str]]:
    """Parse the known options in any position; returns them and the other words, raises ``CliError``."""
    found: Options = {}
    rest: list[str] = []
    left = list(words)
    while left:
        word = left.pop(0)
        name, sign, value = word.partition("=")
        if name in valued:
            if not sign:
                if not left or left[0].startswith("--"):
                    raise usage_error(f"argument {name}: expected one argument")
                value = left.pop(0)
            found[name] = value
        elif word in flags:
            found[word] = ""
        else:
            rest.append(word)
    return found, rest


def positionals(words: list[str], most: int) -> list[str]:
    """The words that aren't options, at most ``most``; raises ``CliError`` for others."""
    plain = [word for word in words if not word.startswith("-")]
    unknown = [word for word in words if word not in plain] + plain[most:]
    if unknown:
        raise CliError(f"Unknown options: {', '.join(unknown)}", USAGE_STATUS)
    return plain


def usage_error(message: str) -> CliError:
    """The error for an invalid command line."""
    return CliError(f"{USAGE}aws: error: {message}", USAGE_STATUS)


def choices(argument: str, names: Iterable[str]) -> str:
    """The message for an unknown word. It lists ``names`` in two columns."""
    columns = [f"{name:<40}" for name in names]
    rows = [" | ".join(columns[at : at + 2]) for at in range(0, len(columns), 2)]
    return f"argument {argument}: Invalid choice, valid choices are:\n\n" + "\n".join(rows)


def human(size: float) -> str:
    """Format a number of bytes: ``1 Byte``, ``6 Bytes``, ``1.1 KiB``."""
    if size == 1:
        return "1 Byte"
    if size < 1024:
        return f"{int(size)} Bytes"
    kib = size / 1024
    return f"{kib:.1f} KiB" if round(kib) < 1024 else f"{kib / 1024:.1f} MiB"
