"""Query executions: starts, describes, and stops them.

Source: Athena API reference, "StartQueryExecution", "GetQueryExecution", "StopQueryExecution".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..registry import operation
from .catalog import CATALOG
from .running import queue, read
from .store import (
    ENGINE,
    Execution,
    WorkGroup,
    await_done,
    find_done,
    find_execution,
    find_work_group,
    invalid,
    page,
    store_of,
)

if TYPE_CHECKING:
    from ..gateway.call import Call

_MOST = 50


@operation("athena", "StartQueryExecution")
def start_query_execution(call: Call) -> dict[str, Any]:
    """Queue a query and return its ID; malformed SQL raises ``InvalidRequestException``."""
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
    kind = read(text, values).kind
    execution = Execution(
        execution_id=call.world.uuid(),
        query=text,
        work_group=group.name,
        database=context.get("Database"),
        catalog=context["Catalog"].lower() if "Catalog" in context else None,
        statement_type=kind.statement_type,
        substatement_type=kind.substatement_type,
        submitted_at=call.now,
        caller=call.caller,
        output_location=location,
        parameters=values,
        token=token,
    )
    if location is not None:
        name = f"{execution.execution_id}{kind.suffix}"
        execution.output_location = f"{location.rstrip('/')}/{name}"
    group.executions[execution.execution_id] = execution
    queue(call.world, call.account, call.region, execution)
    return {"QueryExecutionId": execution.execution_id}


def _output_location(group: WorkGroup, params: dict[str, Any]) -> str | None:
    """Where the results go, or ``None`` if Athena manages them."""
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


@operation("athena", "StopQueryExecution")
def stop_query_execution(call: Call) -> None:
    """Cancel a queued or running query; a finished query stays as it is."""
    execution = find_execution(call)
    if execution.state in {"QUEUED", "RUNNING"}:
        call.world.jobs.cancel(execution.execution_id)
        execution.state, execution.completed_at = "CANCELLED", call.now
        execution.reason = "Query cancelled by user"


@operation("athena", "GetQueryExecution")
def get_query_execution(call: Call) -> dict[str, Any]:
    return {"QueryExecution": _described(call, find_done(call))}


@operation("athena", "BatchGetQueryExecution")
def batch_get_query_execution(call: Call) -> dict[str, Any]:
    """Describe the executions that exist, and list the IDs that don't as unprocessed."""
    known = {
        execution.execution_id: execution
        for group in store_of(call).work_groups.values()
        for execution in group.executions.values()
    }
    ids = call.params["QueryExecutionIds"]
    for each in ids:
        await_done(call, each)
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
    """List execution IDs, newest first."""
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
