"""Slow queries don't block other requests, and their results aren't lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pocketaws.gateway import app
from pocketaws.server import LocalAws

from .athena_console import Console
from .conftest import REGION, client_factory
from .test_journal import die

OUTPUT = "s3://results-of-long-queries/out"


def counting(numbers: int) -> str:
    """A query whose run time grows with the square of its numbers, and that reads no table."""
    series = f"UNNEST(sequence(1, {numbers}))"
    return f"SELECT count(*) AS n FROM {series} AS a(x) CROSS JOIN {series} AS b(y) WHERE x * y = 7"  # noqa: S608 - test


def clients(aws: LocalAws) -> Callable[..., Any]:
    key = aws.administrator
    return client_factory(aws, key.access_key_id, key.secret_access_key)


def console(aws: LocalAws) -> Console:
    return Console(clients(aws)("athena"), OUTPUT)


def make_bucket(aws: LocalAws) -> None:
    clients(aws)("s3").create_bucket(
        Bucket=OUTPUT.split("/")[2], CreateBucketConfiguration={"LocationConstraint": REGION}
    )


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Return at once if the result isn't ready."""
    monkeypatch.setattr(app, "_WAIT_SECONDS", 0.0)


def state(athena: Any, execution_id: str) -> str:
    found = athena.get_query_execution(QueryExecutionId=execution_id)
    return str(found["QueryExecution"]["Status"]["State"])


@pytest.mark.usefixtures("impatient")
def test_a_long_query_does_not_block_other_requests() -> None:
    with LocalAws(region=REGION) as aws:
        make_bucket(aws)
        athena, sts = clients(aws)("athena"), clients(aws)("sts")
        long = console(aws).start(counting(200_000))  # takes a few minutes
        quick = console(aws)
        assert quick.run("SELECT 1 AS x").rows == [["x"], ["1"]]
        assert state(athena, long) == "RUNNING"
        longest = 0.0
        for _ in range(20):
            began = time.perf_counter()
            sts.get_caller_identity()
            longest = max(longest, time.perf_counter() - began)
        assert longest < 5.0  # a minute is the time limit of the query itself
        assert quick.run("SHOW DATABASES").rows == []
        assert state(athena, long) == "RUNNING"
        with pytest.raises(athena.exceptions.InvalidRequestException, match="Current state: RUNNING"):  # fmt: skip
            athena.get_query_results(QueryExecutionId=long)
        athena.stop_query_execution(QueryExecutionId=long)
        assert state(athena, long) == "CANCELLED"
        with pytest.raises(athena.exceptions.InvalidRequestException, match="Could not find results"):  # fmt: skip
            athena.get_query_results(QueryExecutionId=long)


@pytest.mark.usefixtures("impatient")
def test_stopping_queries_lets_others_run() -> None:
    with LocalAws(region=REGION) as aws:
        make_bucket(aws)
        athena = clients(aws)("athena")
        started = [console(aws).start(counting(200_000)) for _ in range(6)]
        waiting = console(aws).start("SELECT 2 AS x")
        assert state(athena, waiting) == "RUNNING"
        for each in started:
            athena.stop_query_execution(QueryExecutionId=each)
        until = time.monotonic() + 30
        while state(athena, waiting) == "RUNNING":
            assert time.monotonic() < until
            time.sleep(0.05)
        assert state(athena, waiting) == "SUCCEEDED"


def test_without_delays_a_caller_waits_for_the_result() -> None:
    with LocalAws(region=REGION) as aws:
        make_bucket(aws)
        athena = clients(aws)("athena")
        started = console(aws).start(counting(6_000))
        assert state(athena, started) == "SUCCEEDED"


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("end", [die, LocalAws.stop], ids=["journal", "snapshot"])
def test_a_query_that_was_running_is_run_again_after_a_restart(
    tmp_path: Path, end: Callable[[LocalAws], None]
) -> None:
    first = LocalAws(data=tmp_path, region=REGION).start()
    make_bucket(first)
    done = console(first).run("SELECT 3 AS x")
    long = console(first).start(counting(30_000))
    stopped = console(first).start(counting(200_000))
    athena = clients(first)("athena")
    assert state(athena, stopped) == "RUNNING"
    athena.stop_query_execution(QueryExecutionId=stopped)
    assert state(athena, long) == "RUNNING"
    end(first)
    with LocalAws(data=tmp_path, region=REGION) as second:
        athena = clients(second)("athena")
        before = done.execution
        again = athena.get_query_execution(QueryExecutionId=before["QueryExecutionId"])
        assert again["QueryExecution"] == before
        assert state(athena, stopped) == "CANCELLED"
        assert state(athena, long) in {"QUEUED", "RUNNING", "SUCCEEDED"}
        until = time.monotonic() + 60
        while state(athena, long) != "SUCCEEDED":
            assert time.monotonic() < until
            time.sleep(0.1)
        rows = athena.get_query_results(QueryExecutionId=long)["ResultSet"]["Rows"]
        assert rows[1]["Data"] == [{"VarCharValue": "2"}]
        key = f"out/{long}.csv"
        body = clients(second)("s3").get_object(Bucket=OUTPUT.split("/")[2], Key=key)["Body"]
        assert body.read() == b'"n"\n"2"\n'


def test_a_result_comes_from_the_journal_instead_of_a_new_computation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = LocalAws(data=tmp_path, region=REGION).start()
    make_bucket(first)
    done = console(first).run(counting(6_000))
    die(first)
    from pocketaws.athena.engine import querying  # noqa: PLC0415 - heavy

    monkeypatch.delattr(querying.Plan, "compute")
    with LocalAws(data=tmp_path, region=REGION) as second:
        athena = clients(second)("athena")
        found = athena.get_query_execution(QueryExecutionId=done.execution["QueryExecutionId"])
        assert found["QueryExecution"] == done.execution
        results = athena.get_query_results(QueryExecutionId=done.execution["QueryExecutionId"])
        assert results["ResultSet"] == done.results["ResultSet"]


@pytest.mark.parametrize("where", ["computed", "begun"])
def test_a_bug_in_the_emulator_fails_the_query_with_a_reason(
    monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    from pocketaws.athena.engine import querying  # noqa: PLC0415 - heavy

    def broken(*_: Any) -> None:
        raise ZeroDivisionError("oh")

    if where == "computed":
        monkeypatch.setattr(querying.Plan, "compute", broken)
    else:
        monkeypatch.setattr(querying, "plan", broken)
    with LocalAws(region=REGION) as aws:
        make_bucket(aws)
        outcome = console(aws).run("SELECT 1 AS x")
        assert outcome.reason == "GENERIC_INTERNAL_ERROR: oh"
        assert outcome.execution["Status"]["AthenaError"]["ErrorCategory"] == 1
