"""The command line: one module per verb; each parses, calls one function, prints, exits.

Only this package prints or exits. A verb imports what it needs inside its function, so that
``labkit --help`` and an attendee's ``labkit answer`` load nothing heavy.
"""

from __future__ import annotations

import importlib
import pkgutil
import signal
import sys


def main(arguments: list[str] | None = None) -> None:
    """Run the program and exit with its code."""
    try:
        from labkit.cli.common.app import app, split_debug

        load_verbs()
        rest, debug = split_debug(sys.argv[1:] if arguments is None else arguments)
        app(rest, prog_name="labkit", obj={"debug": debug})
    except KeyboardInterrupt:  # before a verb had begun, or while its errors were told
        print("labkit: interrupted.", file=sys.stderr)  # noqa: T201 - perhaps not even typer is there yet
        sys.exit(130)
    finally:
        # The work is done and told. Ctrl-C while the interpreter clears up would kill it without a word.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def load_verbs() -> None:
    """Import every module of this folder; each registers its verb."""
    for module in pkgutil.iter_modules(__path__):
        if not module.ispkg:
            importlib.import_module(f"{__name__}.{module.name}")
