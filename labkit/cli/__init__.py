"""The command line: one module per command. Each parses, calls the workflow, prints, and exits.

Only this package prints or exits. A command imports what it needs inside its function, so that ``labkit --help`` and
an attendee's ``labkit answer`` load nothing heavy.
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
        # The work is done. A Ctrl-C while the interpreter shuts down would end it without a message.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _leave_interrupted() -> None:
    """Print a message and exit with 130 once all threads have ended.

    Otherwise, the signal might end Python: CPython's run_eval_code_obj remembers an interrupt that came while it
    executed source text (as dataclasses do), even if it was handled long ago.
    """
    print("labkit: interrupted; to continue, rerun the command.", file=sys.stderr)  # noqa: T201 - typer may not be loaded yet
    atexit.register(_end)
    sys.exit(INTERRUPTED)


def _end() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # Nobody reads it anymore.
            stream.flush()
    os._exit(INTERRUPTED)


def load_verbs() -> None:
    """Import every module in this folder; each registers its command."""
    for module in pkgutil.iter_modules(__path__):
        if not module.ispkg:
            importlib.import_module(f"{__name__}.{module.name}")
