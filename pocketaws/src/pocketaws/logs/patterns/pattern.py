"""What every kind of filter pattern becomes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...errors import AwsError

Test = Callable[[Sequence[str]], Sequence[bool]]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A test of messages, with what makes it quick over many.

    ``needles``: a message that passes contains at least one of these (UTF-8; none: nothing is known).
    ``test`` is None where a needle is all it takes. ``cost``: of testing one event, a term's being 1.
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
    """The refusal of a pattern."""
    return AwsError("InvalidParameterException", message)
