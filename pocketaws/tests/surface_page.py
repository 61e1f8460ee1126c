"""Generates two pages from the code: what's emulated, and the documents it's based on.

To print a page, run this module with ``operations`` or ``sources``. A module names its documents in
its docstring, in a paragraph that begins with ``Source:``. For operations that moto implements, the
source is the operation's page in the service's API reference. ``without_source`` lists what doesn't
name a document.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from types import ModuleType

from moto.core.utils import get_service_model

import pocketaws
from pocketaws import registry
from pocketaws.cloudformation.resources import handler
from pocketaws.guests.programs import registry as programs
from pocketaws.logs.insights import parser

OPERATIONS = """\
# What pocketaws emulates

`make docs` makes this page from the code. It lists everything that's emulated:

- An operation that isn't listed answers `NotImplemented` (HTTP 501) with its name.
- CloudFormation refuses a resource type or a property that isn't listed, by name.
- A program that isn't listed is `command not found` on a server.

The documents behind all of this are in [sources.md](sources.md).
"""
SOURCES = """\
# What pocketaws is based on

`make docs` makes this page from the code. For each part it names the AWS documentation, or the other source, that says
how AWS behaves. An operation without a row here behaves as its own page in the service's API reference says; the
references are linked in [operations.md](operations.md).
"""
_DOCUMENTATION = "https://docs.aws.amazon.com"
# The URL of each service's API reference.
_REFERENCES = {
    "account": "accounts/latest/reference",
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
    "service-quotas": "servicequotas/2019-06-24/apireference",
    "sns": "sns/latest/api",
    "ssm": "systems-manager/latest/APIReference",
    "sts": "STS/latest/APIReference",
}
_READING = ("BatchGet", "Describe", "Filter", "Get", "Head", "List", "Lookup", "Validate")
_REMOVING = ("Abort", "Cancel", "Close", "Delete", "Terminate")
_SOURCE = re.compile(r"\bSources?\b(?: for [^:\n]+)?:\s+(.+?)(?=\n\s*\n|\Z)", re.DOTALL)


def operations_page() -> str:
    """Return the page for users: operations, statements, resource types, and programs."""
    load()
    parts = (_services(), _statements(), _insights(), _resource_types(), _programs())
    return "\n".join((OPERATIONS, *("\n".join(part) for part in parts)))


def sources_page() -> str:
    """Return the page of sources, part by part."""
    load()
    tables = {
        "Operations": _sources_of_operations(),
        "Statements of Athena": _sources_of_statements(),
        "Resource types of CloudFormation": _sources_of_types(),
        "Programs on servers": _sources_of_programs(),
        "Everything else": _sources_of_the_rest(),
    }
    lines = [SOURCES]
    for title, rows in tables.items():
        lines += [f"## {title}\n", "| what | source |\n|---|---|"]
        lines += [f"| {what} | {source} |" for what, source in rows]
        lines.append("")
    return "\n".join(lines)


def without_source() -> list[str]:
    """Return the operations, resource types, and programs that don't name a document."""
    load()
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


def load() -> None:
    """Import every module of pocketaws, so that the pages don't depend on earlier imports."""
    registry.load()
    for found in pkgutil.walk_packages(pocketaws.__path__, f"{pocketaws.__name__}."):
        if not found.name.endswith(".__main__"):
            importlib.import_module(found.name)


def _services() -> Iterator[str]:
    yield "## Operations\n"
    for service, names in registry.surface().items():
        title = get_service_model(service).metadata["serviceFullName"]
        yield f"### {title} (`{service}`)\n"
        yield f"[API reference]({_DOCUMENTATION}/{_REFERENCES[service]}/)\n"
        yield "| to | operations |\n|---|---|"
        groups: dict[str, list[str]] = {"read": [], "create, change, and run": [], "remove": []}
        for name in names:
            groups[_group(name)].append(name)
        for group, members in groups.items():
            if members:
                yield f"| {group} | {', '.join(members)} |"
        yield ""


def _group(operation: str) -> str:
    if operation.startswith(_READING):
        return "read"
    return "remove" if operation.startswith(_REMOVING) else "create, change, and run"


def _statements() -> Iterator[str]:
    from pocketaws.athena.engine import statements  # noqa: PLC0415 - sqlglot is heavy

    yield "## Statements of Athena\n"
    yield "| statements about | begin with |\n|---|---|"
    rows: dict[str, list[str]] = defaultdict(list)
    for beginning, function in statements.emulated():
        rows[_module(function).__name__.rpartition(".")[2]].append(f"`{beginning}`")
    for subject, beginnings in sorted(rows.items()):
        yield f"| {subject} | {', '.join(beginnings)} |"
    yield ""


def _insights() -> Iterator[str]:
    yield "## Commands of CloudWatch Logs Insights\n"
    yield f"{', '.join(f'`{command}`' for command in parser.EMULATED)}. Functions and arithmetic aren't emulated.\n"


def _resource_types() -> Iterator[str]:
    yield "## Resource types of CloudFormation\n"
    yield "| type | properties | `Fn::GetAtt` |\n|---|---|---|"
    for name in handler.emulated_types():
        kind = handler.of(name)
        yield f"| `{name}` | {', '.join(sorted(kind.supported))} | {', '.join(sorted(kind.attributes))} |"
    yield ""


def _programs() -> Iterator[str]:
    yield "## Programs on servers\n"
    yield "These come in addition to the shell's own builtins. `base` is always installed; the other packages add"
    yield "their programs when they are installed.\n"
    yield "| package | programs |\n|---|---|"
    rows: dict[str, list[str]] = defaultdict(list)
    for known in programs.every():
        rows[known.package].append(f"`{known.name}`")
    for package, names in sorted(rows.items()):
        yield f"| {package} | {', '.join(sorted(names))} |"
    yield ""


def _sources_of_operations() -> Iterator[tuple[str, str]]:
    for service, names in registry.surface().items():
        rows: dict[str, list[str]] = defaultdict(list)
        for name in names:
            found: list[str] = []
            for part in _behind(service, name):
                found += [source for source in _sources(part) if source not in found]
            if found:
                rows[" ".join(found)].append(name)
        for source, members in sorted(rows.items(), key=lambda row: row[1]):
            yield f"`{service}`: {', '.join(members)}", source


def _behind(service: str, name: str) -> list[object]:
    """Return an operation's handler, and the other modules with hooks on it."""
    function = registry.handler_of(service, name)
    hooks = [*registry.befores(service, name), *registry.afters(service, name)]
    beside = {_module(hook) for hook in hooks} - ({_module(function)} if function else set())
    return [*([function] if function else []), *sorted(beside, key=lambda each: each.__name__)]


def _sources_of_statements() -> Iterator[tuple[str, str]]:
    from pocketaws.athena.engine import statements  # noqa: PLC0415 - sqlglot is heavy

    found = ((f"`{beginning}`", function) for beginning, function in statements.emulated())
    return _by_source(found)


def _sources_of_types() -> Iterator[tuple[str, str]]:
    return _by_source((f"`{name}`", type(handler.of(name))) for name in handler.emulated_types())


def _sources_of_programs() -> Iterator[tuple[str, str]]:
    return _by_source((f"`{known.name}`", known.function) for known in programs.every())


def _by_source(parts: Iterable[tuple[str, object]]) -> Iterator[tuple[str, str]]:
    """Yield the names of parts with the same sources in one row."""
    rows: dict[str, list[str]] = defaultdict(list)
    for name, part in parts:
        rows[" ".join(_sources(part))].append(name)
    for source, names in sorted(rows.items(), key=lambda row: sorted(row[1])):
        yield ", ".join(sorted(names)), source


def _sources_of_the_rest() -> Iterator[tuple[str, str]]:
    """Yield the remaining modules that name a document."""
    told = {_module(known.function) for known in programs.every()}
    told |= {_module(type(handler.of(name))) for name in handler.emulated_types()}
    for service, names in registry.surface().items():
        told |= {_module(part) for name in names for part in _behind(service, name)}
    for name, module in sorted(_modules().items()):
        sources = _sources(module)
        if module not in told and sources:
            yield f"`{name}`: {_first_line(module)}", " ".join(sources)


def _modules() -> dict[str, ModuleType]:
    """Return all loaded modules of pocketaws by name."""
    prefix = f"{pocketaws.__name__}."
    return {
        name.removeprefix(prefix): module
        for name, module in sys.modules.items()
        if name.startswith(prefix) and "._" not in name
    }


def _module(part: object) -> ModuleType:
    found = inspect.getmodule(part)
    if found is None:
        raise ValueError("every handler must belong to a module")
    return found


def _first_line(module: ModuleType) -> str:
    text = inspect.getdoc(module) or ""
    return _cell(text.partition("\n\n")[0].partition(" Source:")[0])


def _sources(what: object) -> list[str]:
    """Return the sources in the docstrings of a function or class and of its module."""
    texts = [inspect.getdoc(what) or ""]
    if not isinstance(what, ModuleType):
        texts.append(inspect.getdoc(_module(what)) or "")
    return [_cell(match[1]) for text in texts for match in _SOURCE.finditer(text)]


def _cell(text: str) -> str:
    """Format text for a table cell."""
    return " ".join(text.split()).replace("``", "`").replace("|", "\\|")


if __name__ == "__main__":
    pages = {"operations": operations_page, "sources": sources_page}
    sys.stdout.write(pages[sys.argv[1]]())
