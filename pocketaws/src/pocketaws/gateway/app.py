"""The WSGI application in front of the world."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from ..background import JobRunning, caller_can_wait
from ..errors import AwsError
from ..identity.authenticate import authenticate
from ..inputs import world_input
from ..journal import StateError
from . import protocol, unsigned
from .admin import Admin
from .body import BodyMemory, Lease
from .call import Call
from .claim import read_claim
from .http import HttpAnswer, HttpRequest, plain_error
from .pipeline import Outcome, execute

if TYPE_CHECKING:
    from ..world import World

log = logging.getLogger(__name__)

# Without delays, a request that needs a running job's result waits for it: up to this many seconds, and up to
# this many requests at once, so that the server keeps threads for everything else.
_WAIT_SECONDS = 20.0
_MOST_WAITING = 32
_READS = ("BatchGet", "Describe", "Filter", "Get", "Head", "List", "Lookup")
_STATUS_TEXT = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    413: "Payload Too Large",
    503: "Service Unavailable",
}


class Gateway:
    """WSGI application over a world."""

    def __init__(self, world: World, admin: Admin) -> None:
        self.world = world
        self._admin = admin
        self._bodies = BodyMemory()
        self._waiting = threading.BoundedSemaphore(_MOST_WAITING)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        answer = self._answer(environ)
        answer.set("Date", format_datetime(self.world.clock.now(), usegmt=True))
        text = _STATUS_TEXT.get(answer.status, "Status")
        if environ["REQUEST_METHOD"] == "HEAD":
            start_response(f"{answer.status} {text}", list(answer.headers.items()))
            return []
        answer.set("Content-Length", str(len(answer.body)))
        start_response(f"{answer.status} {text}", list(answer.headers.items()))
        return [answer.body]

    def _answer(self, environ: dict[str, Any]) -> HttpAnswer:
        with self._bodies.lease() as lease:
            try:
                request = read_request(environ, lease)
            except AwsError as error:
                return plain_error(error)
            if self._admin.answers(request.path):
                return self._admin.answer(request)
            return self.handle(request)

    def handle(self, request: HttpRequest) -> HttpAnswer:
        """Answer one API request."""
        try:
            if self._waiting.acquire(blocking=False):
                try:
                    return self._handle_waiting(request)
                finally:
                    self._waiting.release()
            return self._apply(request)
        except StateError as error:
            log.critical("%s", error)
            return plain_error(AwsError("ServiceUnavailable", str(error), 503))

    def _apply(self, request: HttpRequest) -> HttpAnswer:
        answer: HttpAnswer = self.world.apply("gateway.request", request=request)
        return answer

    def _handle_waiting(self, request: HttpRequest) -> HttpAnswer:
        """Answer as soon as the job that the request depends on is done, or after ``_WAIT_SECONDS``."""
        until = time.monotonic() + _WAIT_SECONDS
        while (left := until - time.monotonic()) > 0:
            try:
                with caller_can_wait():
                    return self._apply(request)
            except JobRunning as running:
                self.world.jobs.wait(running.key, left)
        return self._apply(request)


@world_input("gateway.request")
def handle(world: World, request: HttpRequest) -> HttpAnswer:
    """Handle one API request as a transaction."""
    service, operation, request_id = "", "", world.request_id()
    try:
        claim = read_claim(request)
        service = claim.service
        operation, params = protocol.parse(service, request)
        caller = authenticate(world, request, claim)
        call = Call(
            world, caller, service, operation, claim.region, params, request_id, world.now, request
        )
        outcome = execute(call, from_client=True)
        _shorten(call, outcome)
    except AwsError as error:
        return _error_answer(service, operation, request, error, request_id)
    except JobRunning:
        world.replay_as("world.flush")  # nothing was answered or recorded
        raise
    except Exception:
        log.exception("%s:%s failed", service, operation)
        failure = AwsError(
            "InternalFailure", "The request failed because of an internal error.", 500
        )
        return _error_answer(service, operation, request, failure, request_id)
    if outcome.answer is not None and (outcome.error is None or outcome.answer.status >= 300):
        return protocol.stamp(outcome.answer, request_id, service)
    result = outcome.error or outcome.result
    return protocol.result_to_http(service, operation, request, result, request_id)


def _shorten(call: Call, outcome: Outcome) -> None:
    """Journal only the event of a read-only call, not the call.

    Replaying all reads would make a restart take as long as the day before it.
    """
    world = call.world
    if world.changed or not call.operation.startswith(_READS) or call.service == "sts":
        return
    if outcome.event is not None:
        world.replay_as("cloudtrail.keep", event=outcome.event)
    else:
        world.replay_as("world.flush")


def _error_answer(
    service: str, operation: str, request: HttpRequest, error: AwsError, request_id: str
) -> HttpAnswer:
    if not service:
        return unsigned.refuse(request, error, request_id)
    return protocol.result_to_http(service, operation, request, error, request_id)


def read_request(environ: dict[str, Any], lease: Lease) -> HttpRequest:
    """The request in a WSGI environment, including its whole body; raises ``AwsError``.

    Two keys aren't standard WSGI: the body stream knows its own end, and header fields keep their spelling
    (``gateway.connections``).
    """
    raw = environ["REQUEST_URI"]
    path, _, query = raw.partition("?")
    return HttpRequest(
        environ["REQUEST_METHOD"],
        path or "/",
        query,
        environ["gateway.headers"],
        environ["wsgi.input"].read_all(lease),
        environ["REMOTE_ADDR"],
        datetime.now(UTC),
    )
