"""Athena's state: work groups with their named queries and executions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .. import paging
from ..errors import AwsError

if TYPE_CHECKING:
    from ..gateway.call import Call
    from ..identity.caller import Caller

PRIMARY = "primary"
ENGINE = {
    "SelectedEngineVersion": "AUTO",
    "EffectiveEngineVersion": "Athena engine version 3",
}
Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Column:
    """A result column: its name and Athena's name for its type (``varchar``, ``row``, …)."""

    name: str
    type: str
    precision: int | None = None
    """Set only if it differs from the type's usual precision."""


@dataclass(frozen=True)
class Result:
    """A query's result as text. ``has_header``: the first row returned names the columns.

    ``update_count`` is ``None`` for statements that don't report one.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    has_header: bool
    update_count: int | None = 0


@dataclass(frozen=True)
class Success:
    """The outcome of a statement that succeeded.

    ``substatement_type`` is set if running the statement revealed a more specific type.
    """

    result: Result
    scanned_bytes: int
    input_rows: int
    substatement_type: str | None


@dataclass(frozen=True)
class Failure:
    """Why a statement failed, with the numbers of Athena's error catalog."""

    reason: str
    category: int
    error_type: int


@dataclass
class NamedQuery:
    """A saved query."""

    query_id: str
    name: str
    database: str
    query: str
    work_group: str
    description: str | None = None
    token: str | None = None


@dataclass
class Execution:
    """One run of a query. After it succeeds, ``result`` is available for a day."""

    execution_id: str
    query: str
    work_group: str
    database: str | None
    catalog: str | None
    statement_type: str
    substatement_type: str
    submitted_at: datetime
    caller: Caller
    output_location: str | None
    """The result file's location, or ``None`` if Athena manages the result."""
    parameters: list[str] = field(default_factory=list)
    token: str | None = None
    state: str = "QUEUED"
    reason: str | None = None
    category: int | None = None
    error_type: int | None = None
    completed_at: datetime | None = None
    scanned_bytes: int = 0
    input_rows: int = 0
    engine_millis: int = 0
    result: Result | None = None


@dataclass
class WorkGroup:
    """A work group. ``configuration`` has the shape that ``GetWorkGroup`` returns."""

    name: str
    created_at: datetime
    configuration: dict[str, Any]
    description: str | None = None
    state: str = "ENABLED"
    tags: dict[str, str] = field(default_factory=dict)
    named_queries: dict[str, NamedQuery] = field(default_factory=dict)
    executions: dict[str, Execution] = field(default_factory=dict)


@dataclass
class AthenaStore:
    """The work groups of one account and Region, by name."""

    work_groups: dict[str, WorkGroup] = field(default_factory=dict)


def invalid(message: str, code: str = "INVALID_INPUT") -> AwsError:
    return AwsError("InvalidRequestException", message, AthenaErrorCode=code)


def store_of(call: Call) -> AthenaStore:
    """Return the account's store, which always has the ``primary`` work group."""
    store = call.store(AthenaStore)
    if PRIMARY not in store.work_groups:
        configuration = {
            "ResultConfiguration": {},
            "EnforceWorkGroupConfiguration": False,
            "PublishCloudWatchMetricsEnabled": False,
            "RequesterPaysEnabled": False,
            "EngineVersion": dict(ENGINE),
        }
        store.work_groups[PRIMARY] = WorkGroup(PRIMARY, call.now, configuration)
    return store


def find_work_group(call: Call, name: str | None) -> WorkGroup:
    """Return a work group, by default ``primary``; raises ``InvalidRequestException``."""
    group = store_of(call).work_groups.get(name or PRIMARY)
    if group is None:
        raise invalid("WorkGroup is not found.")
    return group


def find_execution(call: Call) -> Execution:
    """Return the execution that the call names; raises ``InvalidRequestException``."""
    execution_id = call.params["QueryExecutionId"]
    for group in store_of(call).work_groups.values():
        if execution_id in group.executions:
            return group.executions[execution_id]
    message = f"QueryExecution {execution_id} was not found"
    raise invalid(message, "QUERY_EXECUTION_NOT_FOUND")


def await_done(call: Call, execution_id: str) -> None:
    """Without delays, make the caller wait for a query that's still running."""
    if call.world.delays == "none":
        call.world.jobs.raise_if_running(execution_id)


def find_done(call: Call) -> Execution:
    """Like ``find_execution``, but without delays it waits until the query has ended."""
    execution = find_execution(call)
    await_done(call, execution.execution_id)
    return execution


def work_group_arn(account: str, region: str, name: str) -> str:
    return f"arn:aws:athena:{region}:{account}:workgroup/{name}"


def page(name: str, items: list[Any], params: dict[str, Any], most: int) -> dict[str, Any]:
    """Return one page, ``{name: …, "NextToken": …}``, with at most ``most`` items."""
    size = params.get("MaxResults", most)
    if not 1 <= size <= most:
        raise invalid(f"MaxResults is more than maximum allowed length {most}.")
    error = invalid("NextToken is invalid.")
    return paging.page(name, items, params.get("NextToken"), size, error)
