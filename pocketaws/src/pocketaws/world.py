"""The whole state of the local AWS, and the one way to change it.

Everything that happens enters through ``World.take``: it takes the one lock, fixes the time and the
seed of every random choice for that turn, and first runs what is due. So the state is a function of
the turns taken, which is what lets a journal of turns restore it (``docs/decisions.md``).
"""

from __future__ import annotations

import logging
import random
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar, cast

import moto

from . import effects, inputs, moto_state
from .background import BackgroundJobs, Job, Task, interrupted_jobs
from .clock import Clock, SystemClock
from .effects import EffectQueue
from .errors import AwsError
from .gateway import protocol
from .gateway.call import Call
from .identity.caller import Caller
from .inputs import world_input
from .journal import Journal, StateError, TurnEntry

T = TypeVar("T")
Delays = Literal["none", "aws"]

log = logging.getLogger(__name__)


# What of a world is put away in a snapshot, beside moto's state.
# How turns were taken, and so how they must be taken again.
_SETTINGS = ("delays", "confirm_subscriptions")
_KEPT = ("queue", "_secret", "_turns", "_stores", "_now", "management_account", *_SETTINGS)


def _version() -> str:
    return f"moto={moto.__version__}"


@world_input("world.flush")
def _nothing_but_what_is_due(world: World) -> None:
    """A turn that only runs what is due, which every turn does first."""


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
        journal: Journal | None = None,
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
        self._awaited: datetime | None = None
        """When what the queue's thread sleeps for is due; waking it for each turn would be most of a turn's price."""
        self._now = self.clock.now()
        self._journal: Journal | None = None
        self._lost: StateError | None = None
        self.jobs = BackgroundJobs()
        self._is_restoring = False
        self.changed = False
        """Whether this turn did more than what its answer and its event say."""
        self._instead: tuple[str, dict[str, Any]] | None = None
        moto_state.reset()
        moto_state.install_clock(lambda: self.now)
        moto_state.seed_accounts(self._secret)
        if journal is not None:
            with self._lock:
                self._restore(journal)
                for name, values in interrupted_jobs(self):
                    self.take(name, **values)

    @property
    def now(self) -> datetime:
        """The time of the current turn; between turns, the clock's."""
        return self._now if self._depth else self.clock.now()

    def take(self, name: str, **values: Any) -> Any:
        """Take a turn: run a registered input alone, at one time, with its own seed, after all that is due.

        When this returns, the turn is in the journal. Inside another turn it is a part of that one.
        """
        with self._lock:
            if self._depth:
                return inputs.run(self, name, values)
            self._refuse_if_lost()
            began = time.perf_counter()
            self._begin(max(self._now, self.clock.now()))
            of_due = time.perf_counter() - began
            try:
                with self._inside():
                    return inputs.run(self, name, values)
            finally:
                spent = of_due if self._instead else time.perf_counter() - began
                self._write_down(name, values, spent)

    def replay_as(self, name: str, **values: Any) -> None:
        """Have the journal keep another input for this turn: one with the same effect that is cheaper."""
        self._instead = (name, values)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A turn whose content is the caller's code; for what needs no journal (tests, reading)."""
        with self._lock:
            if self._depth == 0:
                self._refuse_if_lost()
                began = time.perf_counter()
                self._begin(max(self._now, self.clock.now()))
                self._write_down("world.flush", {}, time.perf_counter() - began)
            with self._inside():
                yield

    @contextmanager
    def _inside(self) -> Iterator[None]:
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if self._depth == 0 and self.queue.next_due() != self._awaited:
                self._changed.notify_all()

    def _begin(self, now: datetime) -> None:
        self._now = now
        self._turns += 1
        self._instead = None
        seed = f"{self._secret}:{self._turns}"
        self.random.seed(seed)
        moto_state.seed(seed)
        with self._inside():
            self._run_due()
        self.changed = False

    def _run_due(self) -> None:
        while (due := self.queue.take_due(self._now)) is not None:
            try:
                effects.run(self, due)
            except AwsError:
                # An effect meets the world as it is by then: what it was for may be gone.
                log.warning("effect %s was refused", due.name, exc_info=True)
            except Exception:
                # Whoever's turn this happens to be has nothing to do with it, and the turn must be written down.
                log.exception("effect %s broke", due.name)

    def _write_down(self, name: str, values: dict[str, Any], seconds: float) -> None:
        """Put a turn in the journal; ``seconds`` is what it will take to take it again."""
        if self._journal is None:
            return
        kept_name, kept_values = self._instead or (name, values)
        try:
            self._journal.append(TurnEntry(self._turns, self._now, kept_name, kept_values))
        except StateError as error:
            self._lost = error
            raise
        self._journal.spent(seconds)
        if self._journal.wants_snapshot:
            self._try_to_save()

    def _refuse_if_lost(self) -> None:
        """Take no turn after one that could not be written down: it could not be taken again."""
        if self._lost is not None:
            raise self._lost

    def _restore(self, journal: Journal) -> None:
        """Take up the state where the last process left it: the snapshot, then the turns behind it."""
        wanted = {name: getattr(self, name) for name in _SETTINGS}
        kept = journal.read_snapshot(_version())
        if kept is not None:
            moto_state.import_state(kept["moto"])
            for name in _KEPT:
                setattr(self, name, kept[name])
            moto_state.seed_accounts(self._secret)
        self._is_restoring = True
        for entry in journal.entries():
            if entry.number <= self._turns:
                continue  # in the snapshot already
            began = time.perf_counter()
            self._begin(entry.time)
            try:
                with self._inside():
                    inputs.run(self, entry.name, entry.values)
            except Exception as error:  # noqa: BLE001 - as it did before, to whoever it was that asked
                log.debug("turn %s (%s) raised again: %s", entry.number, entry.name, error)
            journal.spent(time.perf_counter() - began)
        self._is_restoring = False
        self._journal = journal
        changed = any(getattr(self, name) != value for name, value in wanted.items())
        for name, value in wanted.items():
            setattr(self, name, value)
        if kept is None or changed:
            self.save()  # the secret and the settings, without which no later turn could be taken again
        elif journal.wants_snapshot:
            self._try_to_save()
        self.clock.not_before(self._now)

    def save(self) -> None:
        """Write a snapshot, if there is a journal to write it to."""
        if self._journal is None:
            return
        with self._lock:
            kept = {name: getattr(self, name) for name in _KEPT}
            self._journal.write_snapshot(_version(), {**kept, "moto": moto_state.export_state()})

    def _try_to_save(self) -> None:
        """Save, where a failure loses nothing: the turns are in the journal, and a restart takes longer."""
        try:
            self.save()
        except Exception:
            log.exception("no snapshot could be written")
            if self._journal is not None:
                self._journal.put_off()

    def close(self) -> None:
        """Save and let go of the state directory."""
        with self._lock:
            if self._journal is None:
                return
            if self._lost is None:
                self._try_to_save()
            self._journal.close()
            self._journal = None

    def flush(self) -> None:
        """Run everything that is due by now."""
        with self._lock:
            due = self.queue.next_due()
            if due is not None and due <= self.clock.now():
                self.take("world.flush")

    def wait_for_due(self, timeout: float) -> None:
        """Sleep until something is due, at most ``timeout`` real seconds (for the queue's one thread)."""
        with self._lock:
            due = self.queue.next_due()
            wait = timeout if due is None else min(timeout, self.clock.wait_seconds(due))
            if wait > 0:
                self._awaited = due
                self._changed.wait(wait)

    def wake(self) -> None:
        """Wake whoever sleeps in ``wait_for_due``."""
        with self._lock:
            self._changed.notify_all()

    def submit_job(self, key: str, task: Task, completion: str, **values: Any) -> None:
        """Run a task in the background; ``completion`` names the input that receives its outcome.

        A replay submits nothing: the outcome is in the journal, or was never there.
        """
        if not self._is_restoring:
            self.jobs.submit(Job(key, task, completion, values))

    def run_jobs(self) -> None:
        """Run submitted jobs until the world is closed (for the server's worker threads)."""
        while (job := self.jobs.next()) is not None:
            outcome = job.task.compute()
            try:
                if outcome is not None:
                    self.take(job.completion, outcome=outcome, **job.values)
            except Exception:
                log.exception("the outcome of job %s was lost", job.key)
            finally:
                self.jobs.finish(job.key)

    def later(self, name: str, aws_seconds: float, **values: Any) -> None:
        """Put an effect off for as long as AWS takes, or, without delays, to right after this turn."""
        wait = aws_seconds if self.delays == "aws" else 0.0
        self.at(self.now + timedelta(seconds=wait), name, **values)

    def at(self, due: datetime, name: str, **values: Any) -> None:
        """Put an effect off to a point in time that is meant, delays or not."""
        self.queue.put(due, name, values)
        self.changed = True

    def note_change(self) -> None:
        """Say that this turn, though it may look like reading, changed something that must come back."""
        self.changed = True

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
