"""The whole state of the local AWS, and the one way to change it.

Everything that happens enters through ``World.turn``: it takes the one lock, fixes the time and the
seed of every random choice for that turn, and first runs what is due. So the state is a function of
the turns taken, which is what lets a journal of turns restore it (``docs/decisions.md``).
"""

from __future__ import annotations

import logging
import random
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar, cast

from . import effects, moto_state
from .clock import Clock, SystemClock
from .effects import EffectQueue
from .errors import AwsError
from .gateway import protocol
from .gateway.call import Call
from .identity.caller import Caller

T = TypeVar("T")
Delays = Literal["none", "aws"]

log = logging.getLogger(__name__)


class World:
    """State, lock, clock, queue, randomness."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        delays: Delays = "none",
        secret: str | None = None,
        management_account: str = "123456789012",
        confirm_subscriptions: bool = True,
    ) -> None:
        self.clock = clock or SystemClock()
        self.delays = delays
        self.management_account = management_account
        self.confirm_subscriptions = confirm_subscriptions
        """Whether the owners of mail addresses confirm a subscription by themselves."""
        self.queue = EffectQueue()
        self.random = random.Random()  # noqa: S311 - seeded per turn from the secret, so it can be replayed
        self._secret = secret or secrets.token_hex(32)
        self._turns = 0
        self._stores: dict[tuple[type, str, str], object] = {}
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._depth = 0
        self._now = self.clock.now()
        moto_state.reset()
        moto_state.install_clock(lambda: self.now)

    @property
    def now(self) -> datetime:
        """The time of the current turn; between turns, the clock's."""
        return self._now if self._depth else self.clock.now()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One step of the world: alone, at one time, with its own seed, after everything due before it."""
        with self._lock:
            if self._depth == 0:
                self._begin()
                self._depth += 1
                try:
                    self._run_due()
                finally:
                    self._depth -= 1
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._changed.notify_all()

    def _begin(self) -> None:
        self._now = max(self._now, self.clock.now())
        self._turns += 1
        seed = f"{self._secret}:{self._turns}"
        self.random.seed(seed)
        moto_state.seed(seed)

    def _run_due(self) -> None:
        while (due := self.queue.take_due(self._now)) is not None:
            try:
                effects.run(self, due)
            except AwsError:
                # An effect meets the world as it is by then: what it was for may be gone.
                log.warning("effect %s was refused", due.name, exc_info=True)

    def flush(self) -> None:
        """Run everything that is due by now."""
        with self.turn():
            pass

    def wait_for_due(self, timeout: float) -> None:
        """Sleep until something is due, at most ``timeout`` real seconds (for the queue's one thread)."""
        with self._lock:
            due = self.queue.next_due()
            wait = timeout if due is None else min(timeout, self.clock.wait_seconds(due))
            if wait > 0:
                self._changed.wait(wait)

    def later(self, name: str, aws_seconds: float, **values: Any) -> None:
        """Put an effect off for as long as AWS takes, or, without delays, to right after this turn."""
        wait = aws_seconds if self.delays == "aws" else 0.0
        self.queue.put(self.now + timedelta(seconds=wait), name, values)

    def at(self, due: datetime, name: str, **values: Any) -> None:
        """Put an effect off to a point in time that is meant, delays or not."""
        self.queue.put(due, name, values)

    def store(self, kind: type[T], account: str, region: str) -> T:
        """A service's state in an account and Region; made (``kind()``) when first asked for."""
        key = (kind, account, region)
        if key not in self._stores:
            self._stores[key] = kind()
        return cast("T", self._stores[key])

    def stores(self, kind: type[T]) -> list[tuple[str, str, T]]:
        """Every ``(account, region, store)`` of a service."""
        return [
            (account, region, cast("T", store))
            for (of, account, region), store in list(self._stores.items())
            if of is kind
        ]

    def call(
        self,
        caller: Caller,
        service: str,
        operation: str,
        region: str,
        **params: Any,
    ) -> dict[str, Any]:
        """Make an API call inside the world, as ``caller``: authorized and recorded like any other.

        Returns the parsed result; raises ``AwsError``.
        """
        from .gateway.pipeline import execute  # noqa: PLC0415 - the pipeline needs the world's parts

        with self.turn():
            call = Call(
                self, caller, service, operation, region, params, self.request_id(), self.now,
                protocol.build_request(service, operation, params),
            )  # fmt: skip
            outcome = execute(call)
        if outcome.error is not None:
            outcome.error.request_id = call.request_id
            raise outcome.error
        return outcome.result or {}

    def request_id(self) -> str:
        """A fresh id in the form of a request id."""
        return self.uuid()

    def uuid(self) -> str:
        """A version 4 UUID out of this turn's seed."""
        bits = self.random.getrandbits(128)
        bits = (bits & ~(0xF << 76)) | (0x4 << 76)
        bits = (bits & ~(0x3 << 62)) | (0x2 << 62)
        text = f"{bits:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def hex(self, digits: int) -> str:
        """Random hexadecimal digits out of this turn's seed."""
        return f"{self.random.getrandbits(4 * digits):0{digits}x}"
