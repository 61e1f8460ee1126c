"""Build both wheels, install them into empty environments with only their dependencies, and run them.

This needs no network: the dependencies, at their pinned versions, are linked from the environment that runs it.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

from labkit import __version__
from labkit.grading.checks import tasks
from labkit.scenario import scenarios

ROOT = Path(__file__).resolve().parent.parent
WORKSHOP = """
[workshop]
name = "wheel"
scenario = "{scenario}"
region = "eu-west-1"
[[seat]]
id = "ada"
"""
_HEAVY = ("moto", "duckdb", "cfnlint", "cheroot", "sqlglot")


def main() -> None:
    """Exit with 0, or with 1 and a line that says what's wrong."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        kit, emulator = _build(folder, ROOT), _build(folder, ROOT / "pocketaws")
        _check_kit_alone(folder, _environment(folder / "kit", kit))
        _check_emulator_alone(folder, _environment(folder / "emulator", emulator))
        _check_both(folder, _environment(folder / "both", kit, emulator))
    print("both wheels work in empty environments, alone and together")  # noqa: T201 - this is a command of `make check`


def _check_kit_alone(folder: Path, python: str) -> None:
    for heavy in _HEAVY:
        _expect(folder, [python, "-c", f"import {heavy}"], 1, "No module named")
    labkit = [python, "-m", "labkit"]
    _expect(folder, [*labkit, "--help"], 0, "up")
    _expect(folder, [*labkit, "--version"], 0, f"labkit {__version__}")
    _expect(folder, [*labkit, "demo"], 2, "needs pocketaws")
    _expect(folder, [*labkit, "local", "start"], 2, "needs pocketaws")
    _expect(folder, [*labkit, "scenarios", "new", "x"], 2, "This labkit is installed")
    for name, scenario in scenarios().items():
        (folder / "workshop.toml").write_text(WORKSHOP.format(scenario=name))
        _expect(folder, [*labkit, "scenarios"], 0, name)
        _expect(folder, [*labkit, "render", "--out", name], 0, "lab.yaml")
        _expect(folder, [python, "-c", _CHECKS, name], 0, tasks(scenario.checks_folder)[0].name)
        for template in scenario.templates:
            if "AWSTemplateFormatVersion" not in (folder / name / f"{template}.yaml").read_text():
                sys.exit(f"the wheel renders no template {template} of {name}")


def _check_emulator_alone(folder: Path, python: str) -> None:
    _expect(folder, [python, "-c", "import labkit"], 1, "No module named")
    _expect(folder, [python, "-m", "pocketaws", "--help"], 0, "start")
    _expect(folder, [python, "-c", _CALL], 0, ":user/administrator")


def _check_both(folder: Path, python: str) -> None:
    for scenario in scenarios():
        demo = [python, "-m", "labkit", "demo", "--seats", "2", "--scenario", scenario]
        _expect(folder, demo, 0, "nothing is left")


_CALL = """
from pocketaws.server import LocalAws
from pocketaws.testing import administrator
with LocalAws() as aws:
    print(administrator(aws)("sts").get_caller_identity()["Arn"])
"""
_CHECKS = """
import sys
from labkit import __version__
from labkit.grading.checks import tasks
from labkit.scenario import find_scenario
print(*(task.name for task in tasks(find_scenario(sys.argv[1]).checks_folder)))
"""


def _build(folder: Path, source: Path) -> Path:
    out = folder / f"wheel-{source.name}"
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
               "--no-index", "--wheel-dir", str(out), str(source)]  # fmt: skip
    subprocess.run(command, check=True)  # noqa: S603 - pip of this environment
    (wheel,) = out.glob("*.whl")
    return wheel


def _environment(folder: Path, *wheels: Path) -> str:
    """Create an environment with our wheels, and links to their dependencies."""
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps",
               "--no-index", *map(str, wheels)]  # fmt: skip
    subprocess.run(command, check=True)  # noqa: S603 - as above
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    for needed in _dependencies(wheel.name.split("-")[0].replace("_", "-") for wheel in wheels):
        for top in _top_level(needed):
            link = site / top.name
            if not link.exists():
                link.symlink_to(top)
    return str(python)


def _dependencies(ours: Iterable[str]) -> list[Distribution]:
    """What our distributions require without extras, and everything that those requirements need."""
    found: dict[str, Distribution] = {}
    todo = [Requirement(text) for name in ours for text in distribution(name).requires or ()]
    todo = [needed for needed in todo if _applies(needed, ())]
    while todo:
        requirement = todo.pop()
        key = requirement.name.lower()
        if key in found and not requirement.extras:
            continue
        try:
            found[key] = needed = distribution(requirement.name)
        except PackageNotFoundError:
            sys.exit(f"{requirement} is not installed here: run make clean, then make check")
        requires = map(Requirement, needed.requires or ())
        todo += [below for below in requires if _applies(below, requirement.extras)]
    return list(found.values())


def _applies(requirement: Requirement, extras: Iterable[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras))


def _top_level(needed: Distribution) -> set[Path]:
    """The files and folders that a distribution put directly into site-packages."""
    return {
        Path(str(needed.locate_file(file.parts[0])))
        for file in needed.files or ()
        if not file.parts[0].startswith("..")
    }


def _expect(folder: Path, command: list[str], code: int, text: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own program
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin"},
    )
    if done.returncode != code or text not in done.stdout + done.stderr:
        sys.exit(f"{' '.join(command)} gave {done.returncode}:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    main()
