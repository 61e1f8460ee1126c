"""What is emulated, as a page, out of the code: run this module, it prints the page.

A module says in its docstring where AWS says so: a paragraph that begins with ``Source:``. For what moto
answers the page of the operation in the service's API reference is the source. ``without_source`` lists what
has none.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from types import ModuleType

from moto.core.utils import get_service_model

from . import registry
from .cloudformation.resources import handler
from .guests.programs import registry as programs
from .moto_patches import ec2_images, ssm_parameters  # noqa: F401 - on the page whether or not a call loads them

HEAD = """\
# The local AWS

Made from the code by `make docs`; do not edit. It says what the local AWS emulates, in which room of its
package, and on which page of whose documentation that stands. An operation that is not here is answered with
`NotImplemented` (HTTP 501) by its name, a resource type or a property that is not here is refused by
CloudFormation, and a program that is not here is `command not found`.
"""
_DOCUMENTATION = "https://docs.aws.amazon.com"
# Where the API reference of a service is.
_REFERENCES = {
    "athena": "athena/latest/APIReference",
    "cloudformation": "AWSCloudFormation/latest/APIReference",
    "cloudtrail": "awscloudtrail/latest/APIReference",
    "ec2": "AWSEC2/latest/APIReference",
    "ec2-instance-connect": "ec2-instance-connect/latest/APIReference",
    "events": "eventbridge/latest/APIReference",
    "glue": "glue/latest/webapi",
    "guardduty": "guardduty/latest/APIReference",
    "iam": "IAM/latest/APIReference",
    "logs": "AmazonCloudWatchLogs/latest/APIReference",
    "organizations": "organizations/latest/APIReference",
    "resourcegroupstaggingapi": "resourcegroupstagging/latest/APIReference",
    "s3": "AmazonS3/latest/API",
    "scheduler": "scheduler/latest/APIReference",
    "sns": "sns/latest/api",
    "ssm": "systems-manager/latest/APIReference",
    "sts": "STS/latest/APIReference",
}
_PACKAGE = sys.modules[__package__]
_SOURCE = re.compile(r"\bSources?\b(?: for [^:\n]+)?:\s+(.+?)(?=\n\s*\n|\Z)", re.DOTALL)


def page() -> str:
    """The whole page; everything must have been loaded (``registry.load``)."""
    parts = (_rooms(), _services(), _statements(), _resource_types(), _programs(), _rest())
    return "\n".join((HEAD, *("\n".join(part) for part in parts)))


def without_source() -> list[str]:
    """What is emulated and names no page: operations, resource types, programs."""
    missing = []
    for service, names in registry.surface().items():
        if service not in _REFERENCES:
            missing.append(service)
        for name in names:
            function = registry.handler_of(service, name)
            if function is not None and not _sources(function):
                missing.append(f"{service}:{name}")
    missing += [name for name in handler.emulated_types() if not _sources(type(handler.of(name)))]
    missing += [known.name for known in programs.every() if not _sources(known.function)]
    return missing


def _rooms() -> Iterator[str]:
    yield "## Rooms\n"
    yield "| room | what is in it |\n|---|---|"
    for name, module in sorted(_modules().items()):
        if name.count(".") == 0 and name and hasattr(module, "__path__"):
            yield f"| `{_path(module)}` | {_first_line(module)} |"
    yield ""


def _services() -> Iterator[str]:
    for service, names in registry.surface().items():
        title = get_service_model(service).metadata["serviceFullName"]
        yield f"## {title} (`{service}`)\n"
        yield "| operations | answered in | source |\n|---|---|---|"
        rows: dict[tuple[str, str], list[str]] = defaultdict(list)
        for name in names:
            rows[_answered(service, name)].append(_link(service, name))
        for (where, source), links in sorted(rows.items()):
            yield f"| {', '.join(links)} | {where} | {source} |"
        yield ""


def _answered(service: str, name: str) -> tuple[str, str]:
    """The modules that answer an operation, and their sources."""
    function = registry.handler_of(service, name)
    looks = [*registry.befores(service, name), *registry.afters(service, name)]
    beside = [m for m in _modules_of(looks) if not function or m != inspect.getmodule(function)]
    where = f"`{_path(inspect.getmodule(function))}`" if function else "moto"
    if beside:
        where += f", with {', '.join(f'`{_path(module)}`' for module in beside)}"
    sources = _sources(function) if function else []
    for module in beside:
        sources += [source for source in _sources(module) if source not in sources]
    return where, " ".join(sources) or "the operations' own pages"


def _statements() -> Iterator[str]:
    from .athena.engine import statements  # noqa: PLC0415 - sqlglot is heavy

    yield "## Statements of Athena\n"
    yield "| statements | read in | source |\n|---|---|---|"
    rows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for beginning, function in statements.emulated():
        module = inspect.getmodule(function)
        rows[_path(module), " ".join(_sources(function))].append(f"`{beginning}`")
    for (path, source), names in sorted(rows.items()):
        yield f"| {', '.join(names)} | `{path}` | {source} |"
    yield ""


def _resource_types() -> Iterator[str]:
    yield "## Resource types of CloudFormation\n"
    yield "| type | properties | attributes | made in | source |\n|---|---|---|---|---|"
    for name in handler.emulated_types():
        kind = handler.of(name)
        module = inspect.getmodule(type(kind))
        source = " ".join(_sources(type(kind)))
        properties = ", ".join(sorted(kind.supported))
        attributes = ", ".join(sorted(kind.attributes))
        yield f"| `{name}` | {properties} | {attributes} | `{_path(module)}` | {source} |"
    yield ""


def _programs() -> Iterator[str]:
    yield "## Programs on a server\n"
    yield (
        "Beside the shell's own builtins. A program whose package is not `base` is there once that is installed.\n"
    )
    yield "| programs | package | in | source |\n|---|---|---|---|"
    rows: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for known in programs.every():
        module = inspect.getmodule(known.function)
        row = (_path(module), known.package, " ".join(_sources(known.function)))
        rows[row].append(f"`{known.name}`")
    for (path, package, source), names in sorted(rows.items()):
        yield f"| {', '.join(sorted(names))} | `{package}` | `{path}` | {source} |"
    yield ""


def _rest() -> Iterator[str]:
    """The modules that no operation, type or program led to, as far as they name a page."""
    told = {inspect.getmodule(known.function) for known in programs.every()}
    told |= {inspect.getmodule(type(handler.of(name))) for name in handler.emulated_types()}
    for service, names in registry.surface().items():
        for name in names:
            function = registry.handler_of(service, name)
            looks = [*registry.befores(service, name), *registry.afters(service, name)]
            told |= set(_modules_of([*looks, *([function] if function else [])]))
    yield "## What the rest stands on\n"
    yield "| module | what it does | source |\n|---|---|---|"
    for _, module in sorted(_modules().items()):
        sources = _sources(module)
        if module not in told and sources:
            yield f"| `{_path(module)}` | {_first_line(module)} | {' '.join(sources)} |"
    yield ""


def _modules() -> dict[str, ModuleType]:
    """Name inside this package -> module, for all that are loaded."""
    prefix = f"{_PACKAGE.__name__}."
    return {
        name.removeprefix(prefix): module
        for name, module in sys.modules.items()
        if name.startswith(prefix) and "._" not in name
    }


def _modules_of(functions: Iterable[object]) -> list[ModuleType]:
    found = {inspect.getmodule(function) for function in functions}
    return sorted((m for m in found if m is not None), key=lambda module: module.__name__)


def _path(module: ModuleType | None) -> str:
    """``logs/groups.py``, or ``logs/`` for a package."""
    if module is None:
        raise ValueError("what is emulated is in a module")
    path = module.__name__.removeprefix(f"{_PACKAGE.__name__}.").replace(".", "/")
    return f"{path}/" if hasattr(module, "__path__") else f"{path}.py"


def _first_line(module: ModuleType) -> str:
    text = inspect.getdoc(module) or ""
    return _cell(text.partition("\n\n")[0].partition(" Source:")[0])


def _sources(what: object) -> list[str]:
    """What the docstrings of a function or class, and of its module, name as sources."""
    texts = [inspect.getdoc(what) or ""]
    if not isinstance(what, ModuleType):
        texts.append(inspect.getdoc(inspect.getmodule(what)) or "")
    return [_cell(match[1]) for text in texts for match in _SOURCE.finditer(text)]


def _cell(text: str) -> str:
    """Text for a cell of a table."""
    return " ".join(text.split()).replace("``", "`").replace("|", "\\|")


def _link(service: str, name: str) -> str:
    return f"[{name}]({_DOCUMENTATION}/{_REFERENCES[service]}/API_{name}.html)"


if __name__ == "__main__":
    registry.load()
    sys.stdout.write(page())
