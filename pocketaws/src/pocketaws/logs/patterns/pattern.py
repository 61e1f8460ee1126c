"""The compiled form of every filter pattern."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...errors import AwsError

Test = Callable[[Sequence[str]], Sequence[bool]]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A test for messages, with hints that make searching many of them fast.

    A matching message contains at least one of the ``needles`` (UTF-8; an empty tuple means that
    nothing is known). ``test`` is None if containing a needle is enough. ``cost`` is the cost of
    testing one event, relative to a plain term.
    """

    needles: tuple[bytes, ...] = ()
    test: Test | None = None
    cost: int = 1

    def matches(self, message: str) -> bool:
        if self.needles:
            encoded = message.encode()
            if not any(needle in encoded for needle in self.needles):
                return False
        return self.test is None or self.test([message])[0]


EVERYTHING = Pattern()


def invalid(message: str = "Invalid filter pattern") -> AwsError:
    """The error for an invalid pattern."""
    return AwsError("InvalidParameterException", message)
