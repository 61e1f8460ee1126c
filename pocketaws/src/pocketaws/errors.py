"""The exceptions: an AWS error that an operation returns, and a failure of a command."""

from __future__ import annotations


class AwsError(Exception):
    """An AWS error response.

    ``code`` and ``message`` are what clients see; ``status`` is the HTTP status. Extra keyword arguments become
    members of the modeled error shape (``AwsError("X", "…", resourceType="y")``). ``World.call`` sets ``request_id``
    to the ID of the refused call.
    """

    def __init__(self, code: str, message: str, status: int = 400, **members: object) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.request_id = ""
        for name, value in members.items():
            setattr(self, name, value)


def not_implemented(service: str, operation: str) -> AwsError:
    """The error for an operation that isn't emulated (HTTP 501)."""
    return AwsError("NotImplemented", f"pocketaws doesn't emulate {service}:{operation}.", 501)


class RunError(Exception):
    """The emulator can't do what a command wants: what happened, and what to do about it.

    ``exit_code`` is 2 for wrong usage, 3 for everything else.
    """

    def __init__(self, message: str, hint: str, exit_code: int = 3) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code
