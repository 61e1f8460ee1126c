"""What every kind of filter pattern becomes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...errors import AwsError
from ..segment import Segment


@dataclass(frozen=True, slots=True)
class Pattern:
    """A test of messages, with what makes it quick over many.

    ``needles``: a message that passes contains at least one of these (UTF-8; none: nothing is known).
    ``test`` is None where a needle is all it takes. ``cost``: of testing one event, a term's being 1.
    """

    needles: tuple[bytes, ...] = ()
    test: Callable[[str], bool] | None = None
    cost: int = 1

    def matches(self, message: str) -> bool:
        if self.needles:
            encoded = message.encode()
            if not any(needle in encoded for needle in self.needles):
                return False
        return self.test is None or self.test(message)

    def hits(self, segment: Segment, low: int, high: int) -> Sequence[int]:
        """Which events of a segment from ``low`` up to (not with) ``high`` match, in order."""
        candidates: Sequence[int] = range(low, high)
        if self.needles:
            candidates = segment.find(self.needles, low, high)
        if self.test is None:
            return candidates
        test, message = self.test, segment.message
        return [index for index in candidates if test(message(index))]


EVERYTHING = Pattern()


def invalid(message: str) -> AwsError:
    """The refusal of a pattern."""
    return AwsError("InvalidParameterException", message)
