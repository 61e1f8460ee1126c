"""Everything that enters the world from outside, by name: what a journal can hold and take again.

``@world_input("gateway.request")`` registers ``function(world, **values)``; ``World.take`` runs it as a turn and
keeps the name and the values. A turn's effect on the state must follow from these, the time, the seed and
the state before, and from nothing else.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from .world import World

InputFunction = Callable[..., Any]
Function = TypeVar("Function", bound=InputFunction)

_INPUTS: dict[str, InputFunction] = {}
_HOMES: dict[str, str] = {}


def world_input(name: str) -> Callable[[Function], Function]:
    """Register ``function(world, **values)`` as the input called ``name``; the values must be picklable."""

    def register(function: Function) -> Function:
        if name in _INPUTS:
            raise ValueError(f"input {name} is registered twice")
        _INPUTS[name] = function
        return function

    return register


def registered_in(module: str, *names: str) -> None:
    """Say that a module (its whole name), which nobody need have imported yet, registers these inputs."""
    _HOMES.update(dict.fromkeys(names, module))


def run(world: World, name: str, values: dict[str, Any]) -> Any:
    """Do what an input asks for; the caller holds the lock and has begun a turn."""
    if name not in _INPUTS:
        importlib.import_module(_HOMES[name])
    return _INPUTS[name](world, **values)
