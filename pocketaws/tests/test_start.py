"""What a start of the local AWS loads, and what waits until it is needed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

from pocketaws import registry

_TRIAL = """
import sys, urllib.request
from pocketaws.registry import LOADED_LATE
from pocketaws.server import LocalAws
heavy = {
    "asyncssh", "duckdb", "sqlglot", "cryptography", "moto.iam.models", "moto.ec2.models",
    "pocketaws.guests.shell.interpreter", "pocketaws.guests.programs.curl",
    # Of these two packages, a start loads the parts that load little.
    *(f"pocketaws.{name}" for name in LOADED_LATE - {"__main__", "guests.shell", "guests.programs"}),
}
with LocalAws() as aws:
    urllib.request.urlopen(aws.endpoint + "/_pocketaws/health").read()
    print(*sorted(heavy & set(sys.modules)))
    print(bool(aws.administrator.access_key_id), "moto.iam.models" in sys.modules)
"""


def test_a_start_loads_nothing_that_nobody_has_asked_for() -> None:
    told = subprocess.run(  # noqa: S603 - our own trial
        [sys.executable, "-c", _TRIAL], check=True, capture_output=True, text=True, timeout=60
    ).stdout
    assert told.splitlines() == ["", "True True"]


def test_what_is_loaded_late_exists() -> None:
    for name in registry.LOADED_LATE - {"__main__"}:
        assert importlib.util.find_spec(f"pocketaws.{name}") is not None, name
