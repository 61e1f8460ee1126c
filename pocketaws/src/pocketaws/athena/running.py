"""Runs the statement of an execution.

A catalog statement runs in the transaction that's due for it. For a query, that transaction only
reads the inputs, with the caller's permissions. A background job computes the query, and another
transaction stores the result. If the process ends while a query is running, the next process queues
the query again.

Source: Athena API reference, "QueryExecutionStatus"; user guide, "Managed query results" (kept for
a day).
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..background import resubmits
from ..effects import effect
from ..errors import AwsError
from ..inputs import world_input
from .results import as_csv, as_text, write_file
from .store import AthenaStore, Execution, Failure, Success, WorkGroup, invalid

if TYPE_CHECKING:
    from ..world import World
    from .engine.failure import QueryError
    from .engine.querying import Answer, Plan
    from .engine.statements.statement import Statement

log = logging.getLogger(__name__)

_RUN_SECONDS = 2.0
_KEPT = timedelta(days=1)
_DEFAULT_DATABASE = "default"
_SYSTEM_ERROR, _USER_ERROR = 1, 2
_ENGINE_BROKE, _NO_OUTPUT = 200, 401
Outcome = Success | Failure


def read(text: str, values: list[str]) -> Statement:
    """Parse a statement; raises ``InvalidRequestException`` if it's malformed."""
    from .engine import failure, statements  # noqa: PLC0415 - sqlglot is heavy

    try:
        return statements.read(text, values)
    except failure.MalformedQueryError as error:
        raise invalid(str(error), "MALFORMED_QUERY") from error
    except failure.UnsupportedStatementError as error:
        raise AwsError(
            "NotImplemented", f"pocketaws doesn't emulate {error} statements.", 501
        ) from error


def queue(world: World, account: str, region: str, execution: Execution) -> None:
    """Schedule a query to run soon."""
    execution.state = "QUEUED"
    world.later("athena.run", _RUN_SECONDS, **_place(account, region, execution))


def _place(account: str, region: str, execution: Execution) -> dict[str, str]:
    return {
        "account": account,
        "region": region,
        "work_group": execution.work_group,
        "execution_id": execution.execution_id,
    }


def _find(
    world: World, account: str, region: str, work_group: str, execution_id: str
) -> tuple[WorkGroup, Execution] | None:
    group = world.store(AthenaStore, account, region).work_groups.get(work_group)
    execution = group.executions.get(execution_id) if group is not None else None
    return None if group is None or execution is None else (group, execution)


@effect("athena.run")
def run(world: World, account: str, region: str, work_group: str, execution_id: str) -> None:
    """Run a queued statement with the caller's permissions."""
    from .engine import failure, querying, sources  # noqa: PLC0415 - duckdb is heavy
    from .engine.statements.statement import Session  # noqa: PLC0415 - the same

    found = _find(world, account, region, work_group, execution_id)
    if found is None or found[1].state != "QUEUED":
        return
    group, execution = found
    cutoff = group.configuration.get("BytesScannedCutoffPerQuery")
    requester = sources.Requester(world, execution.caller, region, world.now, cutoff)
    session = Session(requester, (execution.database or _DEFAULT_DATABASE).lower())
    try:
        begun = read(execution.query, execution.parameters).begin(session)
    except failure.QueryError as error:
        _end(world, account, region, execution, _failure(error))
        return
    except Exception as error:  # noqa: BLE001 - logged; the caller sees a failed query
        _end(world, account, region, execution, _broken(error))
        return
    if isinstance(begun, querying.Plan):
        execution.state = "RUNNING"
        place = _place(account, region, execution)
        world.submit_job(execution_id, Computation(begun), "athena.conclude", **place)
    else:
        _end(world, account, region, execution, _success(begun))


def _success(answer: Answer) -> Success:
    return Success(
        answer.result, answer.scanned.size, answer.scanned.rows, answer.substatement_type
    )


def _failure(error: QueryError) -> Failure:
    return Failure(error.reason, error.category, error.error_type)


def _broken(error: Exception) -> Failure:
    """Log a bug in the emulator and fail the query, so that the caller doesn't wait forever."""
    log.error("a statement failed because of a bug in the emulator", exc_info=error)
    return Failure(f"GENERIC_INTERNAL_ERROR: {error}", _SYSTEM_ERROR, _ENGINE_BROKE)


class Computation:
    """The background job of one query."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def compute(self) -> Outcome | None:
        from .engine import failure, querying  # noqa: PLC0415 - duckdb is heavy

        try:
            return _success(self._plan.compute())
        except querying.StoppedError:
            return None
        except failure.QueryError as error:
            return _failure(error)
        except Exception as error:  # noqa: BLE001 - logged; the caller sees a failed query
            return _broken(error)

    def stop(self) -> None:
        self._plan.stop()


@world_input("athena.conclude")
def conclude(world: World, outcome: Outcome, account: str, region: str, **place: Any) -> None:
    """Store the result of a query unless someone stopped it."""
    found = _find(world, account, region, **place)
    if found is not None and found[1].state == "RUNNING":
        _end(world, account, region, found[1], outcome)


@resubmits("athena.run_again")
def running_queries(world: World) -> list[dict[str, Any]]:
    """The queries that were running when the last process ended."""
    return [
        _place(account, region, execution)
        for account, region, store in world.stores(AthenaStore)
        for group in store.work_groups.values()
        for execution in group.executions.values()
        if execution.state == "RUNNING"
    ]


@world_input("athena.run_again")
def run_again(world: World, account: str, region: str, **place: Any) -> None:
    found = _find(world, account, region, **place)
    if found is not None:
        queue(world, account, region, found[1])


def _end(world: World, account: str, region: str, execution: Execution, outcome: Outcome) -> None:
    """Store a statement's result and write the result file."""
    execution.completed_at = world.now
    if isinstance(outcome, Success):
        _succeed(world, region, execution, outcome)
    else:
        _fail(world, region, execution, outcome)
    if execution.result is not None:
        place = _place(account, region, execution)
        world.at(world.now + _KEPT, "athena.forget_result", **place)


def _succeed(world: World, region: str, execution: Execution, outcome: Success) -> None:
    execution.scanned_bytes = outcome.scanned_bytes
    execution.input_rows = outcome.input_rows
    execution.engine_millis = _plausible_millis(outcome.scanned_bytes)
    execution.substatement_type = outcome.substatement_type or execution.substatement_type
    place = execution.output_location
    if place is not None:
        body = as_csv(outcome.result) if place.endswith(".csv") else as_text(outcome.result)
        kind = read(execution.query, execution.parameters).kind
        try:
            write_file(world, execution.caller, region, place, body, kind.content_type)
        except AwsError as error:
            _keep_failure(execution, Failure(error.message, _USER_ERROR, _NO_OUTPUT))
            return
    execution.state, execution.result = "SUCCEEDED", outcome.result


def _fail(world: World, region: str, execution: Execution, outcome: Failure) -> None:
    """Record a failure; a failed Hive statement also gets a result file with the reason."""
    _keep_failure(execution, outcome)
    place = execution.output_location
    if place is None or not outcome.reason.startswith("FAILED: "):
        return
    kind = "application/octet-stream"
    try:
        write_file(world, execution.caller, region, place, outcome.reason, kind)
    except AwsError as error:
        log.info("cannot write the reason of a failed statement to %s: %s", place, error)


def _keep_failure(execution: Execution, failure: Failure) -> None:
    execution.state, execution.reason = "FAILED", failure.reason
    execution.category, execution.error_type = failure.category, failure.error_type


def _plausible_millis(size: int) -> int:
    """A made-up run time in milliseconds; a measured one would make replays differ."""
    return 300 + size // 50_000


@effect("athena.forget_result")
def forget_result(
    world: World, account: str, region: str, work_group: str, execution_id: str
) -> None:
    """Drop a result; Athena keeps managed results for a day."""
    found = _find(world, account, region, work_group, execution_id)
    if found is not None:
        found[1].result = None
