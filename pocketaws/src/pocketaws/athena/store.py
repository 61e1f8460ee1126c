"""Athena's state: work groups with their named queries and executions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

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
    """A column of a result: its name and its type as Athena names it (``varchar``, ``row`` …)."""

    name: str
    type: str
    precision: int | None = None
    """Where it is another than its type has."""


@dataclass(frozen=True)
class Result:
    """What a query answered, as text; ``has_header`` where the first row of an answer names columns.

    ``update_count`` is ``None`` for statements that have none.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    has_header: bool
    update_count: int | None = 0


@dataclass(frozen=True)
class Success:
    """What came of a statement that did what it should. ``substatement_type``: what it turned out to be."""

    result: Result
    scanned_bytes: int
    input_rows: int
    substatement_type: str | None


@dataclass(frozen=True)
class Failure:
    """Why a statement failed; the numbers are those of Athena's error catalog."""

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
    """One run of a query. ``result`` is there when it has succeeded, for a day."""

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
    """Of the result's file; ``None`` where Athena keeps the result itself."""
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
    """A work group; ``configuration`` is as ``GetWorkGroup`` shows it."""

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
    """The account's store, with the work group that every account has."""
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
    """A work group by name, ``primary`` without one; raises ``InvalidRequestException``."""
    group = store_of(call).work_groups.get(name or PRIMARY)
    if group is None:
        raise invalid("WorkGroup is not found.")
    return group


def find_execution(call: Call) -> Execution:
    """The execution that a call names; raises ``InvalidRequestException``."""
    execution_id = call.params["QueryExecutionId"]
    for group in store_of(call).work_groups.values():
        if execution_id in group.executions:
            return group.executions[execution_id]
    message = f"QueryExecution {execution_id} was not found"
    raise invalid(message, "QUERY_EXECUTION_NOT_FOUND")


def await_done(call: Call, execution_id: str) -> None:
    """Without delays, have a caller who can wait get what is being computed when it is done."""
    if call.world.delays == "none":
        call.world.jobs.raise_if_running(execution_id)


def find_done(call: Call) -> Execution:
    """As ``find_execution``, of one that has ended if it can be waited for."""
    execution = find_execution(call)
    await_done(call, execution.execution_id)
    return execution


def work_group_arn(account: str, region: str, name: str) -> str:
    return f"arn:aws:athena:{region}:{account}:workgroup/{name}"


def page(name: str, items: list[Any], params: dict[str, Any], most: int) -> dict[str, Any]:
    """``{name: …, "NextToken": …}``: the items that the parameters ask for, at most ``most``."""
    token = params.get("NextToken", "0")
    size = int(params.get("MaxResults", most))
    if not token.isdigit():
        raise invalid("NextToken is invalid.")
    if not 1 <= size <= most:
        raise invalid(f"MaxResults is more than maximum allowed length {most}.")
    start = int(token)
    answer: dict[str, Any] = {name: items[start : start + size]}
    if start + size < len(items):
        answer["NextToken"] = str(start + size)
    return answer
