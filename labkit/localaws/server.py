"""The local AWS as a running thing: a world, an HTTP server, and the one thread of its queue."""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Self

from cheroot.wsgi import Server

from . import registry
from .clock import Clock
from .gateway.app import Gateway
from .setup import Administrator, make_management_account
from .world import Delays, World

log = logging.getLogger(__name__)

_PUMP_SECONDS = 1.0
_THREADS = 32


class LocalAws:
    """Starts on ``with`` (or ``start``), serves on loopback, stops by itself at the end.

    ``port=0`` takes a free port; ``endpoint`` says which. ``administrator`` has the credentials of the
    management account's administrator.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        ssh_port: int = 0,
        region: str = "eu-west-1",
        delays: Delays = "none",
        clock: Clock | None = None,
    ) -> None:
        registry.load()
        self.world = World(clock=clock, delays=delays)
        self.gateway = Gateway(self.world)
        self.region = region
        self.administrator: Administrator = make_management_account(self.world)
        self._server = Server((host, port), self.gateway, numthreads=_THREADS)
        self._server.shutdown_timeout = 1
        self._host = host
        self._ssh_port = ssh_port
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    @property
    def endpoint(self) -> str:
        return f"http://{self._host}:{self._server.bind_addr[1]}"

    def start(self) -> Self:
        self._server.prepare()
        for target, name in ((self._server.serve, "http"), (self._pump, "queue")):
            thread = threading.Thread(target=target, name=f"local-aws-{name}", daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def stop(self) -> None:
        self._stopping.set()
        self._server.stop()
        for thread in self._threads:
            thread.join(timeout=5)

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
        while not self._stopping.is_set():
            self.world.wait_for_due(_PUMP_SECONDS)
            try:
                self.world.flush()
            except Exception:
                log.exception("an effect broke")
