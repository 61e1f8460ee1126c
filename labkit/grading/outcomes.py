"""What a check raises when an answer isn't right."""

from __future__ import annotations


class Wrong(Exception):  # noqa: N818 - reads as a sentence in a check: raise Wrong("…")
    """The answer is wrong. ``message`` tells the attendee in what way, without revealing the right answer.

    ``points`` are for the part that's right, up to the task's points.
    """

    def __init__(self, message: str, *, points: float = 0.0) -> None:
        super().__init__(message)
        self.message = message
        self.points = points


class Pending(Exception):  # noqa: N818 - as Wrong
    """The check can't judge the answer yet, because evidence is still on its way. ``message`` says which."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
