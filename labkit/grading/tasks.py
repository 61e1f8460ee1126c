"""The check author's view: a task is a decorated function.

::

    from labkit import Address, Evidence, Hint, Source, Wrong, task

    @task(points=2, needs=(Source.FLOWS,), hints=(Hint("Look at the VPC flow logs.", cost=0.5),))
    def callout_address(answer: Address, evidence: Evidence) -> None:
        '''Which address did the server call?'''
        if answer not in called(evidence):
            raise Wrong("Your server didn't call that address.")

The function is in ``check_callout_address.py``; its docstring is the question.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, get_args, get_origin, get_type_hints

from labkit.grading.outcomes import Wrong
from labkit.grading.pasted import AROUND, plain_values, read_pasted
from labkit.grading.types import AnswerType, Values
from labkit.model import Evidence, Source

Check = Callable[[Any, Evidence], None]


@dataclass(frozen=True, slots=True)
class Hint:
    """A hint that costs ``cost`` points."""

    text: str
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Task:
    """One question to the attendee, and the check that decides whether the answer is right."""

    name: str
    question: str
    points: float
    needs: tuple[Source, ...]
    hints: tuple[Hint, ...]
    unique: bool
    order: int
    applies: Callable[[Evidence], bool]
    read: Callable[[Values], Any]
    """Converts the typed values to the check's ``answer``; raises ``Wrong``."""
    check: Check


def always(_: Evidence) -> bool:
    """For tasks that apply to every seat."""
    return True


def task(
    *,
    points: float,
    needs: tuple[Source, ...],
    hints: tuple[Hint, ...] = (),
    unique: bool = False,
    order: int = 100,
    applies: Callable[[Evidence], bool] = always,
) -> Callable[[Check], Task]:
    """Turn a check into a task.

    ``needs``: the sources that the check needs; while one is late, the verdict is pending. ``hints``: in the order
    in which attendees get them. ``unique``: whether the right answer differs from seat to seat. ``order``: the
    position among the scenario's tasks. ``applies``: returns False if the task doesn't apply to a seat; then its
    points don't count there.

    Raises ``TypeError`` for an argument of the wrong type, for a generator or a coroutine, and for a function without a
    docstring, or whose ``answer`` isn't annotated with an answer type. Raises ``ValueError`` for points or costs that
    aren't finite, or negative.
    """
    _validate(points, needs, hints, order, applies)

    def make(check: Check) -> Task:
        if inspect.isgeneratorfunction(check) or inspect.iscoroutinefunction(check):
            raise TypeError(
                f"{check.__name__} is a generator or a coroutine, and would check nothing"
            )
        question = inspect.getdoc(check)
        if not question:
            raise TypeError(f"{check.__name__} has no docstring; write the question there")
        return Task(
            name=check.__name__,
            question=question,
            points=float(points),
            needs=needs,
            hints=hints,
            unique=unique,
            order=order,
            applies=applies,
            read=_reader(check),
            check=check,
        )

    return make


def _validate(points: object, needs: object, hints: object, order: object, applies: object) -> None:
    """Check the arguments of ``task``, which a check file's author may have mistyped."""
    _validate_number("points", points)
    if not isinstance(needs, tuple) or not all(isinstance(source, Source) for source in needs):
        raise TypeError("needs must be a tuple of sources, for example (Source.FLOWS,)")
    if not isinstance(hints, tuple) or not all(isinstance(hint, Hint) for hint in hints):
        raise TypeError('hints must be a tuple of hints, for example (Hint("Look there."),)')
    for hint in hints:
        if not isinstance(hint.text, str) or not hint.text.strip():
            raise TypeError("a hint needs a text")
        _validate_number("the cost of a hint", hint.cost)
    if isinstance(order, bool) or not isinstance(order, int):
        raise TypeError("order must be a whole number")
    if not callable(applies):
        raise TypeError("applies must be a function of the evidence")


def _validate_number(what: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{what} must be a number")
    if not 0 <= value < math.inf:
        raise ValueError(f"{what} must be finite and not negative")


def _reader(check: Check) -> Callable[[Values], Any]:
    annotations = {k: v for k, v in check.__annotations__.items() if k == "answer"}
    if not annotations:
        raise TypeError(f"{check.__name__} has no type annotation for its answer")
    # Evaluate only this annotation: the others might need names that are imported only for type checking.
    alone = SimpleNamespace(__annotations__=annotations)
    wanted = get_type_hints(alone, globalns=getattr(check, "__globals__", {}))["answer"]
    if get_origin(wanted) is tuple:
        return _reader_of_several(get_args(wanted))
    return _from_typed(wanted)


def _from_typed(wanted: Any) -> Callable[[Values], Any]:
    if not isinstance(wanted, AnswerType):
        raise TypeError(f"{wanted!r} isn't an answer type: it has no from_typed()")
    return wanted.from_typed


def _reader_of_several(wanted: tuple[Any, ...]) -> Callable[[Values], Any]:
    readers = [_from_typed(one) for one in wanted]

    def read(values: Values) -> tuple[Any, ...]:
        if (found := _found_in_rows(wanted, values)) is not None:
            return found
        parts = _split(values, len(readers))
        if len(parts) != len(readers):
            raise Wrong(f"Give {len(readers)} values; you gave {len(parts)}.")
        try:
            return tuple(r((part,)) for r, part in zip(readers, parts, strict=True))
        except Wrong:
            # People also give the values in reverse order. If the types differ, they show which is which.
            turned = zip(readers, reversed(parts), strict=True)
            return tuple(r((part,)) for r, part in turned)

    return read


def _found_in_rows(wanted: tuple[Any, ...], values: Values) -> tuple[Any, ...] | None:
    """One value of each type in a pasted record or row; None if the types can't look for themselves in it."""
    if not all(hasattr(one, "found_in") for one in wanted):
        return None
    pasted = read_pasted(values)
    found = [one.found_in(pasted) for one in wanted]
    if any(len(of_type) > 1 for of_type in found):
        raise Wrong("Your answer contains more than one value of a kind. Give only one of each.")
    if not all(found):
        return None
    return tuple(
        one.from_typed((text,)) if not isinstance(text, one) else text
        for one, (text,) in zip(wanted, found, strict=True)
    )


def _split(values: Values, count: int) -> tuple[str, ...]:
    parts = plain_values(values)
    if len(parts) == count:
        return parts
    words = (word.strip(AROUND) for word in re.split(r"[\s,;|]+", " ".join(parts)))
    return tuple(filter(None, words))
