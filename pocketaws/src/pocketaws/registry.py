"""The registry of operations: which function or moto answers each. Modules register themselves.

- ``@operation("logs", "FilterLogEvents")``: a function ``(call) -> dict`` in this package answers.
- ``moto_operations("ec2", "CreateVpc DeleteVpc …")``: moto answers.
- ``@before("ec2", "RunInstances")``: a hook that runs before the answer. It can raise ``AwsError`` to refuse the
  call, and must not change ``call.params``.
- ``@after("ec2", "RunInstances")``: a hook ``(call, result)`` that runs after success. It can change the result of
  an operation of this package.

An operation that nothing registers gets a ``NotImplemented`` error with its name.
"""

from __future__ import annotations

import functools
import gc
import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .gateway.call import Call

Handler = Callable[["Call"], dict[str, Any] | None]
Before = Callable[["Call"], None]
After = Callable[["Call", dict[str, Any]], None]

_OPERATIONS: dict[tuple[str, str], Handler] = {}
_MOTO: set[tuple[str, str]] = set()
_BEFORE: dict[tuple[str, str], list[Before]] = defaultdict(list)
_AFTER: dict[tuple[str, str], list[After]] = defaultdict(list)

LOADED_LATE = frozenset(
    {
        "__main__",
        "cli",  # typer; nothing that the emulator itself runs needs it
        "testing",  # boto3
        "athena.engine",  # DuckDB and sqlglot
        "cloudtrail.delivery.rsa",  # cryptography
        "guests.login",  # the shell
        "guests.programs",  # the guests' programs
        "guests.scripts",  # the shell
        "guests.shell",
        "moto_patches.ec2_created_images",  # moto's EC2
        "moto_patches.ec2_images",  # moto's EC2
        "moto_patches.ec2_terminated",  # moto's EC2
        "moto_patches.iam_entities",  # moto's IAM and its managed policies
        "moto_patches.ssm_parameters",  # moto's EC2
        "ssh.host_key",  # cryptography
        "ssh.serving",  # asyncssh
        "ssh.session",  # asyncssh
    }
)
"""Modules and packages that ``load`` skips: they register nothing, and the libraries named beside them make them slow
to load. The functions that need them import them.
"""


def operation(service: str, name: str) -> Callable[[Handler], Handler]:
    """Register the function that answers ``service:name`` (botocore's name of the service)."""

    def register(function: Handler) -> Handler:
        if (service, name) in _OPERATIONS or (service, name) in _MOTO:
            raise ValueError(f"{service}:{name} is registered twice")
        _OPERATIONS[service, name] = function
        return function

    return register


def moto_operations(service: str, names: str) -> None:
    """Let moto answer these operations of ``service`` (names separated by whitespace)."""
    for name in names.split():
        if (service, name) in _OPERATIONS or (service, name) in _MOTO:
            raise ValueError(f"{service}:{name} is registered twice")
        _MOTO.add((service, name))


def before(service: str, *names: str) -> Callable[[Before], Before]:
    """Register a hook that runs before these operations."""

    def register(function: Before) -> Before:
        for name in names:
            _BEFORE[service, name].append(function)
        return function

    return register


def after(service: str, *names: str) -> Callable[[After], After]:
    """Register a hook that runs after these operations succeed, with the parsed result."""

    def register(function: After) -> After:
        for name in names:
            _AFTER[service, name].append(function)
        return function

    return register


def handler_of(service: str, name: str) -> Handler | None:
    return _OPERATIONS.get((service, name))


def is_moto(service: str, name: str) -> bool:
    return (service, name) in _MOTO


def befores(service: str, name: str) -> list[Before]:
    return _BEFORE.get((service, name), [])


def afters(service: str, name: str) -> list[After]:
    return _AFTER.get((service, name), [])


def surface() -> dict[str, dict[str, str]]:
    """Service -> operation -> ``own`` or ``moto``: everything that's emulated, for documentation and tests."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for service, name in _OPERATIONS:
        found[service][name] = "own"
    for service, name in _MOTO:
        found[service][name] = "moto"
    return {service: dict(sorted(found[service].items())) for service in sorted(found)}


@functools.cache
def load() -> None:
    """Import every module of this package except ``LOADED_LATE``, so that each registers itself.

    The modules stay for good, so the garbage collector is off meanwhile and ignores them afterward.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        load_below(importlib.import_module(__package__))
    finally:
        gc.freeze()
        if collecting:
            gc.enable()


def load_below(package: ModuleType) -> None:
    """Import every module below a package, as ``load`` does."""
    # Not walk_packages, which imports each package.
    for found in pkgutil.iter_modules(package.__path__):
        name = f"{package.__name__}.{found.name}"
        if name.removeprefix(f"{__package__}.") in LOADED_LATE:
            continue
        module = importlib.import_module(name)
        if found.ispkg:
            load_below(module)
