"""Errors that people see: what happened, and what to do next."""

from __future__ import annotations


class LabkitError(Exception):
    """An error that a person can fix.

    ``message`` says in one line what happened, and ``hint`` says in one line what to do next.
    """

    exit_code = 3

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[type[LabkitError], tuple[str, str]]:
        """Pickle both texts; Exception alone would forget the hint."""
        return type(self), (self.message, self.hint)


class UsageError(LabkitError):
    """Wrong usage or configuration (exit code 2)."""

    exit_code = 2


class CloudError(LabkitError):
    """AWS refused, failed, or didn't answer (exit code 3)."""


class GraderError(LabkitError):
    """The grader couldn't judge (exit code 3)."""
