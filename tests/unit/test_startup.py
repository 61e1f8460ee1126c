"""What commands don't load: a class of hundreds runs them often, and each should start quickly."""

from __future__ import annotations

import subprocess
import sys

_LOADED = """
import sys
import labkit.workflow.operations
print(*sorted({"asyncssh", "cfnlint", "moto", "duckdb", "pytest"} & set(sys.modules)))
"""


def test_the_operations_load_nothing_that_only_one_of_them_needs() -> None:
    loaded = subprocess.run(  # noqa: S603 - our own trial
        [sys.executable, "-c", _LOADED], check=True, capture_output=True, text=True
    ).stdout
    assert loaded == "\n"
