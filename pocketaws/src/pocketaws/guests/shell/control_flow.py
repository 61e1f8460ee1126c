"""Exceptions for control flow and for errors that end a script."""

from __future__ import annotations


class Unwind(Exception):  # noqa: N818 - control flow, not errors
    """Unwinds the commands that the shell is running."""


class Exit(Unwind):
    """``exit``: leaves the shell."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Return(Unwind):
    """``return``: leaves a function or a sourced file."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Break(Unwind):
    """``break`` and ``continue``, for the loop that is ``levels`` loops up."""

    def __init__(self, levels: int, *, again: bool) -> None:
        super().__init__(levels)
        self.levels = levels
        self.again = again


class Abandon(Unwind):
    """Abandons the line of an interactive shell because an expansion failed."""


class ExpansionError(Exception):
    """An expansion that ends a script (``${x:?}``, an unset variable under ``set -u``)."""


class LimitError(Exception):
    """A guest exceeded its limits for one transaction."""
