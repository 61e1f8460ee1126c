"""What a function is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .values import Value, to_text


@dataclass(frozen=True, slots=True)
class Function:
    """What a function makes of its arguments; ``fewest`` and ``most`` of them."""

    apply: Callable[..., Value]
    fewest: int
    most: int


def textual(apply: Callable[..., Value]) -> Callable[..., Value]:
    """Of a text that is there."""

    def checked(first: Value, *rest: Value) -> Value:
        if first is None:
            return None
        return apply(to_text(first), *rest)

    return checked
