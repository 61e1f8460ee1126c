"""Executions of queries, from start to end.

Source: Athena API reference, "StartQueryExecution", "GetQueryExecution", "StopQueryExecution"; user
guide, "Managed query results" (kept for a day).
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..effects import effect
from ..errors import AwsError
from ..identity.caller import Caller
from ..registry import operation
from .catalog import CATALOG
from .results import as_csv, as_text, write_file
from .store import (
    ENGINE,
    AthenaStore,
    Execution,
    WorkGroup,
    find_execution,
    find_work_group,
    invalid,
    page,
    store_of,
)

if TYPE_CHECKING:
    from ..gateway.call import Call
    from ..world import World
    from ._engine.failure import QueryError
    from ._engine.querying import Answer
    from ._engine.statements.statement import Statement

log = logging.getLogger(__name__)

_MOST = 50
_RUN_SECONDS = 2.0
_KEPT = timedelta(days=1)
_DEFAULT_DATABASE = "default"
_USER_ERROR, _NO_OUTPUT = 2, 401


@operation("athena", "StartQueryExecution")
def start_query_execution(call: Call) -> dict[str, Any]:
    """Take a query and run it soon after; a text that is no statement is refused at once."""
    params = call.params
    group = find_work_group(call, params.get("WorkGroup"))
    if group.state != "ENABLED":
        raise invalid(f"WorkGroup {group.name} is disabled.")
    token = params.get("ClientRequestToken")
    for known in group.executions.values():
        if token and known.token == token:
            return {"QueryExecutionId": known.execution_id}
    context = params.get("QueryExecutionContext", {})
    if context.get("Catalog", CATALOG).lower() != CATALOG.lower():
        raise invalid(f"Catalog {context['Catalog']} does not exist.")
    location = _output_location(group, params)
    text, values = params["QueryString"], list(params.get("ExecutionParameters", []))
    kind = _read(text, values).kind
    execution = Execution(
        execution_id=call.world.uuid(),
        query=text,
        work_group=group.name,
        database=context.get("Database"),
        catalog=context["Catalog"].lower() if "Catalog" in context else None,
        statement_type=kind.statement_type,
        substatement_type=kind.substatement_type,
        submitted_at=call.now,
        output_location=location,
        parameters=values,
        token=token,
    )
    if location is not None:
        name = f"{execution.execution_id}{kind.suffix}"
        execution.output_location = f"{location.rstrip('/')}/{name}"
    group.executions[execution.execution_id] = execution
    call.world.later(
        "athena.run", _RUN_SECONDS,
        account=call.account, region=call.region, work_group=group.name,
        execution_id=execution.execution_id, caller=call.caller,
    )  # fmt: skip
    return {"QueryExecutionId": execution.execution_id}


def _output_location(group: WorkGroup, params: dict[str, Any]) -> str | None:
    """Where results go; ``None`` where Athena keeps them itself."""
    configuration = group.configuration
    of_group = configuration["ResultConfiguration"].get("OutputLocation")
    of_call = params.get("ResultConfiguration", {}).get("OutputLocation")
    if configuration.get("ManagedQueryResultsConfiguration", {}).get("Enabled"):
        return None
    enforced = configuration.get("EnforceWorkGroupConfiguration")
    location = of_group if enforced and of_group else of_call or of_group
    if not location:
        raise invalid(
            "No output location provided. An output location is required either through the "
            "Workgroup result configuration setting or as an API input."
        )
    return str(location)


def _read(text: str, values: list[str]) -> Statement:
    """The statement of a text; raises ``InvalidRequestException`` for what is none."""
    from ._engine import failure, statements  # noqa: PLC0415 - sqlglot is heavy

    try:
        return statements.read(text, values)
    except failure.MalformedQueryError as error:
        raise invalid(str(error), "MALFORMED_QUERY") from error
    except failure.UnsupportedStatementError as error:
        raise AwsError(
            "NotImplemented", f"{error} statements are not emulated here.", 501
        ) from error


@effect("athena.run")
def run(
    world: World, account: str, region: str, work_group: str, execution_id: str, caller: Caller
) -> None:
    """Run a statement that has not been stopped since, in the name of whoever asked."""
    from ._engine import failure, querying, sources, statements  # noqa: PLC0415 - duckdb is heavy
    from ._engine.statements.statement import Session  # noqa: PLC0415 - the same

    group = world.store(AthenaStore, account, region).work_groups.get(work_group)
    execution = group.executions.get(execution_id) if group else None
    if group is None or execution is None or execution.state != "QUEUED":
        return
    cutoff = group.configuration.get("BytesScannedCutoffPerQuery")
    asker = sources.Asker(world, caller, region, world.now, cutoff)
    statement = statements.read(execution.query, execution.parameters)
    session = Session(asker, (execution.database or _DEFAULT_DATABASE).lower())
    try:
        begun = statement.begin(session)
        answer = begun.compute() if isinstance(begun, querying.Plan) else begun
    except failure.QueryError as error:
        _fail(world, execution, caller, region, error)
    else:
        _succeed(world, execution, caller, region, answer)
    if execution.result is not None:
        world.at(
            world.now + _KEPT, "athena.forget_result",
            account=account, region=region, work_group=work_group, execution_id=execution_id,
        )  # fmt: skip


def _succeed(
    world: World, execution: Execution, caller: Caller, region: str, answer: Answer
) -> None:
    """Keep a result, and put its file where it belongs."""
    execution.completed_at = world.now
    execution.scanned_bytes = answer.scanned.size
    execution.input_rows = answer.scanned.rows
    execution.engine_millis = _plausible_millis(answer.scanned.size)
    execution.substatement_type = answer.substatement_type or execution.substatement_type
    kind = _read(execution.query, execution.parameters).kind
    if execution.output_location is not None:
        body = as_csv(answer.result) if kind.suffix == ".csv" else as_text(answer.result)
        place = execution.output_location
        try:
            write_file(world, caller, region, place, body, kind.content_type)
        except AwsError as error:
            execution.state, execution.reason = "FAILED", error.message
            execution.category, execution.error_type = _USER_ERROR, _NO_OUTPUT
            return
    execution.state, execution.result = "SUCCEEDED", answer.result


def _fail(
    world: World, execution: Execution, caller: Caller, region: str, error: QueryError
) -> None:
    """Keep why a statement failed; of one that Hive carries out there is a file that says so."""
    execution.completed_at = world.now
    execution.state, execution.reason = "FAILED", error.reason
    execution.category, execution.error_type = error.category, error.error_type
    if execution.output_location is not None and error.reason.startswith("FAILED: "):
        try:
            place = execution.output_location
            write_file(world, caller, region, place, error.reason, "application/octet-stream")
        except AwsError:
            log.info("the reason of a failed statement could not be put to %s", place)


def _plausible_millis(size: int) -> int:
    """How long a query took. Not measured: the same turns must give the same state."""
    return 300 + size // 50_000


@effect("athena.forget_result")
def forget_result(
    world: World, account: str, region: str, work_group: str, execution_id: str
) -> None:
    """Managed results go after a day."""
    group = world.store(AthenaStore, account, region).work_groups.get(work_group)
    if group is not None and execution_id in group.executions:
        group.executions[execution_id].result = None


@operation("athena", "StopQueryExecution")
def stop_query_execution(call: Call) -> None:
    execution = find_execution(call)
    if execution.state == "QUEUED":
        execution.state, execution.completed_at = "CANCELLED", call.now
        execution.reason = "Query cancelled by user"


@operation("athena", "GetQueryExecution")
def get_query_execution(call: Call) -> dict[str, Any]:
    return {"QueryExecution": _described(call, find_execution(call))}


@operation("athena", "BatchGetQueryExecution")
def batch_get_query_execution(call: Call) -> dict[str, Any]:
    """Those that are there, and those that are not."""
    known = {
        execution.execution_id: execution
        for group in store_of(call).work_groups.values()
        for execution in group.executions.values()
    }
    ids = call.params["QueryExecutionIds"]
    return {
        "QueryExecutions": [_described(call, known[each]) for each in ids if each in known],
        "UnprocessedQueryExecutionIds": [
            {
                "QueryExecutionId": each,
                "ErrorCode": "INVALID_INPUT",
                "ErrorMessage": f"QueryExecution {each} was not found",
            }
            for each in ids
            if each not in known
        ],
    }


@operation("athena", "ListQueryExecutions")
def list_query_executions(call: Call) -> dict[str, Any]:
    """Ids, the latest first."""
    group = find_work_group(call, call.params.get("WorkGroup"))
    return page("QueryExecutionIds", list(reversed(group.executions)), call.params, _MOST)


def _described(call: Call, execution: Execution) -> dict[str, Any]:
    group = store_of(call).work_groups[execution.work_group]
    described: dict[str, Any] = {
        "QueryExecutionId": execution.execution_id,
        "Query": execution.query,
        "StatementType": execution.statement_type,
        "SubstatementType": execution.substatement_type,
        "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": {"Enabled": False}},
        "QueryExecutionContext": {
            name: value
            for name, value in (("Database", execution.database), ("Catalog", execution.catalog))
            if value is not None
        },
        "Status": _status(execution),
        "Statistics": _statistics(execution),
        "WorkGroup": execution.work_group,
        "EngineVersion": group.configuration.get("EngineVersion", ENGINE),
    }
    if execution.output_location is None:
        described["ManagedQueryResultsConfiguration"] = {"Enabled": True}
    else:
        described["ResultConfiguration"] = {"OutputLocation": execution.output_location}
    if execution.parameters:
        described["ExecutionParameters"] = execution.parameters
    return described


def _status(execution: Execution) -> dict[str, Any]:
    status: dict[str, Any] = {
        "State": execution.state,
        "SubmissionDateTime": execution.submitted_at,
    }
    if execution.completed_at is not None:
        status["CompletionDateTime"] = execution.completed_at
    if execution.reason is not None:
        status["StateChangeReason"] = execution.reason
    if execution.category is not None:
        status["AthenaError"] = {
            "ErrorCategory": execution.category,
            "ErrorType": execution.error_type,
            "Retryable": False,
            "ErrorMessage": execution.reason,
        }
    return status


def _statistics(execution: Execution) -> dict[str, Any]:
    engine = execution.engine_millis
    return {
        "EngineExecutionTimeInMillis": engine,
        "DataScannedInBytes": execution.scanned_bytes,
        "TotalExecutionTimeInMillis": engine + 150 if engine else 0,
        "QueryQueueTimeInMillis": 50 if engine else 0,
        "ServicePreProcessingTimeInMillis": 50 if engine else 0,
        "QueryPlanningTimeInMillis": engine // 4,
        "ServiceProcessingTimeInMillis": 50 if engine else 0,
        "ResultReuseInformation": {"ReusedPreviousResult": False},
    }
