"""Read an answer from the terminal or a pipe, in any encoding that a shell uses."""

from __future__ import annotations

import codecs
import contextlib
import locale
import sys

import typer

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def ask(question: str) -> list[str]:
    """Return the nonblank lines of standard input; on a terminal, ask the question first."""
    if sys.stdin.isatty():
        with contextlib.suppress(ImportError):
            import readline  # noqa: F401 - enables line editing and pasting several lines
        text = str(typer.prompt(question, err=True, prompt_suffix="\n> "))
    else:
        text = decode(sys.stdin.buffer.read())
    return [line for line in text.splitlines() if line.strip()]


def decode(raw: bytes) -> str:
    """Decode text from a pipe or a file.

    Windows PowerShell writes Unicode as UTF-16 or UTF-8 with a byte order mark; PowerShell 7 writes UTF-8 without
    one (PowerShell reference, "about_Character_Encoding"). Anything else is in the machine's own code page.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            return raw.decode(encoding, "replace")
    if b"\0" in raw:  # UTF-16 without a byte order mark: zeros are the upper bytes of ASCII letters
        odd = raw[1::2].count(0) >= raw[::2].count(0)
        return raw.decode("utf-16-le" if odd else "utf-16-be", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode(locale.getencoding(), "replace")
