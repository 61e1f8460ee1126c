"""Render every scenario's templates and run cfn-lint on them: ``python -m tests.check_templates``.

Prints every finding. Exits with 1 if there is one, if a template doesn't render, or if cfn-lint isn't
installed. Optional parts are conditions in the templates; cfn-lint follows both branches of each.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta

from annotated_types import Le

from labkit.errors import LabkitError
from labkit.model import Workshop
from labkit.render import lint, render
from labkit.scenario import Scenario, scenarios

REGIONS = ("eu-west-1", "us-east-1", "ap-southeast-2", "eu-central-2", "sa-east-1", "ca-central-1")
FEW = (1, 2)
SHORTEST_NAME, LONGEST_NAME = "yes", "a23456789-123456789-1234"
"""The shortest is also a word that YAML would take for something else."""


def variations(scenario: Scenario) -> Iterator[Workshop]:
    """Workshops whose templates differ: few and many servers, short and long names."""
    counts = tuple(numbers_of_servers(scenario)) or (None,)
    for count in counts:
        for name in (SHORTEST_NAME, LONGEST_NAME):
            settings = {} if count is None else {"servers": count}
            yield Workshop(
                name, scenario.name, REGIONS[0], timedelta(hours=8), (), settings=settings
            )


def numbers_of_servers(scenario: Scenario) -> Iterator[int]:
    """Few servers, and as many as the scenario's settings allow; none if it has no such setting."""
    field = scenario.settings.model_fields.get("servers")
    if field is not None:
        yield from FEW
        yield from (
            limit.le
            for limit in field.metadata
            if isinstance(limit, Le) and isinstance(limit.le, int)
        )


def texts() -> tuple[dict[str, list[str]], list[str]]:
    """Every distinct template with the places that use it, and the errors of those that didn't render."""
    used: dict[str, list[str]] = {}
    broken = []
    for scenario in scenarios().values():
        for workshop in variations(scenario):
            where = f"{scenario.name} {workshop.settings} {workshop.name}"
            try:
                rendered = render(workshop)
            except LabkitError as error:
                broken.append(f"{where}: {error.message}")
                continue
            for role, text in rendered.items():
                used.setdefault(text, []).append(f"{where} {role}")
    return used, broken


def _findings(text: str) -> tuple[str, ...]:
    return lint(text, *REGIONS).lines


def main() -> int:
    used, complaints = texts()
    with ProcessPoolExecutor(max_workers=2) as pool:
        for places, found in zip(used.values(), pool.map(_findings, used), strict=True):
            complaints += [f"{places[0]}: {line}" for line in found]
    for line in complaints:
        print(line, file=sys.stderr)  # noqa: T201 - this is a command
    print(f"{len(used)} templates in {len(REGIONS)} Regions, {len(complaints)} findings")  # noqa: T201
    return 1 if complaints or not used else 0


if __name__ == "__main__":
    sys.exit(main())
