"""What happens to every call, from clients and between services alike.

flush what is due → authorize → look (``before``) → answer (own or moto) → look (``after``) → record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import moto_state, registry
from ..cloudtrail.recorder import record
from ..cloudtrail.records.operation import operation
from ..errors import AwsError, not_implemented
from ..identity.authorize import authorize
from . import protocol
from .call import Call

if TYPE_CHECKING:
    from ..cloudtrail.records.event import Event
    from .http import HttpAnswer


@dataclass(slots=True)
class Outcome:
    """How a call went: a result or an error; ``answer`` where moto already wrote one."""

    call: Call
    own_result: dict[str, Any] | None = None
    error: AwsError | None = None
    answer: HttpAnswer | None = None
    event: Event | None = None
    """The event that was recorded of it in the caller's account alone."""

    @property
    def result(self) -> dict[str, Any] | None:
        """What a client makes of the answer; moto's is only parsed when somebody wants to know."""
        if self.own_result is None and self.answer is not None and self.answer.status < 300:
            call = self.call
            self.own_result = protocol.parse_answer(call.service, call.operation, self.answer)
        return self.own_result


def execute(call: Call) -> Outcome:
    """Carry out a call and record it. The world's lock is held by the caller of this."""
    outcome = Outcome(call)
    try:
        authorize(call)
        for look in registry.befores(call.service, call.operation):
            look(call)
        _answer(call, outcome)
        for look_back in registry.afters(call.service, call.operation):
            look_back(call, outcome.result or {})
    except AwsError as error:
        outcome.error = error
    kept = operation(call.service, call.operation).keeps_response
    outcome.event = record(
        call, outcome.result if kept else None, outcome.error, lambda: _bytes_sent(outcome)
    )
    return outcome


def _bytes_sent(outcome: Outcome) -> int:
    """How long the answer's body is."""
    call, answer = outcome.call, outcome.answer
    if call.http.method == "HEAD":
        return 0
    if answer is None or outcome.error is not None:
        result = outcome.error or outcome.own_result
        answer = protocol.result_to_http(
            call.service, call.operation, call.http, result, call.request_id
        )
    return len(answer.body)


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
