"""Kinds of resources: one class each, which finds, justifies, and removes.

Each kind asks its own service. The tagging API would need only one query, but it also returns deleted resources and
misses untagged ones.
"""

from __future__ import annotations

import importlib
import pkgutil

from labkit.teardown.kinds.kind import Kind


def kinds() -> dict[str, Kind]:
    """Every kind, by its name; each module of this package has some in ``KINDS``."""
    found: dict[str, Kind] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name != "kind":
            for kind in importlib.import_module(f"{__name__}.{module.name}").KINDS:
                found[kind.name] = kind
    return found
