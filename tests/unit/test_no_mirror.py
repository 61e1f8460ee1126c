"""The local AWS is no mirror of the kit: nothing in it knows what the kit calls its things.

import-linter holds who imports whom; these hold words, and the form of imports.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkit.scenario import scenarios

KIT = Path(__file__).parents[2] / "labkit"
ROOM = KIT / "localaws"
FILES = sorted(path for path in ROOM.rglob("*") if path.is_file() and path.suffix != ".pyc")
MODULES = [path for path in FILES if path.suffix == ".py"]
KITS_OWN = (
    "labkit", "malicious_callout", "malicious-callout", "commands-log", "securityGroupVpcFlowLogs",
    "workshop", "attendee",
)  # fmt: skip
# Its own addresses, and the header that opens them: whoever runs it must be able to tell them from AWS's.
ALLOWED = {"gateway/admin.py": {'ADMIN_PATH = "/_labkit/"', 'TOKEN_HEADER = "X-Labkit-Token"'}}


def words(text: str) -> set[str]:
    """The kit's words in a text, whatever their case."""
    return {word for word in KITS_OWN if word.lower() in text.lower()}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOM))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_has_a_word_of_the_kits(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
    for allowed in ALLOWED.get(name_of(path), ()):
        assert allowed in text, "an exemption that nothing needs"
        text = text.replace(allowed, "")
    assert words(text) | words(name_of(path)) == set()


def test_the_words_would_be_found() -> None:
    assert words("the Labkit's i-0-commands-log, securitygroupVPCflowlogs") == {
        "labkit", "commands-log", "securityGroupVpcFlowLogs",
    }  # fmt: skip


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """``(level, module)`` of every import, wherever it stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield node.level, node.module or ""
        elif isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_inside_are_relative_and_stay_inside(path: Path) -> None:
    depth = len(path.relative_to(ROOM).parts)
    for level, module in imports(path):
        assert level <= depth, f"{module} is outside of the local AWS"
        assert module.partition(".")[0] != "labkit"


def test_nobody_but_the_command_line_names_the_local_aws() -> None:
    outside = [path for path in KIT.rglob("*.py") if ROOM not in path.parents]
    naming = {
        path.relative_to(KIT).parts[0]
        for path in outside
        if "localaws" in path.read_text(encoding="utf-8")
    }
    assert naming == {"cli"}


def test_no_scenario_template_or_check_names_it() -> None:
    for scenario in scenarios().values():
        for folder in (*scenario.template_folders, scenario.checks_folder):
            for path in folder.rglob("*"):
                if path.is_file() and path.suffix != ".pyc":
                    assert "localaws" not in path.read_text(encoding="utf-8"), path
