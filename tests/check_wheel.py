"""Proves the wheel: built, put into an empty environment with the base dependencies and nothing else, and run.

No network: the dependencies are linked from the environment that runs this, which has them pinned.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tempfile
import venv
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

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
    """Exit with 1 and a line of what is wrong, or with 0."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        wheel = _build(folder)
        python = _environment(folder / "empty", wheel)
        for heavy in _HEAVY:
            _expect(folder, [python, "-c", f"import {heavy}"], 1, "No module named")
        labkit = [python, "-m", "labkit"]
        _expect(folder, [*labkit, "--help"], 0, "up")
        _expect(folder, [*labkit, "demo"], 2, "labkit[local]")
        _expect(folder, [*labkit, "scenarios", "new", "x"], 2, "This labkit is installed")
        for name, scenario in scenarios().items():
            (folder / "workshop.toml").write_text(WORKSHOP.format(scenario=name))
            _expect(folder, [*labkit, "scenarios"], 0, name)
            _expect(folder, [*labkit, "render", "--out", name], 0, "lab.yaml")
            _expect(folder, [python, "-c", _CHECKS, name], 0, tasks(scenario.checks_folder)[0].name)
            for template in scenario.templates:
                if (
                    "AWSTemplateFormatVersion"
                    not in (folder / name / f"{template}.yaml").read_text()
                ):
                    sys.exit(f"the wheel renders no template {template} of {name}")
    print("the wheel works in an empty environment")  # noqa: T201 - this is a command of `make check`


_CHECKS = """
import sys
from labkit.grading.checks import tasks
from labkit.scenario import find_scenario
print(*(task.name for task in tasks(find_scenario(sys.argv[1]).checks_folder)))
"""


def _build(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
               "--no-index", "--wheel-dir", str(folder), str(ROOT)]  # fmt: skip
    subprocess.run(command, check=True)  # noqa: S603 - pip of this environment
    (wheel,) = folder.glob("labkit-*.whl")
    return wheel


def _environment(folder: Path, wheel: Path) -> str:
    """A new environment with the wheel, and links to what it depends on."""
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps",
               "--no-index", str(wheel)]  # fmt: skip
    subprocess.run(command, check=True)  # noqa: S603 - as above
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    for needed in _base_dependencies():
        for top in _top_level(needed):
            link = site / top.name
            if not link.exists():
                link.symlink_to(top)
    return str(python)


def _base_dependencies() -> list[Distribution]:
    """labkit's requirements without extras, and theirs."""
    found: dict[str, Distribution] = {}
    todo = [*map(Requirement, distribution("labkit").requires or ())]
    while todo:
        requirement = todo.pop()
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        if requirement.name.lower() in found:
            continue
        try:
            found[requirement.name.lower()] = needed = distribution(requirement.name)
        except PackageNotFoundError:
            sys.exit(f"{requirement} is not installed here: run make clean, then make check")
        todo += map(Requirement, needed.requires or ())
    return list(found.values())


def _top_level(needed: Distribution) -> set[Path]:
    """The files and folders that a distribution put right into site-packages."""
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
