"""The pipeline of every call, both from clients and between services.

authorize → ``before`` hooks → answer (an operation of this package, or moto) → ``after`` hooks → record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import moto_state, registry
from ..cloudtrail.recorder import record
from ..cloudtrail.records.operation import operation
from ..errors import AwsError, not_implemented
from ..identity.authorize import authorize
from ..inputs import world_input
from . import empty_pages, protocol, stale_lists
from .call import Call

if TYPE_CHECKING:
    from ..cloudtrail.records.event import Event
    from ..identity.caller import Caller
    from ..world import World
    from .http import HttpAnswer


@dataclass(slots=True)
class Outcome:
    """The outcome of a call: a result or an error, and ``answer`` if moto has already serialized it."""

    call: Call
    own_result: dict[str, Any] | None = None
    error: AwsError | None = None
    answer: HttpAnswer | None = None
    event: Event | None = None
    """The event, if it was recorded in the caller's account alone."""

    @property
    def result(self) -> dict[str, Any] | None:
        """The result as a client parses it. moto's response is parsed only when needed."""
        if self.own_result is None and self.answer is not None and self.answer.status < 300:
            call = self.call
            self.own_result = protocol.parse_answer(call.service, call.operation, self.answer)
        return self.own_result


def execute(call: Call, *, from_client: bool = False) -> Outcome:
    """Execute a call and record it. The caller holds the world's lock.

    Faults of lists only meet clients: the services of AWS know their own state.
    """
    outcome = Outcome(call)
    try:
        authorize(call)
        for before in registry.befores(call.service, call.operation):
            before(call)
        if from_client:
            _answer_client(call, outcome)
        else:
            _answer(call, outcome)
        stale_lists.note_change(call)
        for after in registry.afters(call.service, call.operation):
            after(call, outcome.result or {})
    except AwsError as error:
        outcome.error = error
    kept = operation(call.service, call.operation).keeps_response
    outcome.event = record(
        call, outcome.result if kept else None, outcome.error, lambda: _bytes_sent(outcome)
    )
    return outcome


@world_input("gateway.call")
def call_inside(
    world: World, caller: Caller, service: str, operation: str, region: str, params: dict[str, Any]
) -> dict[str, Any]:
    """Execute a call that the emulator itself makes (``World.call``), and return its parsed result."""
    call = Call(
        world, caller, service, operation, region, params, world.request_id(), world.now,
        protocol.build_request(service, operation, params),
    )  # fmt: skip
    outcome = execute(call)
    if outcome.error is not None:
        outcome.error.request_id = call.request_id
        raise outcome.error
    return outcome.result or {}


def _bytes_sent(outcome: Outcome) -> int:
    """The length of the response's body."""
    call, answer = outcome.call, outcome.answer
    if call.http.method == "HEAD":
        return 0
    if answer is None or outcome.error is not None:
        result = outcome.error or outcome.own_result
        answer = protocol.result_to_http(
            call.service, call.operation, call.http, result, call.request_id
        )
    return len(answer.body)


def _answer_client(call: Call, outcome: Outcome) -> None:
    page = empty_pages.empty_page(call)
    if page is not None:
        outcome.own_result = page
        return
    asked = empty_pages.without_token(call)
    _answer(asked, outcome)
    if stale_lists.is_listed(call):
        outcome.own_result = stale_lists.with_deleted(asked, outcome.result or {})
        outcome.answer = None


def _answer(call: Call, outcome: Outcome) -> None:
    handler = registry.handler_of(call.service, call.operation)
    if handler is not None:
        outcome.own_result = handler(call) or {}
    elif registry.is_moto(call.service, call.operation):
        outcome.answer = moto_state.run(call.service, call.account, call.region, call.http)
        if outcome.answer.status >= 300:
            protocol.parse_answer(call.service, call.operation, outcome.answer)  # raises the error
    else:
        raise not_implemented(call.service, call.operation)
