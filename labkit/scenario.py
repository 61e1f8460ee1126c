"""What a scenario is, and how labkit finds them.

A scenario is data: one module of ``labkit.scenarios`` that holds a ``SCENARIO``, ``templates/<name>/``, and
``checks/<name>/`` with its tasks and its solver. To add one, you change no other file.
"""

from __future__ import annotations

import difflib
import importlib
import keyword
import pkgutil
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from labkit import scenarios as _scenarios_package
from labkit.errors import LabkitError, UsageError
from labkit.model import ExternalUse, Incident, Marks, Via, Workshop
from labkit.plurals import counted

TEMPLATES = MappingProxyType(
    {
        "expiry": "expiry.yaml.j2",
        "detector": "detector.yaml.j2",
        "evidence": "evidence.yaml.j2",
        "threat_list": "threat_list.yaml.j2",
        "lab": "lab.yaml.j2",
    }
)
"""The default template files by role (the kind of stack that ``up`` creates), in the order in which ``up`` needs them.
``threat_list`` is optional."""
WITHOUT_THREAT_LIST = MappingProxyType(
    {role: file for role, file in TEMPLATES.items() if role != "threat_list"}
)
"""The template files of a scenario without a threat list."""
SHARED = "shared"
"""The folder of template parts for every scenario; no scenario can have this name."""
HARMLESS = 3
"""How many harmless commands the operator types before the incident's commands."""
HARMLESS_COMMANDS = (
    "whoami",
    "id",
    "pwd",
    "ls -l /home",
    "ls /var/log",
    "uname -r",
    "uptime",
    "df -h /",
    "ps -ef | head -5",
    "cat /etc/os-release",
)
"""Commands that people type on any server, and that reveal nothing about the incident."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Settings(BaseModel):
    """What ``[scenario]`` in ``workshop.toml`` can contain; each scenario extends it with its own model."""

    model_config = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, slots=True)
class Pick:
    """A random value from a call's answer; later calls may use it in their parameters."""

    name: str
    """Its name in formats and in ``simulate --json``."""
    path: str
    """Its path in the answer, as keys with dots between; in a list, any element (``Contents.Key``)."""

    def __post_init__(self) -> None:
        taken = {part.name for part in (*fields(Incident), *fields(ExternalUse))}
        if not self.name.isidentifier() or self.name in taken:
            raise LabkitError(
                f"{self.name!r} can't be the name of a pick.",
                f"Use a word other than {', '.join(sorted(taken))}.",
            )


@dataclass(frozen=True, slots=True)
class Call:
    """One API call from outside, with credentials that a server's terminal showed."""

    service: str
    """boto3's name for it (``s3``)."""
    operation: str
    """AWS's name for it (``ListObjectsV2``)."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """boto3's parameters; strings in them are formats."""
    denied: bool = False
    """Whether the role's policy must deny it."""
    pick: Pick | None = None

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"


@dataclass(frozen=True, slots=True)
class Choice:
    """Some of these calls, in random order, chosen anew for each run."""

    calls: tuple[Call, ...]
    least: int = 1
    most: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.least <= self.most <= len(self.calls):
            raise LabkitError(
                f"A choice can't take {self.least} to {self.most} of {counted(len(self.calls), 'call')}.",
                "Correct least and most in the scenario.",
            )


@dataclass(frozen=True, slots=True)
class Scenario:
    """An incident: what ``up`` deploys for it, how it happens, and what attendees must find out.

    Formats can use these names in braces: ``address`` (one of ``threat_addresses``, if the settings have them),
    ``token`` (twelve random letters and digits), ``session`` (the operator's), ``instance_id``, ``region``, and the
    outputs of the lab's stack (such as ``ServerRoleName``).
    """

    name: str
    """Also the name of its folders in ``templates/`` and ``checks/``."""
    title: str
    description: str
    settings: type[Settings]
    commands: tuple[str, ...]
    """Formats of the commands that the operator types to cause the incident; the last one is the incident itself."""
    marks: Marks
    """What shows that the logs are complete; ``in_command`` holds formats of ``address``."""
    harmless_commands: tuple[str, ...] = HARMLESS_COMMANDS
    """Other commands for the operator to type; each must be safe on the server and reveal nothing about the incident."""
    outside: tuple[Call | Choice, ...] = ()
    """Calls from outside with the credentials that the last command shows on the terminal.

    That command prints them as JSON with ``AccessKeyId``, ``SecretAccessKey``, and ``Token``.
    """
    access_methods: tuple[Via, ...] = ("ssh", "ssm")
    """How the operator can get in; the first is the default."""
    templates: Mapping[str, str] = field(default_factory=lambda: TEMPLATES)
    """Template files by role, in the scenario's folder or in ``shared``."""
    user_data: str = "user_data.sh.j2"
    """What a server runs at boot, after the lines that the template adds."""
    handout: str = "handout.md.j2"

    def __post_init__(self) -> None:
        refuse_name(self.name)
        if not self.commands or not self.access_methods or len(self.harmless_commands) < HARMLESS:
            raise LabkitError(
                f"{self.name} has too few commands, harmless commands, or access methods.",
                f"It needs at least one, {HARMLESS}, and one.",
            )
        missing = WITHOUT_THREAT_LIST.keys() - self.templates.keys()
        if missing:
            raise LabkitError(
                f"{self.name} has no template {min(missing)}.",
                "Begin with templates=dict(TEMPLATES) or WITHOUT_THREAT_LIST, and change what differs.",
            )
        if self.has_threat_list is not ("threat_addresses" in self.settings.model_fields):
            raise LabkitError(
                f"{self.name} has only one of the template threat_list and the setting threat_addresses.",
                "Give it both or neither.",
            )
        if self.outside and self.access_methods != ("ssh",):
            raise LabkitError(
                f"{self.name} uses credentials from a terminal but has an access method other than ssh.",
                "Set access_methods=('ssh',): Run Command would keep the credentials in its output.",
            )

    @property
    def has_threat_list(self) -> bool:
        return "threat_list" in self.templates

    @property
    def template_folders(self) -> tuple[Path, ...]:
        """The folders to search for its templates, in this order."""
        folder = data_folder("templates")
        return folder / self.name, folder / SHARED

    @property
    def checks_folder(self) -> Path:
        return data_folder("checks") / self.name

    @property
    def solver_file(self) -> Path:
        """The script that solves the scenario, or guesses, with an attendee's credentials."""
        return self.checks_folder / "solver" / "solve.py"

    def read_settings(self, given: Mapping[str, Any]) -> Settings:
        """The settings with defaults filled in; raises pydantic's ``ValidationError``."""
        return self.settings.model_validate(dict(given))

    def marks_in(self, workshop: Workshop) -> Marks:
        """The marks of an incident in a workshop, with formats filled in and its threat addresses added."""
        threats = threat_addresses(workshop)
        in_command = {
            text.format(address=address)
            for text in self.marks.in_command
            for address in (threats if "{address}" in text else ("",))
        }
        called = (*self.marks.called, *threats)
        return replace(self.marks, in_command=tuple(sorted(in_command)), called=called)


def refuse_name(name: str) -> None:
    """Raise ``UsageError`` for an invalid scenario name, which also names a module and two folders."""
    if _NAME.fullmatch(name) is None or keyword.iskeyword(name) or name == SHARED:
        raise UsageError(
            f"{name!r} can't be a scenario's name.",
            f"Use a-z, 0-9, and _, begin with a letter, and avoid Python's keywords and {SHARED!r}.",
        )


def threat_addresses(workshop: Workshop) -> tuple[str, ...]:
    """Return the addresses on a workshop's threat list; none if its scenario has no threat list."""
    return tuple(workshop.settings.get("threat_addresses", ()))


def scenarios(package: ModuleType = _scenarios_package) -> dict[str, Scenario]:
    """Return every scenario by name, from the modules of ``package``.

    Raises ``LabkitError`` if a module has no ``SCENARIO`` or if two scenarios have the same name.
    """
    names = sorted(found.name for found in pkgutil.iter_modules(package.__path__))
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    return _by_name((module.__name__, getattr(module, "SCENARIO", None)) for module in modules)


def find_scenario(name: str) -> Scenario:
    """Return the scenario with this name; for an unknown one, raises ``UsageError`` with the nearest name."""
    known = scenarios()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"Scenarios: {', '.join(sorted(known))}."
    raise UsageError(f"There is no scenario {name!r}.", hint)


def data_folder(kind: Literal["templates", "checks"]) -> Path:
    """Return the folder of the scenarios' files: inside an installed labkit, or at the top of a checkout."""
    package = Path(__file__).resolve().parent
    places = (package / "_data" / kind, package.parent / kind)
    for place in places:
        if place.is_dir():
            return place
    raise LabkitError(
        f"labkit's {kind} are missing: neither {places[0]} nor {places[1]} exists.",
        "Reinstall labkit.",
    )


def _by_name(found: Iterable[tuple[str, object]]) -> dict[str, Scenario]:
    known: dict[str, Scenario] = {}
    origin: dict[str, str] = {}
    for module, scenario in found:
        if not isinstance(scenario, Scenario):
            raise LabkitError(
                f"{module} contains no scenario.", "Add a SCENARIO, or move the module."
            )
        if scenario.name in known:
            raise LabkitError(
                f"{module} and {origin[scenario.name]} both contain a scenario {scenario.name!r}.",
                "Rename one of them.",
            )
        known[scenario.name], origin[scenario.name] = scenario, module
    return known
