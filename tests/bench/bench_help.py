"""``labkit --help`` compared with a bare typer program with as many commands: at most 1.5 times as long."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.bench.processes import paired

_RUNS = 15
_COMMANDS = 20


def main() -> None:
    """Print both medians and their ratio."""
    lines = ["import typer", "app = typer.Typer()"]
    for number in range(_COMMANDS):
        lines += [
            "@app.command()",
            f"def verb{number}(x: str = 'a', y: bool = False) -> None:",
            "    'Do it.'",
        ]
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text("\n".join([*lines, "app()", ""]))
        ours, theirs, ratio = paired(
            [sys.executable, "-m", "labkit", "--help"], [sys.executable, str(bare), "--help"], _RUNS
        )
    print(
        f"labkit --help {ours * 1000:.0f} ms, bare typer {theirs * 1000:.0f} ms, ratio {ratio:.2f}"
    )
