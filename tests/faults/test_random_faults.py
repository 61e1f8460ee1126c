"""A share of all calls fails: every seat still ends right, and the account that denies everything is explained.

``LABKIT_SEATS`` is the number of seats (default 8), ``LABKIT_SEED`` repeats a run.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from labkit.cli import load_verbs
from labkit.cli.common.app import app
from labkit.embedded_aws import embedded_aws, environment

from .conftest import REGION, Instructor
from .proxy import FAULTS, FaultyProxy
from .test_matrix import allow_again, contents, deny

SEATS = int(os.environ.get("LABKIT_SEATS", "8"))
SEED = int(os.environ.get("LABKIT_SEED", str(random.SystemRandom().randrange(10**6))))


def test_five_percent_of_calls_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_verbs()
    monkeypatch.chdir(tmp_path)
    with embedded_aws(REGION) as aws:
        instructor = Instructor(aws, tmp_path)
        created = CliRunner().invoke(
            app, ["init", "acme", "--local", "--seats", str(SEATS)], obj={"debug": False}
        )
        assert created.exit_code == 0, created.output
        accounts = instructor.accounts()
        before = contents(accounts)
        denied = f"seat-{SEATS}"
        policy = deny(accounts[denied].account, "*")
        with (
            FaultyProxy(aws.endpoint, 0.05, SEED) as proxy,
            environment({**os.environ, "AWS_ENDPOINT_URL": proxy.endpoint}),
        ):
            for verb, state in (("up", "ready"), ("simulate", "incident"), ("down", "absent")):
                rows = instructor.rows(
                    verb, "--yes", *(["--discard"] if verb == "down" else []), code=1
                )
                bad = rows.pop(denied, None)
                wrong = {seat: row["detail"] for seat, row in rows.items() if row["state"] != state}
                assert not wrong, f"seed {SEED}, {verb}: {wrong}"
                assert bad is None or bad["state"] == "failed", (SEED, verb, bad)
        assert all(proxy.counts[fault] for fault in FAULTS), proxy.counts
        allow_again(accounts[denied].account, policy)
        instructor.run("down", "--yes", "--discard")
        assert contents(accounts) == before
