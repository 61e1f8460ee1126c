"""The local AWS is no mirror of the kit: nothing in it knows what the kit calls its things.

import-linter holds who imports whom; these hold words, and the form of imports.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOM = Path(__file__).parents[2] / "src" / "pocketaws"
FILES = sorted(path for path in ROOM.rglob("*") if path.is_file() and path.suffix != ".pyc")
MODULES = [path for path in FILES if path.suffix == ".py"]
KITS_OWN = (
    "labkit", "malicious_callout", "malicious-callout", "commands-log", "securityGroupVpcFlowLogs",
    "workshop", "attendee",
)  # fmt: skip


def words(text: str) -> set[str]:
    """The kit's words in a text, whatever their case."""
    return {word for word in KITS_OWN if word.lower() in text.lower()}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOM))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_has_a_word_of_the_kits(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")
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
