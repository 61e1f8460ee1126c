"""The one exception that an operation raises to answer with an AWS error."""

from __future__ import annotations


class AwsError(Exception):
    """An error answer, in AWS's terms.

    ``code`` and ``message`` are what clients see; ``status`` is the HTTP status. Extra keyword
    arguments become members of the modelled error shape (``AwsError("X", "…", resourceType="y")``).
    ``request_id`` is that of the call that was refused, once ``World.call`` has made it.
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
    """The honest answer to an operation outside the surface (HTTP 501)."""
    return AwsError("NotImplemented", f"{service}:{operation} is not emulated here.", 501)


class RunError(Exception):
    """The emulator can't do what a command wants: what happened, and what to do about it.

    ``exit_code`` is 2 for wrong usage, 3 for everything else.
    """

    def __init__(self, message: str, hint: str, exit_code: int = 3) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code
