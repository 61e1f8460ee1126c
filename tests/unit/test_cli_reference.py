"""``docs/cli.md`` matches the commands."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
import typer.main

from labkit.cli import load_verbs
from labkit.cli.common.app import app
from labkit.cli.common.reference import ENVIRONMENT, reference

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "cli.md"

MENTION = re.compile(r"(?:`|(?<!\")\"|')labkit((?: [a-z]+)*)")
"""A command in prose or in a message."""
LINE = re.compile(r"^(?: {4}|\$ )?labkit((?: [a-z]+)*)", re.MULTILINE)
"""A command on a line of a block in Markdown."""


@cache
def commands() -> dict[str, bool]:
    """Each command of the application by its full name, and whether it has subcommands."""
    load_verbs()
    found = {}

    def walk(command: Any, name: str) -> None:
        below = getattr(command, "commands", {})
        found[name] = bool(below)
        for word in below:
            walk(below[word], f"{name} {word}".strip())

    walk(typer.main.get_command(app), "")
    return found


def unknown(text: str, *forms: re.Pattern[str]) -> list[str]:
    """The commands that a text mentions and that the application doesn't have."""
    known = commands()
    missing = []
    for words in (match.split() for form in forms for match in form.findall(text)):
        name = ""
        for word in words:
            if not known[name]:
                break  # an argument
            name = f"{name} {word}".strip()
            if name not in known:
                missing.append(name)
                break
    return missing


def blocks(text: str) -> str:
    """The fenced and indented blocks of a Markdown text."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return "".join((*fenced, *re.findall(r"^ {4}.*\n", text, re.MULTILINE)))


def test_the_document_is_what_the_code_says() -> None:
    load_verbs()
    assert DOCUMENT.read_text(encoding="utf-8") == reference(app), "run 'make docs'"


def test_every_command_that_a_text_mentions_exists() -> None:
    read = (
        path
        for top in ("labkit", "checks", "skeleton", "templates")
        for path in sorted((ROOT / top).rglob("*"))
    )
    code = [path for path in read if path.suffix in {".py", ".j2"}]
    prose = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
    assert len(prose) > 5
    found = {path: unknown(path.read_text(encoding="utf-8"), MENTION) for path in (*code, *prose)}
    for path in prose:
        found[path] += unknown(blocks(path.read_text(encoding="utf-8")), LINE)
    assert {path: missing for path, missing in found.items() if missing} == {}


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Run `labkit surgeon` first.", ["surgeon"]),
        ("Run 'labkit upp' again.", ["upp"]),
        ("```sh\nlabkit local start\nlabkit local restart --json\n```\n", ["local restart"]),
        ("In a block:\n\n    labkit surgeon\n", ["surgeon"]),
        ("`labkit up --yes`, `labkit local start`, `labkit answer command`, `labkit`", []),
        ("`labkit scenarios new left_note` after `labkit scenarios`", []),
    ],
)
def test_a_command_that_does_not_exist_is_found(text: str, missing: list[str]) -> None:
    assert unknown(text, MENTION) + unknown(blocks(text), LINE) == missing


def test_the_document_has_exactly_the_commands_that_there_are() -> None:
    headings = re.findall(r"^## labkit (.+)$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    has_others_below = commands()
    alone = {name for name, below in has_others_below.items() if not below}
    assert set(headings) == alone | {"scenarios"}
    assert len(headings) == len(set(headings))


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
