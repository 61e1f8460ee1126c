"""What a scenario is, and the registry that finds them.

A scenario is data: ``templates/<name>/``, ``checks/<name>/`` and one module of ``labkit.scenarios`` that holds
a ``SCENARIO``. Adding one touches nothing else.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from labkit import scenarios as _scenarios_package
from labkit.errors import LabkitError, UsageError

TEMPLATES = MappingProxyType(
    {"evidence": "evidence.yaml.j2", "threat_list": "threat_list.yaml.j2", "lab": "lab.yaml.j2"}
)
"""The usual template files by role; a role is what ``up`` makes of it."""


class Settings(BaseModel):
    """What may stand under ``[scenario]`` in ``workshop.toml``; a scenario's own model extends it."""

    model_config = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, slots=True)
class Scenario:
    """An incident: what is deployed for it, how it is made to happen, what must be found out."""

    name: str
    """Also the name of its folders below ``templates/`` and ``checks/``."""
    title: str
    description: str
    settings: type[Settings]
    harmless_commands: tuple[str, ...]
    """What the operator types besides; each must be safe on the server and tell nothing."""
    callout: str
    """The command of the incident, a format of ``address`` and ``token``."""
    templates: Mapping[str, str] = field(default_factory=lambda: TEMPLATES)
    """Template files by role, in the scenario's folder."""
    user_data: str = "user_data.sh.j2"
    """What a server runs at boot, without the lines that the template puts before it."""
    handout: str = "handout.md.j2"

    @property
    def templates_folder(self) -> Path:
        return data_folder("templates") / self.name

    @property
    def checks_folder(self) -> Path:
        return data_folder("checks") / self.name

    def read_settings(self, given: Mapping[str, Any]) -> Settings:
        """The settings with defaults filled in; raises pydantic's ``ValidationError``."""
        return self.settings.model_validate(dict(given))


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
