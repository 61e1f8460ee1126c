"""``stats``: many rows made one, for each combination of values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .evaluate import Context, Row, evaluate
from .functions import AGGREGATES
from .syntax import Call, Constant, Stats, parts
from .values import Value, sort_key, to_number, to_text

Sample = tuple[Value, Value]
"""A value, and the time of its event where it has one."""


class Gatherer:
    """Takes rows in, batch by batch, and gives one row per group at the end."""

    def __init__(self, stats: Stats, context: Context) -> None:
        self._stats = stats
        self._context = context
        self._calls = list(
            {
                part.text: part
                for column in stats.columns
                for part in parts(column.expression)
                if isinstance(part, Call) and part.name in AGGREGATES
            }.values()
        )
        self._groups: dict[tuple[str | None, ...], _Group] = {}

    def add(self, rows: Sequence[Row]) -> None:
        """Take in some rows."""
        context = self._context
        keys = [evaluate(column.expression, rows, context) for column in self._stats.by]
        values = [
            evaluate(call.arguments[0], rows, context) if call.arguments else [True] * len(rows)
            for call in self._calls
        ]
        for number, row in enumerate(rows):
            key = tuple(column[number] for column in keys)
            known = tuple(None if value is None else to_text(value) for value in key)
            group = self._groups.get(known)
            if group is None:
                group = self._groups[known] = _Group(key, [[] for _ in self._calls])
            moment = row.get("@timestamp")
            for samples, column in zip(group.samples, values, strict=True):
                if column[number] is not None:
                    samples.append((column[number], moment))

    def rows(self) -> list[Row]:
        """One row per group, in the order in which the groups came up."""
        found: list[Row] = []
        for group in self._groups.values():
            row: Row = {
                column.name: value for column, value in zip(self._stats.by, group.key, strict=True)
            }
            for call, samples in zip(self._calls, group.samples, strict=True):
                row[call.text] = _AGGREGATE[call.name](samples, call)
            for column in self._stats.columns:
                # In order, so that a column may speak of those before it.
                row[column.name] = evaluate(column.expression, [row], self._context)[0]
            found.append(row)
        return found


@dataclass(slots=True)
class _Group:
    key: tuple[Value, ...]
    samples: list[list[Sample]] = field(default_factory=list)


def _numbers(samples: list[Sample]) -> list[float]:
    return [number for value, _ in samples if (number := to_number(value)) is not None]


def _over_numbers(apply: Callable[[list[float]], Value]) -> Callable[[list[Sample], Call], Value]:
    def result(samples: list[Sample], _call: Call) -> Value:
        numbers = _numbers(samples)
        return apply(numbers) if numbers else None

    return result


def _mean(numbers: list[float]) -> float:
    return math.fsum(numbers) / len(numbers)


def _variance(numbers: list[float]) -> float:
    mean = _mean(numbers)
    return math.fsum((number - mean) ** 2 for number in numbers) / len(numbers)


def _sum(numbers: list[float]) -> float:
    return sum(numbers) if all(isinstance(n, int) for n in numbers) else math.fsum(numbers)


def _extreme(choose: Callable[..., Sample]) -> Callable[[list[Sample], Call], Value]:
    """The least or greatest: of the numbers, if there are any, as AWS means it for numbers."""

    def result(samples: list[Sample], _call: Call) -> Value:
        numeric = [sample for sample in samples if to_number(sample[0]) is not None]
        if not samples:
            return None
        return choose(numeric or samples, key=lambda sample: sort_key(sample[0]))[0]

    return result


def _percentile(samples: list[Sample], call: Call) -> Value:
    numbers = sorted(_numbers(samples))
    wanted = call.arguments[1]
    percent = to_number(wanted.value) if isinstance(wanted, Constant) else None
    if not numbers or percent is None or not 0 <= percent <= 100:
        return None
    return numbers[max(0, math.ceil(percent / 100 * len(numbers)) - 1)]


def _by_time(choose: Callable[..., Sample]) -> Callable[[list[Sample], Call], Value]:
    def result(samples: list[Sample], _call: Call) -> Value:
        timed = [sample for sample in samples if sample[1] is not None]
        return choose(timed, key=lambda sample: to_number(sample[1]))[0] if timed else None

    return result


def _distinct(samples: list[Sample], _call: Call) -> Value:
    return len({to_text(value) for value, _ in samples})


def _values(samples: list[Sample], _call: Call) -> Value:
    return "[" + ",".join(dict.fromkeys(to_text(value) for value, _ in samples)) + "]"


_AGGREGATE: dict[str, Callable[[list[Sample], Call], Value]] = {
    "count": lambda samples, _: len(samples),
    "countdistinct": _distinct,
    "sum": _over_numbers(_sum),
    "avg": _over_numbers(_mean),
    "min": _extreme(min),
    "max": _extreme(max),
    "pct": _percentile,
    "stddev": _over_numbers(lambda numbers: math.sqrt(_variance(numbers))),
    "variance": _over_numbers(_variance),
    "values": _values,
    "collectvalues": _values,
    "earliest": _by_time(min),
    "latest": _by_time(max),
    "sortsfirst": _extreme(min),
    "sortslast": _extreme(max),
}
