"""``up`` and ``down`` of ten seats compared with one seat, on an emulator in a separate process.

Ten times the seats may take at most three times the wall time. Also measures ``status`` and ``check`` for one seat.
"""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LABKIT = [sys.executable, "-m", "labkit"]
_ROOT = Path(__file__).parents[2]


def free_port() -> int:
    """A free port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class Workshop:
    """A folder with a ``workshop.toml``, and the environment that points at the emulator."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        self._folder = folder
        self._variables = variables

    def run(self, *arguments: str, code: int = 0) -> float:
        """Run a command and return its wall seconds; raises if its exit code isn't ``code``."""
        began = time.perf_counter()
        done = subprocess.run(
            [*_LABKIT, *arguments], cwd=self._folder, env=self._variables, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        if done.returncode != code:
            raise AssertionError(f"{arguments} ended with {done.returncode}: {done.stderr}")
        return time.perf_counter() - began


@contextmanager
def workshop(seats: int) -> Iterator[Workshop]:
    """A workshop on a fresh emulator that keeps its state."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        port = str(free_port())
        variables = {**os.environ, "XDG_RUNTIME_DIR": name, "PYTHONPATH": str(_ROOT)}
        for foreign in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
            variables.pop(foreign, None)
        here = Workshop(folder, variables)
        here.run(
            "local", "start", "--detach", "--port", port, "--ssh-port", str(free_port()),
            "--data", str(folder / "state"),
        )  # fmt: skip
        try:
            lines = subprocess.run(
                [*_LABKIT, "local", "env", "--port", port], env=variables, check=True,
                capture_output=True, text=True,
            ).stdout  # fmt: skip
            for word in shlex.split(lines):
                setting, equals, value = word.partition("=")
                if equals:
                    variables[setting] = value
            here.run("init", f"bench-{seats}", "--local", "--seats", str(seats))
            yield here
        finally:
            here.run("local", "stop", "--port", port)


def main() -> None:
    """Print the seconds of each command for one seat and for ten, and their ratio."""
    times: dict[int, dict[str, float]] = {}
    for seats in (1, 10):
        with workshop(seats) as here:
            times[seats] = {"up": here.run("up", "--yes")}
            if seats == 1:
                times[seats]["status"] = here.run("status", "--seat", "seat-1")
                here.run("simulate", "--yes")
                times[seats]["check"] = here.run("check", "--seat", "seat-1", code=1)
            times[seats]["down"] = here.run("down", "--yes")
    for verb in ("up", "down"):
        one, ten = times[1][verb], times[10][verb]
        print(f"{verb:<7} one seat {one:6.2f} s   ten seats {ten:6.2f} s   {ten / one:5.2f} x")
    for verb in ("status", "check"):
        print(f"{verb:<7} one seat {times[1][verb]:6.2f} s")


if __name__ == "__main__":
    main()
