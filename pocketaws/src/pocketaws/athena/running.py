"""Runs the statement of an execution.

Statements about the catalog are done in the transaction in which they are due. Of a query, that transaction reads what it
needs, in the name of whoever asked; a background job computes it, and a transaction of its own puts the result
in. A query that was being computed when the process ended is queued again by the next one.

Source: Athena API reference, "QueryExecutionStatus"; user guide, "Managed query results" (kept for a day).
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
    """The statement of a text; raises ``InvalidRequestException`` for what is none."""
    from .engine import failure, statements  # noqa: PLC0415 - sqlglot is heavy

    try:
        return statements.read(text, values)
    except failure.MalformedQueryError as error:
        raise invalid(str(error), "MALFORMED_QUERY") from error
    except failure.UnsupportedStatementError as error:
        raise AwsError(
            "NotImplemented", f"{error} statements are not emulated here.", 501
        ) from error


def queue(world: World, account: str, region: str, execution: Execution) -> None:
    """Have a query run soon."""
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
    """Run a statement that has not been stopped since, in the name of whoever asked."""
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
    except Exception as error:  # noqa: BLE001 - whoever asked is told, and it is logged
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
    """A mistake of ours: whoever asked is told, and does not wait for ever."""
    log.error("a statement broke", exc_info=error)
    return Failure(f"GENERIC_INTERNAL_ERROR: {error}", _SYSTEM_ERROR, _ENGINE_BROKE)


class Computation:
    """A query on its way to its result."""

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
        except Exception as error:  # noqa: BLE001 - whoever asked is told, and it is logged
            return _broken(error)

    def stop(self) -> None:
        self._plan.stop()


@world_input("athena.conclude")
def conclude(world: World, outcome: Outcome, account: str, region: str, **place: Any) -> None:
    """Put in what came of a query, if it has not been stopped."""
    found = _find(world, account, region, **place)
    if found is not None and found[1].state == "RUNNING":
        _end(world, account, region, found[1], outcome)


@resubmits("athena.run_again")
def left_running(world: World) -> list[dict[str, Any]]:
    """The queries that were being computed when the last process ended."""
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
    """Keep what came of a statement, and put its file where it belongs."""
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
    """Of a statement that Hive carries out there is a file that says why it failed."""
    _keep_failure(execution, outcome)
    place = execution.output_location
    if place is None or not outcome.reason.startswith("FAILED: "):
        return
    kind = "application/octet-stream"
    try:
        write_file(world, execution.caller, region, place, outcome.reason, kind)
    except AwsError as error:
        log.info("why a statement failed could not be written to %s: %s", place, error)


def _keep_failure(execution: Execution, failure: Failure) -> None:
    execution.state, execution.reason = "FAILED", failure.reason
    execution.category, execution.error_type = failure.category, failure.error_type


def _plausible_millis(size: int) -> int:
    """How long a query took. Not measured: the same transactions must give the same state."""
    return 300 + size // 50_000


@effect("athena.forget_result")
def forget_result(
    world: World, account: str, region: str, work_group: str, execution_id: str
) -> None:
    """Managed results go after a day."""
    found = _find(world, account, region, work_group, execution_id)
    if found is not None:
        found[1].result = None
