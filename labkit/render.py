"""Render a workshop's CloudFormation templates, and lint them with cfn-lint.

Nothing here talks to AWS. All seats share one lab template and differ only in its parameters.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from pydantic import ValidationError

from labkit.errors import LabkitError, UsageError
from labkit.model import Lab, Seat, Workshop
from labkit.scenario import Scenario, find_scenario

TEMPLATE_BYTES = 51_200
"""The largest inline template (CloudFormation user guide, "Quotas")."""
USER_DATA_BYTES = 16_384
"""The largest user data before base64 (EC2 user guide, "Run commands at launch with user data")."""
_USER_DATA_HEAD_BYTES = 512
"""Reserved for the lines that a template adds before the user data: stack, resource, and Region."""


@dataclass(frozen=True, slots=True)
class LintReport:
    """cfn-lint's findings in one template."""

    findings: tuple[str, ...] = ()
    """One line each: place, rule, message. Warnings count too."""
    unavailable: str | None = None
    """Why cfn-lint didn't run, if it didn't."""

    @property
    def failed(self) -> bool:
        return bool(self.findings)

    @property
    def lines(self) -> tuple[str, ...]:
        """Everything to print."""
        return self.findings if self.unavailable is None else (self.unavailable,)


def render(workshop: Workshop) -> dict[str, str]:
    """Return the templates by role (``evidence``, ``lab``, perhaps ``threat_list``).

    Raises ``UsageError`` for settings that the scenario doesn't accept, ``LabkitError`` for a template that fails to
    render or is too large for AWS.
    """
    scenario = find_scenario(workshop.scenario)
    context = _context(workshop, scenario)
    environment = _environment(tuple(scenario.template_folders))
    texts = {role: _text(environment, file, context) for role, file in scenario.templates.items()}
    for role, text in texts.items():
        _check_size(f"The template {role} of {scenario.name}", text, TEMPLATE_BYTES)
    user_data = _text(environment, scenario.user_data, context)
    _check_size(
        f"The user data of {scenario.name}", user_data, USER_DATA_BYTES - _USER_DATA_HEAD_BYTES
    )
    return texts


def handout(
    workshop: Workshop, seat: Seat, lab: Lab | None = None, wheel: str | None = None
) -> str:
    """Return an attendee's page in Markdown.

    With ``lab``, it names the servers; with ``wheel``, it names the file to install labkit from.
    """
    scenario = find_scenario(workshop.scenario)
    context = _context(workshop, scenario) | {
        "seat": seat,
        "lab": lab,
        "scenario": scenario,
        "wheel": wheel,
    }
    return _text(_environment(tuple(scenario.template_folders)), scenario.handout, context)


def lint(text: str, *regions: str) -> LintReport:
    """Lint a template for these Regions with cfn-lint; if it isn't installed, the report says so."""
    try:
        from cfnlint.api import lint as cfn_lint  # noqa: PLC0415 - heavy, and absent from the base install
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("cfnlint"):
            raise
        return LintReport(unavailable="not linted: cfn-lint isn't installed (pip install cfn-lint)")
    return LintReport(findings=tuple(_lines(cfn_lint(text, regions=list(regions)))))


def _lines(matches: Iterable[Any]) -> Iterable[str]:
    for match in matches:
        yield f"line {match.linenumber}: {match.rule.id} {match.message}"


def _context(workshop: Workshop, scenario: Scenario) -> dict[str, Any]:
    """Return the variables for templates.

    These are the workshop's name and Region, the roles of its templates, and the scenario's settings by name.
    """
    try:
        settings = scenario.read_settings(workshop.settings)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"{scenario.name} doesn't accept the setting {place}: {first['msg'].removeprefix('Value error, ')}.",
            "Correct it under [scenario] in workshop.toml.",
        ) from error
    return settings.model_dump() | {
        "workshop": workshop.name,
        "region": workshop.region,
        "check": workshop.check,
        "roles": frozenset(scenario.templates),
    }


@functools.lru_cache(maxsize=8)
def _environment(folders: tuple[Path, ...]) -> jinja2.Environment:
    """Return the environment of a scenario's folders; it compiles each template once, and again if its file changes."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,  # so that a line of its own can include a part, or nothing
        autoescape=False,  # noqa: S701 - the output is YAML, shell, and Markdown, and the values are validated
    )


def _text(environment: jinja2.Environment, file: str, context: dict[str, Any]) -> str:
    try:
        return environment.get_template(file).render(context)
    except jinja2.TemplateError as error:
        where = f", line {error.lineno}" if isinstance(error, jinja2.TemplateSyntaxError) else ""
        raise LabkitError(
            f"The template {file}{where} doesn't render: {error}", "Fix the scenario's template."
        ) from error


def _check_size(what: str, text: str, limit: int) -> None:
    size = len(text.encode())
    if size > limit:
        raise LabkitError(
            f"{what} has {size} bytes; the limit is {limit}.",
            "Use fewer servers, or shorten the scenario's template.",
        )
