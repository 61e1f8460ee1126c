"""labkit creates a scenario only in a checkout, and never overwrites anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from labkit.cli import load_verbs
from labkit.cli.common.app import app
from labkit.errors import LabkitError, UsageError
from labkit.scaffold import make, plan
from labkit.scenario import scenarios
from labkit.workshop import load_workshop


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("scenario.py", "templates/lab.yaml.j2", "checks/samples/one/lab.toml"):
        path = tmp_path / "skeleton" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name} of new_scenario\n", encoding="utf-8")
    return tmp_path


def test_each_file_goes_to_its_place_under_the_new_name(checkout: Path) -> None:
    files = plan("lost_keys", checkout / "skeleton", checkout)
    make(files)

    made = {
        path.relative_to(checkout).as_posix(): path.read_text(encoding="utf-8")
        for path in checkout.rglob("*")
        if path.is_file() and "skeleton" not in path.parts
    }
    assert made == {
        "labkit/scenarios/lost_keys.py": "scenario.py of lost_keys\n",
        "templates/lost_keys/lab.yaml.j2": "templates/lab.yaml.j2 of lost_keys\n",
        "checks/lost_keys/samples/one/lab.toml": "checks/samples/one/lab.toml of lost_keys\n",
    }


def test_nothing_is_written_over(checkout: Path) -> None:
    there = checkout / "templates" / "lost_keys" / "lab.yaml.j2"
    there.parent.mkdir(parents=True)
    there.write_text("mine")

    with pytest.raises(UsageError, match=r"lab\.yaml\.j2 already exists"):
        plan("lost_keys", checkout, checkout)

    assert there.read_text() == "mine"
    assert not (checkout / "labkit").exists()


def test_what_appears_between_plan_and_act_is_not_written_over_either(checkout: Path) -> None:
    files = plan("lost_keys", checkout, checkout)
    there = checkout / "templates" / "lost_keys" / "lab.yaml.j2"
    there.parent.mkdir(parents=True)
    there.write_text("mine")

    with pytest.raises(LabkitError, match="Can't write"):
        make(files)

    assert there.read_text() == "mine"


def test_an_installed_labkit_makes_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="This labkit is installed") as refused:
        plan("lost_keys", tmp_path, tmp_path)
    assert "Clone labkit" in refused.value.hint


def test_another_folder_than_the_checkout_is_refused(
    checkout: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.raises(UsageError, match="isn't in that folder"):
        plan("lost_keys", tmp_path_factory.mktemp("elsewhere"), checkout)


@pytest.mark.parametrize(
    "name",
    ["", "Lost", "lost-keys", "1st", "_x", "lost keys", "../x", "a/b", "shared", "import", "é"],
)
def test_what_cannot_be_a_name_is_refused(checkout: Path, name: str) -> None:
    with pytest.raises(UsageError, match="can't be a scenario's name"):
        plan(name, checkout, checkout)


def test_scenarios_lists_and_new_is_refused_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_verbs()
    monkeypatch.chdir(tmp_path)

    listed = CliRunner().invoke(app, ["scenarios"])
    refused = CliRunner().invoke(app, ["scenarios", "new", "lost_keys"])

    assert listed.exit_code == 0
    assert [line.split("  ")[0] for line in listed.stdout.splitlines()] == sorted(scenarios())
    assert refused.exit_code == 2
    assert refused.stdout == ""
    assert f"but {tmp_path} isn't in that folder" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_workshop_is_begun_about_any_scenario_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_verbs()
    monkeypatch.chdir(tmp_path)

    refused = CliRunner().invoke(app, ["init", "acme", "--scenario", "nothing_like_it"])
    assert (refused.exit_code, list(tmp_path.iterdir())) == (2, [])

    for name in scenarios():
        made = CliRunner().invoke(app, ["init", "acme", "--scenario", name])
        assert made.exit_code == 0, made.stderr
        assert load_workshop(tmp_path / "workshop.toml").scenario == name
        (tmp_path / "workshop.toml").unlink()
