"""Where DuckDB would answer otherwise than Athena: one small change of the tree for each reason.

A mend is a function from tree to tree. ``MENDS`` says which there are and in what order;
``evaluation.keep_order`` comes last, when nothing looks at conditions any more. Those that need to know
types (``unnesting``, ``typed``) come first, and query by query, since a view's types are told by its own text.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlglot import exp

from . import clock, json_functions, names, numbers, subscripts, text_functions, time_functions

Mend = Callable[[exp.Query], exp.Query]

MENDS: tuple[Mend, ...] = (
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


def mend(tree: exp.Query, now: datetime) -> exp.Query:
    """Every mend, and the world's time in place of the machine's."""
    for step in MENDS:
        tree = step(tree)
    return clock.set_time(tree, now)
