"""How commands end other than by their status."""

from __future__ import annotations


class Unwind(Exception):  # noqa: N818 - control flow, not errors
    """Leaves commands that the shell is evaluating."""


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
    """``break`` and ``continue``: leave (the rest of) a loop, ``levels`` loops up."""

    def __init__(self, levels: int, *, again: bool) -> None:
        super().__init__(levels)
        self.levels = levels
        self.again = again


class Abandon(Unwind):
    """Leaves the line of an interactive shell because an expansion in it failed."""


class ExpansionError(Exception):
    """An expansion that ends a script (``${x:?}``, an unset variable under ``set -u``)."""


class LimitError(Exception):
    """A guest exceeded what it may do in one transaction."""
