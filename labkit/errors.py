"""Errors that people see: what happened, and what to do about it."""

from __future__ import annotations


class LabkitError(Exception):
    """Something went wrong that a person can do something about.

    ``message`` is one line of what happened, ``hint`` one line of what to do next.
    """

    exit_code = 3

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(LabkitError):
    """Wrong usage or configuration (exit code 2)."""

    exit_code = 2


class CloudError(LabkitError):
    """The cloud refused, failed, or was not there (exit code 3)."""


class GraderError(LabkitError):
    """The grader could not judge (exit code 3)."""
