"""How people get labkit: no text sends them to a stranger's package, and the Makefile finds a Python that works."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FIND_PYTHON = ROOT / "tools" / "find_python.sh"
# "labkit" on PyPI is someone else's project. Wheels (labkit_aws-….whl) and the distribution's own name are ours.
STRANGER = re.compile(r"pip3?\s+install\s[^\n`]*(?<![\w./-])labkit(?![\w-])")
NEVER_COMMITTED = {".git", ".venv", ".venv-lock", "dist", "__pycache__"}


def tracked_texts() -> dict[Path, str]:
    """Every text of the repository by its path."""
    found = {}
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        hidden_cache = any(part.startswith(".") and part.endswith("cache") for part in parts)
        if not path.is_file() or NEVER_COMMITTED & set(parts) or hidden_cache:
            continue
        try:
            found[path] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


def test_no_text_recommends_the_package_of_a_stranger() -> None:
    texts = tracked_texts()
    assert ROOT / "README.md" in texts
    assert {
        str(path.relative_to(ROOT)): match[0]
        for path, text in texts.items()
        if (match := STRANGER.search(text))
    } == {}


@pytest.mark.parametrize(
    "rest", ["labkit", "'labkit[local]'", "-U labkit", "labkit==0.1", '"labkit[lint]"']
)
def test_the_recommendation_would_be_found(rest: str) -> None:
    assert STRANGER.search("run: " + "pip install " + rest)


@pytest.mark.parametrize(
    "rest", ["labkit-aws", "dist/labkit_aws-*.whl", "cfn-lint", "./labkit", "labkit_aws-0.1.0.whl"]
)
def test_ways_to_install_ours_are_fine(rest: str) -> None:
    assert not STRANGER.search("pip install " + rest)


def fake_python(folder: Path, name: str, version: str, *, venv: bool = True) -> None:
    """A command that answers as that version of Python would; without a version it doesn't run."""
    answers = f"echo {version}" if version else "exit 127"
    can_make = "exit 0" if venv else "exit 1"
    path = folder / name
    path.write_text(
        f'#!/bin/sh\ncase "$2" in *version_info*) {answers} ;; *ensurepip*) {can_make} ;; esac\n'
    )
    path.chmod(0o755)


def find_python(folder: Path, *wanted: str) -> subprocess.CompletedProcess[str]:
    shell = shutil.which("sh")
    assert shell is not None
    return subprocess.run(  # noqa: S603 - our own script
        [shell, FIND_PYTHON, *wanted],
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
class TestFindPython:
    def test_the_newest_supported_one_is_taken(self, tmp_path: Path) -> None:
        fake_python(tmp_path, "python3.12", "3.12")
        fake_python(tmp_path, "python3.13", "3.13")
        fake_python(tmp_path, "python3", "3.11")
        assert find_python(tmp_path).stdout == "python3.13\n"

    def test_python3_alone_is_enough(self, tmp_path: Path) -> None:
        fake_python(tmp_path, "python3", "3.11")
        assert find_python(tmp_path).stdout == "python3\n"

    def test_a_command_that_does_not_run_is_passed_over(self, tmp_path: Path) -> None:
        fake_python(tmp_path, "python3.13", "")
        fake_python(tmp_path, "python3.11", "3.11")
        assert find_python(tmp_path).stdout == "python3.11\n"

    def test_one_without_venv_is_passed_over_for_one_that_has_it(self, tmp_path: Path) -> None:
        fake_python(tmp_path, "python3.13", "3.13", venv=False)
        fake_python(tmp_path, "python3.12", "3.12")
        assert find_python(tmp_path).stdout == "python3.12\n"

    @pytest.mark.parametrize(
        ("version", "venv", "reason"),
        [
            ("3.10", True, "Python 3.10, which is too old: labkit needs 3.11 to 3.14"),
            ("2.7", True, "Python 2.7, which is too old"),
            ("3.15", True, "Python 3.15, which is newer than the pinned packages"),
            ("3.12", False, "no venv module: install your system's python3.12-venv package"),
        ],
    )
    def test_what_is_wrong_is_one_line(
        self, tmp_path: Path, version: str, reason: str, *, venv: bool
    ) -> None:
        fake_python(tmp_path, "python3", version, venv=venv)
        for wanted in ((), ("python3",)):
            done = find_python(tmp_path, *wanted)
            assert (done.returncode, done.stdout) == (1, "")
            assert reason in done.stderr
            assert done.stderr.count("\n") == 1

    def test_none_at_all_is_one_line(self, tmp_path: Path) -> None:
        done = find_python(tmp_path)
        assert done.returncode == 1
        assert done.stderr == (
            "labkit: no Python 3.11 to 3.14 is on the PATH. "
            "You can name one: make PYTHON=/path/to/python3\n"
        )

    def test_one_that_is_named_must_work(self, tmp_path: Path) -> None:
        fake_python(tmp_path, "python3.11", "3.11")
        done = find_python(tmp_path, "/nowhere/python")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == "labkit: /nowhere/python doesn't run.\n"
