"""The running emulator: a world, an HTTP server, an SSH server, and their threads."""

from __future__ import annotations

import logging
import secrets
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from . import registry
from .clock import Clock, SystemClock
from .gateway.admin import Admin
from .gateway.app import Gateway
from .gateway.connections import HttpServer
from .identity.env import AdministratorKey, administrator_of
from .journal import Journal
from .ssh.server import SshServer
from .world import Delays, World

log = logging.getLogger(__name__)

_PUMP_SECONDS = 1.0
# The number of background jobs that run at once.
_WORKERS = 4


class LocalAws:
    """The server: starts on ``with`` (or ``start``), serves on ``host``, and stops when the block ends.

    ``port=0`` and ``ssh_port=0`` pick free ports; ``endpoint`` and ``ssh_endpoint`` say which. ``data`` is the
    directory that keeps the state; without one, the state ends with the process. If the directory is in use,
    ``start`` raises ``journal.StateError``.
    """

    def __init__(  # noqa: PLR0913 - the settings of a server
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        ssh_port: int = 0,
        region: str = "eu-west-1",
        delays: Delays = "none",
        speed: float = 1.0,
        data: Path | None = None,
        confirm_subscriptions: bool = True,
        clock: Clock | None = None,
        health_aliases: tuple[str, ...] = (),
    ) -> None:
        registry.load()
        self.world = World(
            clock=clock or SystemClock(speed),
            delays=delays,
            confirm_subscriptions=confirm_subscriptions,
            journal=Journal(data) if data is not None else None,
        )
        self.region = region
        self.token = secrets.token_urlsafe(32)
        self.stopping = threading.Event()
        self.gateway = Gateway(
            self.world, Admin(self.world, self.token, self.stopping.set, health_aliases)
        )
        self._server = HttpServer((host, port), self.gateway)
        self._host = host
        self._ssh = SshServer(self.world, host, ssh_port)
        self._threads: list[threading.Thread] = []

    @property
    def endpoint(self) -> str:
        return f"http://{self._host}:{self._server.bind_addr[1]}"

    @property
    def ssh_endpoint(self) -> str:
        """``host:port`` of the SSH server."""
        return self._ssh.endpoint

    @property
    def administrator(self) -> AdministratorKey:
        """The credentials of the management account's administrator."""
        return administrator_of(self.world)

    def start(self) -> Self:
        self._server.prepare()
        workers = [(self.world.run_jobs, f"work-{number}") for number in range(_WORKERS)]
        for target, name in ((self._server.serve, "http"), (self._pump, "queue"), *workers):
            thread = threading.Thread(target=target, name=f"pocketaws-{name}", daemon=True)
            thread.start()
            self._threads.append(thread)
        self._ssh.start()
        return self

    def stop(self) -> None:
        """Finish the requests in progress, save, and release everything."""
        self.stopping.set()
        self.world.wake()
        self.world.jobs.close()
        self._ssh.stop()
        self._server.stop()
        for thread in self._threads:
            thread.join(timeout=5)
        self.world.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _pump(self) -> None:
        while not self.stopping.is_set():
            self.world.wait_for_due(_PUMP_SECONDS)
            try:
                self.world.flush()
            except Exception:
                log.exception("the queue failed")
