"""Import rules that import-linter can't check: those of checks and solvers, and that no modules import each other.

The other rules are contracts in ``pyproject.toml``. Checks and solvers belong to no package, so this test reads them.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

import labkit

ROOT = Path(__file__).parents[2]
CHECKS = sorted(
    path for top in ("checks", "skeleton/checks") for path in (ROOT / top).rglob("*.py")
)
SOLVERS = [path for path in CHECKS if path.parent.name == "solver"]
# A check judges evidence and reaches no cloud.
OF_CHECKS = {"labkit.model", "labkit.grading", "labkit.evidence"}
# A solver works with an attendee's session.
OF_SOLVERS = {"labkit.aws", "labkit.errors", "labkit.model", "labkit.workflow.investigation"}
OF_SCENARIOS = {"labkit.model", "labkit.scenario"}


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports; a name from ``labkit`` itself counts as ``labkit.<name>``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module == "labkit":
            yield from (f"labkit.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level < 2:
            yield "." * node.level + (node.module or "")
        elif isinstance(node, ast.ImportFrom):
            yield f"{node.module}, outside its own folder"


def refused(path: Path, allowed: set[str]) -> list[str]:
    """The imports of a file that are neither siblings, nor the standard library, nor allowed."""
    public = {f"labkit.{name}" for name in labkit.__all__}
    return [
        name
        for name in imports(path)
        if not name.startswith(".")
        and name.split(".")[0] not in sys.stdlib_module_names
        and name not in public
        and not any(name == rule or name.startswith(f"{rule}.") for rule in allowed)
    ]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_there_are_checks_and_solvers_to_look_at() -> None:
    assert len(SOLVERS) == 3
    assert len(CHECKS) > 15


@pytest.mark.parametrize("path", CHECKS, ids=name_of)
def test_a_check_imports_no_cloud_and_a_solver_what_attendees_have(path: Path) -> None:
    assert refused(path, OF_SOLVERS if path in SOLVERS else OF_CHECKS) == []


def test_the_skeletons_scenario_imports_what_a_value_needs() -> None:
    assert refused(ROOT / "skeleton" / "scenario.py", OF_SCENARIOS | {"pydantic"}) == []


@pytest.mark.parametrize(
    "line",
    [
        "from labkit.cli import main",
        "from labkit import cli",
        "import labkit.workflow.operations",
        "import boto3",
        "from pocketaws.server import LocalAws",
        "from ..malicious_callout.incident import runs",
    ],
)
def test_a_forbidden_import_is_found(line: str, tmp_path: Path) -> None:
    path = tmp_path / "check_it.py"
    path.write_text(f"def check() -> None:\n    {line}\n", encoding="utf-8")
    assert len(refused(path, OF_CHECKS)) == 1


def test_no_two_modules_of_labkit_import_each_other() -> None:
    graph = grimp.build_graph("labkit")
    assert graph.modules >= {"labkit.cli.up", "labkit.workflow.operations"}
    assert cycles(graph) == []


def test_a_cycle_is_found() -> None:
    graph = grimp.ImportGraph()
    for importer, imported in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")):
        graph.add_import(importer=importer, imported=imported)
    assert cycles(graph) == [["a", "b", "c"]]


def cycles(graph: grimp.ImportGraph) -> list[list[str]]:
    """Groups of modules that import each other, directly or through others."""
    below = {module: graph.find_upstream_modules(module) for module in graph.modules}
    groups = {
        frozenset({module, *(other for other in reached if module in below[other])})
        for module, reached in below.items()
    }
    return sorted(sorted(group) for group in groups if len(group) > 1)
