"""``labkit demo`` runs any scenario, and its exit code says whether the verdicts are the expected ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from labkit.grading.checks import tasks
from labkit.scenario import find_scenario, scenarios
from labkit.scenarios import DEFAULT

OUTCOMES = {"seat-1": "passed", "seat-2": "wrong", "seat-3": "unanswered"}


def demo(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    foreign = ("AWS_", "LABKIT_")
    env = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
    return subprocess.run(
        [sys.executable, "-m", "labkit", "demo", *options],
        cwd=folder,
        env=env,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


# `make check` runs the default scenario's demo from the wheels.
@pytest.mark.parametrize("scenario", sorted(set(scenarios()) - {DEFAULT}))
def test_each_scenario_ends_as_expected_with_nothing_left(scenario: str, tmp_path: Path) -> None:
    done = demo(tmp_path, "--scenario", scenario, "--json")

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["scenario"] == scenario
    assert report["unexpected_results"] == []
    names = [task.name for task in tasks(find_scenario(scenario).checks_folder)]
    for seat in report["seats"]:
        assert [verdict["task"] for verdict in seat["verdicts"]] == names
        assert {verdict["outcome"] for verdict in seat["verdicts"]} == {OUTCOMES[seat["seat"]]}
    assert {row["seat"]: row["state"] for row in report["removed"]} == dict.fromkeys(
        OUTCOMES, "absent"
    )


def test_an_unknown_scenario_is_wrong_usage(tmp_path: Path) -> None:
    done = demo(tmp_path, "--scenario", "malicious_callot")

    assert done.returncode == 2
    assert "Did you mean 'malicious_callout'?" in done.stderr
