"""One module per kind of leftover, each with ``find(scope) -> list[Found]``; found by walking this folder.

Each asks the service itself. The tagging API would be one question instead of many, but it returns what
was once tagged and misses what never was.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable

from labkit.teardown.scope import Found, Scope

Find = Callable[[Scope], list[Found]]


def finders() -> dict[str, Find]:
    """Module name -> its ``find``."""
    found: dict[str, Find] = {}
    for module in pkgutil.iter_modules(__path__):
        found[module.name] = importlib.import_module(f"{__name__}.{module.name}").find
    return found
