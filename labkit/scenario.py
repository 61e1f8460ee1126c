"""What a scenario is, and the registry that finds them.

A scenario is data: ``templates/<name>/``, ``checks/<name>/`` and one module of ``labkit.scenarios`` that holds
a ``SCENARIO``. Adding one touches nothing else.
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

TEMPLATES = MappingProxyType(
    {"evidence": "evidence.yaml.j2", "threat_list": "threat_list.yaml.j2", "lab": "lab.yaml.j2"}
)
"""The usual template files by role; a role is what ``up`` makes of it. ``threat_list`` may be left out."""
SHARED = "shared"
"""The folder of template parts that every scenario may use; no scenario's name."""
HARMLESS = 3
"""How many harmless commands are typed before those of the incident."""
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
"""What people type on any server, and what tells nothing."""


_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Settings(BaseModel):
    """What may stand under ``[scenario]`` in ``workshop.toml``; a scenario's own model extends it."""

    model_config = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, slots=True)
class Pick:
    """One value of a call's answer, chosen at random; later calls may have it in their parameters."""

    name: str
    """Under which name formats have it, and ``simulate --json`` tells it."""
    path: str
    """Where it stands in the answer: keys with dots between; of a list, any element (``Contents.Key``)."""

    def __post_init__(self) -> None:
        told = {part.name for part in (*fields(Incident), *fields(ExternalUse))}
        if not self.name.isidentifier() or self.name in told:
            raise LabkitError(
                f"{self.name!r} cannot be the name of what a call picks.",
                f"Take a word, and none of {', '.join(sorted(told))}.",
            )


@dataclass(frozen=True, slots=True)
class Call:
    """One API call, made from outside with credentials that a server's terminal showed."""

    service: str
    """As boto3 names it (``s3``)."""
    operation: str
    """As AWS names it (``ListObjectsV2``)."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """boto3's; texts in it are formats."""
    denied: bool = False
    """Whether the role's policy refuses it, as it must then."""
    pick: Pick | None = None

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"


@dataclass(frozen=True, slots=True)
class Choice:
    """Some of these calls, chosen at random for each run, in any order."""

    calls: tuple[Call, ...]
    least: int = 1
    most: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.least <= self.most <= len(self.calls):
            raise LabkitError(
                f"A choice of {self.least} to {self.most} among {len(self.calls)} calls cannot be made.",
                "Correct least and most in the scenario.",
            )


@dataclass(frozen=True, slots=True)
class Scenario:
    """An incident: what is deployed for it, how it is made to happen, what must be found out.

    Formats have these names in braces: ``address`` (one of ``threat_addresses``, where the settings have them),
    ``token`` (twelve random letters and digits), ``session`` (of the operator), ``instance_id``, ``region``, and the
    outputs of the lab's stack (``ServerRoleName``).
    """

    name: str
    """Also the name of its folders below ``templates/`` and ``checks/``."""
    title: str
    description: str
    settings: type[Settings]
    commands: tuple[str, ...]
    """Formats: what the operator types to make the incident happen; the last one is the incident's own."""
    marks: Marks
    """What shows in the logs that they are complete; ``in_command`` are formats of ``address``."""
    harmless_commands: tuple[str, ...] = HARMLESS_COMMANDS
    """What the operator types besides; each must be safe on the server and tell nothing."""
    outside: tuple[Call | Choice, ...] = ()
    """Calls made from outside with the credentials that the last command shows on the terminal.

    That command prints them as JSON with ``AccessKeyId``, ``SecretAccessKey`` and ``Token``.
    """
    ways: tuple[Via, ...] = ("ssh", "ssm")
    """How the operator may get in; the first is the usual one."""
    templates: Mapping[str, str] = field(default_factory=lambda: TEMPLATES)
    """Template files by role, in the scenario's folder or in ``shared``."""
    user_data: str = "user_data.sh.j2"
    """What a server runs at boot, without the lines that the template puts before it."""
    handout: str = "handout.md.j2"

    def __post_init__(self) -> None:
        refuse_name(self.name)
        if not self.commands or not self.ways or len(self.harmless_commands) < HARMLESS:
            raise LabkitError(
                f"{self.name} has too few commands, harmless commands or ways.",
                f"It takes at least one, {HARMLESS} and one.",
            )
        if self.has_threat_list is not ("threat_addresses" in self.settings.model_fields):
            raise LabkitError(
                f"{self.name} has either a template threat_list or a setting threat_addresses.",
                "Give it both, or leave both out.",
            )
        if self.outside and self.ways != ("ssh",):
            raise LabkitError(
                f"{self.name} uses credentials from a terminal and may go another way than ssh.",
                "Give it ways=('ssh',): Run Command would keep them in its output.",
            )

    @property
    def has_threat_list(self) -> bool:
        return "threat_list" in self.templates

    @property
    def template_folders(self) -> tuple[Path, ...]:
        """Where its templates are looked for, in this order."""
        folder = data_folder("templates")
        return folder / self.name, folder / SHARED

    @property
    def checks_folder(self) -> Path:
        return data_folder("checks") / self.name

    @property
    def solver_file(self) -> Path:
        """The script that solves the scenario, and guesses, with an attendee's credentials."""
        return self.checks_folder / "solver" / "solve.py"

    def read_settings(self, given: Mapping[str, Any]) -> Settings:
        """The settings with defaults filled in; raises pydantic's ``ValidationError``."""
        return self.settings.model_validate(dict(given))

    def marks_in(self, workshop: Workshop) -> Marks:
        """The marks of an incident in a workshop: formats filled in, addresses of its threat list added."""
        threats = threat_addresses(workshop)
        in_command = {
            text.format(address=address)
            for text in self.marks.in_command
            for address in (threats if "{address}" in text else ("",))
        }
        called = (*self.marks.called, *threats)
        return replace(self.marks, in_command=tuple(sorted(in_command)), called=called)


def refuse_name(name: str) -> None:
    """Raise ``UsageError`` for what cannot be a scenario's name, which is also that of a module and two folders."""
    if _NAME.fullmatch(name) is None or keyword.iskeyword(name) or name == SHARED:
        raise UsageError(
            f"{name!r} cannot be a scenario's name.",
            f"Take a-z, 0-9 and _, beginning with a letter, but no word of Python's and not {SHARED!r}.",
        )


def threat_addresses(workshop: Workshop) -> tuple[str, ...]:
    """The addresses on a workshop's threat list; none where its scenario has no such setting."""
    return tuple(workshop.settings.get("threat_addresses", ()))


def scenarios(package: ModuleType = _scenarios_package) -> dict[str, Scenario]:
    """Every scenario by name, from the modules of ``package``.

    Raises ``LabkitError`` for a module without a ``SCENARIO`` and for two of one name.
    """
    names = sorted(found.name for found in pkgutil.iter_modules(package.__path__))
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    return _by_name((module.__name__, getattr(module, "SCENARIO", None)) for module in modules)


def find_scenario(name: str) -> Scenario:
    """The scenario of this name; raises ``UsageError`` with the nearest name there is."""
    known = scenarios()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(sorted(known))}."
    raise UsageError(f"There is no scenario {name!r}.", hint)


def data_folder(kind: Literal["templates", "checks"]) -> Path:
    """Where the scenarios' files are: inside an installed labkit, else at the top of the checkout."""
    package = Path(__file__).resolve().parent
    places = (package / "_data" / kind, package.parent / kind)
    for place in places:
        if place.is_dir():
            return place
    raise LabkitError(
        f"labkit's {kind} are not there: neither {places[0]} nor {places[1]} exists.",
        "Install labkit again.",
    )


def _by_name(found: Iterable[tuple[str, object]]) -> dict[str, Scenario]:
    known: dict[str, Scenario] = {}
    origin: dict[str, str] = {}
    for module, scenario in found:
        if not isinstance(scenario, Scenario):
            raise LabkitError(
                f"{module} holds no scenario.", "Give it a SCENARIO, or move it elsewhere."
            )
        if scenario.name in known:
            raise LabkitError(
                f"{module} and {origin[scenario.name]} both hold a scenario {scenario.name!r}.",
                "Give one of them another name.",
            )
        known[scenario.name], origin[scenario.name] = scenario, module
    return known
