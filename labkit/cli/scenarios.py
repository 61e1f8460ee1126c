"""``labkit scenarios``: list the scenarios, or create a new one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labkit.cli.common.app import Group, Verbs, app, verb

scenarios_app = typer.Typer(
    name="scenarios", cls=Verbs, invoke_without_command=True, subcommand_metavar="[new NAME]"
)
app.add_typer(scenarios_app, rich_help_panel=Group.TOOLS)


@scenarios_app.callback()
def scenarios(context: typer.Context) -> None:
    """List the scenarios."""
    if context.invoked_subcommand is not None:
        return
    from labkit.scenario import scenarios as all_scenarios

    known = all_scenarios()
    width = max(map(len, known), default=0)
    for name, scenario in sorted(known.items()):
        typer.echo(f"{name:<{width}}  {scenario.title}")


@verb("new", under=scenarios_app)
def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The scenario's name: a-z, 0-9, and _.")
    ],
) -> None:
    """Create a small working scenario in your checkout of labkit, for you to change step by step.

    docs/writing-a-scenario.md explains how to continue.
    """
    from labkit.scaffold import CHECKOUT, make, plan

    files = plan(name, Path.cwd())
    make(files)
    for file in files:
        typer.echo(file.path.relative_to(CHECKOUT))
    typer.echo(f"Next: make check && .venv/bin/python -m pytest tests/contract -k {name}")
