"""``labkit scenarios new`` creates a scenario that renders, keeps the contract, and can be played."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAME = "left_over_note"
WORKSHOP = (
    f'[workshop]\nname = "trial"\nscenario = "{NAME}"\nregion = "eu-west-1"\n[[seat]]\nid = "ada"\n'
)


GUIDE = ROOT / "docs" / "writing-a-scenario.md"
_BLOCK = re.compile(r"```\w*\n(.*?)```", re.DOTALL)


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a module of this environment in a checkout, so that it uses the checkout's labkit."""
    env = {
        key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "PYTEST_"))
    }
    return subprocess.run(  # noqa: S603 - our own programs
        [sys.executable, "-m", *words],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this checkout with a new scenario."""
    folder = tmp_path_factory.mktemp("labkit") / "checkout"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".*", "__pycache__", "dist"))
    made = run(folder, "labkit", "scenarios", "new", NAME)
    assert made.returncode == 0, made.stderr
    files = made.stdout.splitlines()[:-1]
    assert f"labkit/scenarios/{NAME}.py" in files
    assert all((folder / file).is_file() for file in files)
    return folder


def test_it_is_listed_and_is_not_made_twice(checkout: Path) -> None:
    module = checkout / "labkit" / "scenarios" / f"{NAME}.py"
    before = module.read_bytes()

    again = run(checkout, "labkit", "scenarios", "new", NAME)

    assert again.returncode == 2
    assert "already exists" in again.stderr
    assert module.read_bytes() == before
    assert NAME in run(checkout, "labkit", "scenarios").stdout


def test_it_renders_without_a_finding_and_is_written_as_the_rest(checkout: Path) -> None:
    (checkout / "workshop.toml").write_text(WORKSHOP, encoding="utf-8")

    rendered = run(checkout, "labkit", "render", "--out", "made")
    assert (rendered.returncode, rendered.stderr) == (0, "")
    assert sorted(path.name for path in (checkout / "made").iterdir()) == [
        "detector.yaml", "evidence.yaml", "expiry.yaml", "lab.yaml",
    ]  # fmt: skip

    parts = [f"labkit/scenarios/{NAME}.py", f"checks/{NAME}"]
    for command in (("check",), ("format", "--check")):
        linted = run(checkout, "ruff", *command, "--no-cache", *parts)
        assert linted.returncode == 0, linted.stdout


def test_the_demo_runs_it(checkout: Path) -> None:
    done = run(checkout, "labkit", "demo", "--scenario", NAME, "--seats", "2", "--json")

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["scenario"] == NAME
    outcomes = [{verdict["outcome"] for verdict in seat["verdicts"]} for seat in report["seats"]]
    assert outcomes == [{"passed"}, {"wrong"}]


def add_behind(path: Path, line: str, more: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(line) == 1, line
    path.write_text(text.replace(line, line + more), encoding="utf-8")


@pytest.fixture(scope="module")
def guided(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout with the task that the guide adds to the new scenario."""
    folder = tmp_path_factory.mktemp("guided") / "checkout"
    shutil.copytree(checkout, folder)
    section = GUIDE.read_text(encoding="utf-8").split("## Add a task")[1].split("\n## ")[0]
    check, sample, part, tells, solved, missed = _BLOCK.findall(section)
    checks = folder / "checks" / NAME
    (checks / "check_visitor_address.py").write_text(check, encoding="utf-8")
    (checks / "samples" / "visitor_address.toml").write_text(sample, encoding="utf-8")
    add_behind(checks / "debrief.py", '(Source.COMMANDS, "left_file", _typed),\n', part)
    with (checks / "debrief.py").open("a", encoding="utf-8") as debrief:
        debrief.write(f"\n\n{tells}")
    solver = checks / "solver" / "solve.py"
    add_behind(solver, '.rpartition("/")[2]],\n', solved)
    add_behind(solver, '"visitor": ["incident-response"],\n', missed)
    return folder


def test_the_guides_task_is_written_like_the_rest(guided: Path) -> None:
    linted = run(guided, "ruff", "check", "--no-cache", f"checks/{NAME}")
    assert linted.returncode == 0, linted.stdout


def test_with_the_guides_task_it_keeps_the_contract_and_is_solved_graded_and_taken_down(
    guided: Path,
) -> None:
    done = run(guided, "pytest", "tests/contract", "-n", "0", "-q", "-rA", "-k", NAME)

    assert done.returncode == 0, done.stdout[-5000:]
    for name in ("no_message_tells", "solver_passes_every_task", "everything_can_be_taken_down"):
        assert name in done.stdout
    for task in ("left_file", "visitor_address: the address"):
        assert f"[{NAME}-{task}" in done.stdout, task
    assert "skipped" not in done.stdout.splitlines()[-1]
