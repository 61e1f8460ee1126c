"""Inputs: everything that enters the world from outside, by name, so that a journal can hold and replay it.

``@world_input("gateway.request")`` registers ``function(world, **values)``. ``World.apply`` runs it as a
transaction and journals the name and the values. What an input does to the state may depend only on these values,
the time, the seed and the state before.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, TypeVar

InputFunction = Callable[..., Any]
Function = TypeVar("Function", bound=InputFunction)

_INPUTS: dict[str, InputFunction] = {}
_MODULES: dict[str, str] = {}


def world_input(name: str) -> Callable[[Function], Function]:
    """Register ``function(world, **values)`` as the input called ``name``; the values must be picklable."""

    def register(function: Function) -> Function:
        if name in _INPUTS:
            raise ValueError(f"input {name} is registered twice")
        _INPUTS[name] = function
        return function

    return register


def registered_in(module: str, *names: str) -> None:
    """Name the module (in full) that registers these inputs when it's imported, which happens on first use."""
    _MODULES.update(dict.fromkeys(names, module))


def run(world: object, name: str, values: dict[str, Any]) -> Any:
    """Run an input. The caller holds the lock and has started a transaction."""
    if name not in _INPUTS:
        importlib.import_module(_MODULES[name])
    return _INPUTS[name](world, **values)
