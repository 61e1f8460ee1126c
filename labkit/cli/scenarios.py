"""``labkit scenarios``: the incidents there are, and a new one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labkit.cli.common.app import Verbs, app, verb

scenarios_app = typer.Typer(
    name="scenarios", cls=Verbs, invoke_without_command=True, subcommand_metavar="[new NAME]"
)
app.add_typer(scenarios_app)


@scenarios_app.callback()
def scenarios(context: typer.Context) -> None:
    """List the scenarios."""
    if context.invoked_subcommand is not None:
        return
    from labkit.scenario import scenarios as all_scenarios

    for name, scenario in sorted(all_scenarios().items()):
        typer.echo(f"{name}  {scenario.title}")


@verb("new", scenarios_app)
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="a-z, 0-9 and _.")],
) -> None:
    """Make a small scenario of your own that works, in a checkout of labkit: to be changed step by step.

    docs/writing-a-scenario.md goes on from there.
    """
    from labkit.scaffold import CHECKOUT, make, plan

    files = plan(name, Path.cwd())
    make(files)
    for file in files:
        typer.echo(file.path.relative_to(CHECKOUT))
    typer.echo(f"Next: make check && .venv/bin/python -m pytest tests/contract -k {name}")
