"""The command line: one module per verb; each parses, calls one function, prints, exits.

Only this package prints or exits. A verb imports what it needs inside its function, so that
``labkit --help`` and an attendee's ``labkit answer`` load nothing heavy.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import os
import pkgutil
import signal
import sys

from labkit.cli.common.exit_codes import INTERRUPTED


def main(arguments: list[str] | None = None) -> None:
    """Run the program and exit with its code."""
    try:
        from labkit.cli.common.app import app

        load_verbs()
        app(arguments, prog_name="labkit")
    except KeyboardInterrupt:
        _leave_interrupted()
    except SystemExit as ending:
        if ending.code == INTERRUPTED:
            _leave_interrupted()
        raise
    finally:
        # The work is done and told. Ctrl-C while the interpreter clears up would kill it without a word.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _leave_interrupted() -> None:
    """Say so, wherever Ctrl-C came, and end with 130 once all threads have ended.

    Python itself may end by the signal instead, for an interrupt that came while a class was being made of text
    (dataclasses do that) and that was dealt with long since: CPython's run_eval_code_obj keeps note of it.
    """
    print("labkit: interrupted; the same command goes on from here.", file=sys.stderr)  # noqa: T201 - perhaps not even typer is there yet
    atexit.register(_end)
    sys.exit(INTERRUPTED)


def _end() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # nobody reads it any more
            stream.flush()
    os._exit(INTERRUPTED)


def load_verbs() -> None:
    """Import every module of this folder; each registers its verb."""
    for module in pkgutil.iter_modules(__path__):
        if not module.ispkg:
            importlib.import_module(f"{__name__}.{module.name}")
