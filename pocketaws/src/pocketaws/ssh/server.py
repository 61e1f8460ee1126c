"""The SSH port: it's open at once, and asyncssh is loaded at the first connection.

Loading asyncssh takes a quarter as long as the rest of a start, and many clients never log in. Connections that
arrive before it's loaded wait in the port's queue.
"""

from __future__ import annotations

import importlib.util
import logging
import selectors
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..world import World
    from .serving import Serving

log = logging.getLogger(__name__)

_BACKLOG = 128


class SshServer:
    """Serves on its own thread from ``start`` to ``stop``."""

    def __init__(self, world: World, host: str, port: int) -> None:
        if importlib.util.find_spec("asyncssh") is None:
            raise ModuleNotFoundError("No module named 'asyncssh'", name="asyncssh")
        self._world = world
        self._address = (host, port)
        self._port = 0
        self._opening: threading.Thread | None = None
        self._ending: socket.socket | None = None
        self._serving: Serving | None = None

    @property
    def endpoint(self) -> str:
        """``host:port``."""
        return f"{self._address[0]}:{self._port}"

    def start(self) -> None:
        """Listen; raises ``OSError`` if the port is taken."""
        listening = socket.create_server(self._address, backlog=_BACKLOG)
        self._port = listening.getsockname()[1]
        self._ending, ended = socket.socketpair()
        self._opening = threading.Thread(
            target=self._open, args=(listening, ended), name="pocketaws-ssh-start", daemon=True
        )
        self._opening.start()

    def _open(self, listening: socket.socket, ended: socket.socket) -> None:
        with ended:
            if not _connection_comes_first(listening, ended):
                listening.close()
                return
        try:
            from .serving import Serving  # noqa: PLC0415 - loads asyncssh

            self._serving = Serving(self._world, listening)
            self._serving.start()
        except Exception:
            listening.close()
            log.exception("SSH can't be served")

    def stop(self) -> None:
        """Close every connection and stop."""
        if self._opening is None or self._ending is None:
            return
        self._ending.close()
        self._opening.join()
        self._opening = None
        if self._serving is not None:
            self._serving.stop()


def _connection_comes_first(listening: socket.socket, ended: socket.socket) -> bool:
    """Wait for a connection or for ``stop``; returns whether a connection came first."""
    with selectors.DefaultSelector() as waiting:
        waiting.register(listening, selectors.EVENT_READ)
        waiting.register(ended, selectors.EVENT_READ)
        ready = {key.fileobj for key, _ in waiting.select()}
    return ended not in ready
