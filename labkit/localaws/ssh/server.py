"""The port for SSH: open at once, and served as soon as what serves it has been loaded.

asyncssh takes as long to load as a quarter of all the rest of a start. Who connects before it is there waits in
the port's queue.
"""

from __future__ import annotations

import importlib.util
import logging
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..world import World
    from ._serving import Serving

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
        self._serving: Serving | None = None

    @property
    def endpoint(self) -> str:
        """``host:port``."""
        return f"{self._address[0]}:{self._port}"

    def start(self) -> None:
        """Listen; raises ``OSError`` where the port is taken."""
        listening = socket.create_server(self._address, backlog=_BACKLOG)
        self._port = listening.getsockname()[1]
        self._opening = threading.Thread(
            target=self._open, args=(listening,), name="local-aws-ssh-start", daemon=True
        )
        self._opening.start()

    def _open(self, listening: socket.socket) -> None:
        try:
            from ._serving import Serving  # noqa: PLC0415 - loads asyncssh

            self._serving = Serving(self._world, listening)
            self._serving.start()
        except Exception:
            listening.close()
            log.exception("there is no SSH")

    def stop(self) -> None:
        """Close every connection, and stop."""
        if self._opening is None:
            return
        self._opening.join()
        self._opening = None
        if self._serving is not None:
            self._serving.stop()
