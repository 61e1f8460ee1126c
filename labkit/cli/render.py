"""``labkit render``: the templates as they would be deployed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labkit.cli.common.app import Group, verb
from labkit.cli.common.options import DEFAULT_FILE, WorkshopFile, load


@verb("render", Group.TOOLS)
def render(
    file: WorkshopFile = DEFAULT_FILE,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Write them to files there (default: print them)."
        ),
    ] = None,
) -> None:
    """Render the CloudFormation templates and lint them.

    Exits 1 if cfn-lint finds something.
    """
    from labkit.render import lint
    from labkit.render import render as render_templates

    workshop = load(file)
    templates = render_templates(workshop)
    failed = False
    for name, text in templates.items():
        report = lint(text, workshop.region)
        for line in report.lines:
            typer.echo(f"{name}: {line}", err=True)
        failed = failed or report.failed
        if out is None:
            typer.echo(f"# {name}\n{text}")
        else:
            out.mkdir(parents=True, exist_ok=True)
            (out / f"{name}.yaml").write_text(text, encoding="utf-8")
            typer.echo(str(out / f"{name}.yaml"))
    if failed:
        raise typer.Exit(1)
