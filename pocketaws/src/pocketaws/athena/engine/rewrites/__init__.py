"""Rewrites a query's tree, one small function per difference between DuckDB and Athena.

``REWRITES`` lists them in order. The rewrites that need types (``unnesting``, ``typed``) run first.
``evaluation.keep_order`` runs last, after everything that inspects conditions.
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
    numbers.cast_fractions_to_doubles,
    time_functions.keep_dates,
    time_functions.count_whole_units,
    time_functions.number_weekdays_from_monday,
    text_functions.return_null_on_miss,
    text_functions.translate_group_references,
    json_functions.guard,
    subscripts.check_range,
    subscripts.match_elements,
)


def rewrite(tree: exp.Query, now: datetime) -> exp.Query:
    """Apply every rewrite, and replace the machine's time with the world's."""
    for step in REWRITES:
        tree = step(tree)
    return clock.set_time(tree, now)
