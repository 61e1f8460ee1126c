"""One module per kind of leftover, each with a function ``find(scope) -> list[Resource]``.

Each module queries its own service. The tagging API would need only one query, but it also returns deleted resources
and misses untagged ones.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable

from labkit.teardown.scope import Resource, Scope

Find = Callable[[Scope], list[Resource]]


def finders() -> dict[str, Find]:
    """Each module's ``find``, by the module's name."""
    found: dict[str, Find] = {}
    for module in pkgutil.iter_modules(__path__):
        found[module.name] = importlib.import_module(f"{__name__}.{module.name}").find
    return found
