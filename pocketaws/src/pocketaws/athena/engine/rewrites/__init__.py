"""Rewrites of a query's tree, one small function for each reason why DuckDB's answer differs from Athena's.

``REWRITES`` lists them in their order. ``evaluation.keep_order`` comes last, when nothing looks at conditions any
more. The rewrites that need types (``unnesting``, ``typed``) come first.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlglot import exp

from . import clock, json_functions, names, numbers, subscripts, text_functions, time_functions

Rewrite = Callable[[exp.Query], exp.Query]

REWRITES: tuple[Rewrite, ...] = (
    names.fold_case,
    names.name_columns,
    numbers.size_decimals,
    numbers.take_fractions_as_doubles,
    time_functions.keep_dates,
    time_functions.count_whole_units,
    time_functions.number_weekdays_from_monday,
    text_functions.miss_with_null,
    text_functions.refer_to_groups,
    json_functions.guard,
    subscripts.check_range,
    subscripts.match_elements,
)


def rewrite(tree: exp.Query, now: datetime) -> exp.Query:
    """Apply every rewrite, and put the world's time in place of the machine's."""
    for step in REWRITES:
        tree = step(tree)
    return clock.set_time(tree, now)
