"""``docs/cli.md`` says what the commands are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from labkit.cli import load_verbs
from labkit.cli.common.app import app
from labkit.cli.common.reference import ENVIRONMENT, reference

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "cli.md"

CONTRACT = (
    "demo", "local start", "local stop", "local status", "local env", "local inbox", "init", "doctor", "render",
    "up", "status", "simulate", "down", "sweep", "answer", "hint", "check", "grade", "scenarios",
    "scenarios new",
)  # fmt: skip


def test_the_document_is_what_the_code_says() -> None:
    load_verbs()
    assert DOCUMENT.read_text(encoding="utf-8") == reference(app), "run 'make docs'"


@pytest.mark.parametrize("verb", CONTRACT)
def test_each_verb_of_the_contract_is_documented_once_it_is_in_the_code(verb: str) -> None:
    load_verbs()
    said = CliRunner().invoke(app, [*verb.split(), "--help"], prog_name="labkit").output
    in_the_code = said.startswith(f"Usage: labkit {verb} ")
    headings = re.findall(r"^## labkit (.+)$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert (verb in headings) is in_the_code


def test_every_module_of_a_verb_is_documented() -> None:
    headings = set(
        re.findall(r"^## labkit (\S+)", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    )
    modules = {path.stem for path in (ROOT / "labkit/cli").glob("[a-z]*.py")}
    assert headings == modules


def test_arguments_options_defaults_and_groups_come_from_the_application() -> None:
    application, below = typer.Typer(name="tool"), typer.Typer(name="garden")
    application.add_typer(below)

    @below.command("dig")
    def dig(
        where: Annotated[str, typer.Argument(metavar="WHERE", help="In which bed.")],
        *,
        deep: Annotated[int, typer.Option("--deep", help="How deep.")] = 7,
        hidden: Annotated[bool, typer.Option("--secret", hidden=True)] = False,
    ) -> None:
        """Dig a hole.

        Exits 1 where there is rock.
        """
        del where, deep, hidden

    @application.command("rest")
    def rest() -> None:
        """Do nothing."""

    text = reference(application)
    assert "## tool garden dig\n\nDig a hole.\n\nExits 1 where there is rock.\n" in text
    assert "    tool garden dig [OPTIONS] {WHERE}\n" in text
    assert "- `WHERE <str>`: In which bed. [required]" in text
    assert "- `--deep <int>`: How deep. [default: 7]" in text
    assert "secret" not in text
    assert "## tool rest\n" in text


def test_every_variable_that_the_code_reads_is_documented() -> None:
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in [*(ROOT / "labkit").rglob("*.py"), ROOT / "pocketaws/src/pocketaws/running.py"]
        if path.name != "reference.py"
    )
    read = set(re.findall(r"""environ(?:\.get\(|\[)"([A-Z_]+)\"""", code)) | {"LABKIT_SEAT"}
    assert read == set(ENVIRONMENT)
