"""``labkit scenarios``: the incidents there are."""

from __future__ import annotations

import typer

from labkit.cli.common.app import verb


@verb("scenarios")
def scenarios() -> None:
    """List the scenarios."""
    from labkit.scenario import scenarios as all_scenarios

    for name, scenario in sorted(all_scenarios().items()):
        typer.echo(f"{name}  {scenario.title}")
