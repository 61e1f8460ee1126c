"""What a check says when an answer is not simply right."""

from __future__ import annotations


class Wrong(Exception):  # noqa: N818 - reads as a sentence in a check: raise Wrong("…")
    """The answer is not right. ``message`` tells the attendee in which way, and never the truth.

    ``points`` are for a part that is right; nothing more than the task's points is given.
    """

    def __init__(self, message: str, *, points: float = 0.0) -> None:
        super().__init__(message)
        self.message = message
        self.points = points


class Pending(Exception):  # noqa: N818 - as Wrong
    """The answer cannot be judged yet, because evidence is still on its way. ``message`` says which."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
