"""The whole state of the emulator, and the one way to change it.

Every change enters through ``World.apply``, which runs a registered input as a **transaction**: alone under one
lock, at one fixed time, with its own random seed, and after every effect that is due. So the state is a function
of the transactions, and a journal of them can restore it (``docs/decisions.md``).
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
from .identity.caller import Caller
from .inputs import world_input
from .journal import Journal, JournalEntry, StateError

T = TypeVar("T")
Delays = Literal["none", "aws"]

log = logging.getLogger(__name__)


# Settings that influence what a transaction does, so a replay needs the same ones.
_SETTINGS = ("delays", "confirm_subscriptions")
# What a snapshot holds beside moto's state.
_SAVED = ("queue", "_secret", "_transactions", "_stores", "_now", "management_account", *_SETTINGS)


def _version() -> str:
    return f"moto={moto.__version__}"


@world_input("world.flush")
def _flush(world: World) -> None:
    """Do nothing: every transaction first runs the effects that are due."""


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
        """Whether the owners of email addresses confirm their subscriptions on arrival."""
        self.queue = EffectQueue()
        self.random = random.Random()  # noqa: S311 - seeded per transaction from the secret, so that a replay repeats it
        self._secret = secret or secrets.token_hex(32)
        self._transactions = 0
        self._stores: dict[tuple[type, str, str], object] = {}
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._depth = 0
        self._awaited: datetime | None = None
        """The due time that the queue's thread waits for. Waking it for every transaction would be most of the cost.
        """
        self._now = self.clock.now()
        self._journal: Journal | None = None
        self._journal_error: StateError | None = None
        self.jobs = BackgroundJobs()
        self._is_restoring = False
        self.changed = False
        """Whether this transaction changed more than its answer and its event show."""
        self._replay_as: tuple[str, dict[str, Any]] | None = None
        moto_state.reset()
        moto_state.install_clock(lambda: self.now)
        moto_state.seed_accounts(self._secret)
        if journal is not None:
            with self._lock:
                self._restore(journal)
                for name, values in interrupted_jobs(self):
                    self.apply(name, **values)

    @property
    def now(self) -> datetime:
        """The time of the current transaction, or the clock's time between transactions."""
        return self._now if self._depth else self.clock.now()

    def apply(self, name: str, **values: Any) -> Any:
        """Run a registered input as a transaction, after every effect that is due.

        When this returns, the transaction is in the journal. Inside another transaction, the input becomes part
        of that one.
        """
        with self._lock:
            if self._depth:
                return inputs.run(self, name, values)
            self._refuse_if_broken()
            began = time.perf_counter()
            self._begin(max(self._now, self.clock.now()))
            due_seconds = time.perf_counter() - began
            try:
                with self._inside():
                    return inputs.run(self, name, values)
            finally:
                spent = due_seconds if self._replay_as else time.perf_counter() - began
                self._append_to_journal(name, values, spent)

    def replay_as(self, name: str, **values: Any) -> None:
        """Journal another input instead of this transaction's own: one with the same effect that's cheaper to replay."""
        self._replay_as = (name, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the caller's code as a transaction that isn't in the journal (for reads and tests)."""
        with self._lock:
            if self._depth == 0:
                self._refuse_if_broken()
                began = time.perf_counter()
                self._begin(max(self._now, self.clock.now()))
                self._append_to_journal("world.flush", {}, time.perf_counter() - began)
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
        self._transactions += 1
        self._replay_as = None
        seed = f"{self._secret}:{self._transactions}"
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
                # The effect's target may be gone by now.
                log.warning("effect %s was refused", due.name, exc_info=True)
            except Exception:
                # The effect isn't part of the current transaction, which must still reach the journal.
                log.exception("effect %s failed", due.name)

    def _append_to_journal(self, name: str, values: dict[str, Any], seconds: float) -> None:
        """Append a transaction to the journal; ``seconds`` is how long a replay of it takes."""
        if self._journal is None:
            return
        name, values = self._replay_as or (name, values)
        try:
            self._journal.append(JournalEntry(self._transactions, self._now, name, values))
        except StateError as error:
            self._journal_error = error
            raise
        self._journal.add_replay_seconds(seconds)
        if self._journal.wants_snapshot:
            self._try_to_save()

    def _refuse_if_broken(self) -> None:
        """Refuse transactions after one failed to reach the journal: a replay would lack it."""
        if self._journal_error is not None:
            raise self._journal_error

    def _restore(self, journal: Journal) -> None:
        """Restore the last process's state: the snapshot, then the transactions since."""
        wanted = {name: getattr(self, name) for name in _SETTINGS}
        kept = journal.read_snapshot(_version())
        if kept is not None:
            moto_state.import_state(kept["moto"])
            for name in _SAVED:
                setattr(self, name, kept[name])
            moto_state.seed_accounts(self._secret)
        self._is_restoring = True
        for entry in journal.entries():
            if entry.number <= self._transactions:
                continue  # already in the snapshot
            began = time.perf_counter()
            self._begin(entry.time)
            try:
                with self._inside():
                    inputs.run(self, entry.name, entry.values)
            except Exception as error:  # noqa: BLE001 - it raised the first time too, to its caller
                log.debug("transaction %s (%s) raised: %s", entry.number, entry.name, error)
            journal.add_replay_seconds(time.perf_counter() - began)
        self._is_restoring = False
        self._journal = journal
        changed = any(getattr(self, name) != value for name, value in wanted.items())
        for name, value in wanted.items():
            setattr(self, name, value)
        if kept is None or changed:
            self.save()  # a replay of later transactions needs the secret and the settings
        elif journal.wants_snapshot:
            self._try_to_save()
        self.clock.not_before(self._now)

    def save(self) -> None:
        """Write a snapshot, if there's a journal."""
        if self._journal is None:
            return
        with self._lock:
            kept = {name: getattr(self, name) for name in _SAVED}
            self._journal.write_snapshot(_version(), {**kept, "moto": moto_state.export_state()})

    def _try_to_save(self) -> None:
        """Try to save. After a failure, the journal still has the transactions, but a restart takes longer."""
        try:
            self.save()
        except Exception:
            log.exception("the snapshot couldn't be written")
            if self._journal is not None:
                self._journal.postpone_snapshot()

    def close(self) -> None:
        """Save, and release the state directory."""
        with self._lock:
            if self._journal is None:
                return
            if self._journal_error is None:
                self._try_to_save()
            self._journal.close()
            self._journal = None

    def flush(self) -> None:
        """Run every effect that is due."""
        with self._lock:
            due = self.queue.next_due()
            if due is not None and due <= self.clock.now():
                self.apply("world.flush")

    def wait_for_due(self, timeout: float) -> None:
        """Sleep until an effect is due, for at most ``timeout`` real seconds (for the queue's one thread)."""
        with self._lock:
            due = self.queue.next_due()
            wait = timeout if due is None else min(timeout, self.clock.wait_seconds(due))
            if wait > 0:
                self._awaited = due
                self._changed.wait(wait)

    def wake(self) -> None:
        """Wake the thread that sleeps in ``wait_for_due``."""
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
                    self.apply(job.completion, outcome=outcome, **job.values)
            except Exception:
                log.exception("the outcome of job %s was lost", job.key)
            finally:
                self.jobs.finish(job.key)

    def later(self, name: str, aws_seconds: float, **values: Any) -> None:
        """Schedule an effect after as long as AWS takes or, without delays, right after this transaction."""
        wait = aws_seconds if self.delays == "aws" else 0.0
        self.at(self.now + timedelta(seconds=wait), name, **values)

    def at(self, due: datetime, name: str, **values: Any) -> None:
        """Schedule an effect at a fixed time, with or without delays."""
        self.queue.put(due, name, values)
        self.changed = True

    def note_change(self) -> None:
        """Record that this transaction changed state, even though its operation is one that reads."""
        self.changed = True

    def store(self, kind: type[T], account: str, region: str) -> T:
        """A service's state in an account and Region, created by ``kind()`` on first use."""
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
        """Make an API call from inside the emulator as ``caller``. It's authorized and recorded like any other call.

        Returns the parsed result; raises ``AwsError``.
        """
        values = {
            "caller": caller,
            "service": service,
            "operation": operation,
            "region": region,
            "params": params,
        }
        with self.transaction():
            result: dict[str, Any] = inputs.run(self, "gateway.call", values)
        return result

    def request_id(self) -> str:
        """A new request ID."""
        return self.uuid()

    def uuid(self) -> str:
        """A version 4 UUID from this transaction's seed."""
        bits = self.random.getrandbits(128)
        bits = (bits & ~(0xF << 76)) | (0x4 << 76)
        bits = (bits & ~(0x3 << 62)) | (0x2 << 62)
        text = f"{bits:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def hex(self, digits: int) -> str:
        """Random hexadecimal digits from this transaction's seed."""
        return f"{self.random.getrandbits(4 * digits):0{digits}x}"
