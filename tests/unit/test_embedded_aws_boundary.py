"""The emulator is a distribution of its own: labkit names it in one module, scenarios and checks nowhere."""

from __future__ import annotations

from pathlib import Path

from labkit.scenario import scenarios

ROOT = Path(__file__).parents[2]


def test_one_module_of_labkit_names_it() -> None:
    naming = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "labkit").rglob("*.py")
        if "import pocketaws" in (text := path.read_text(encoding="utf-8"))
        or "from pocketaws" in text
    }
    assert naming == {"labkit/embedded_aws.py"}


def test_no_scenario_template_or_check_names_it() -> None:
    for scenario in scenarios().values():
        for folder in (*scenario.template_folders, scenario.checks_folder):
            for path in folder.rglob("*"):
                if path.is_file() and path.suffix != ".pyc":
                    assert "pocketaws" not in path.read_text(encoding="utf-8"), path
