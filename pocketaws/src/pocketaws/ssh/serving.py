"""The SSH server: one port for all servers; the client's key decides which server's shell it gets.

A connection that the security group rejects is closed without an answer, because a server on loopback can't drop
its packets.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import socket
import threading
from datetime import datetime
from typing import TYPE_CHECKING, Any

import asyncssh

from .connections import Refusal, SshLogin
from .session import converse

if TYPE_CHECKING:
    from ..world import World

log = logging.getLogger(__name__)

_LOGIN_SECONDS = 30
_THREADS = 16


class Serving:
    """Serves a listening socket on its own thread from ``start`` to ``stop``."""

    def __init__(self, world: World, listening: socket.socket) -> None:
        self._world = world
        self._listening = listening
        self._loop = asyncio.new_event_loop()
        self._executor = concurrent.futures.ThreadPoolExecutor(_THREADS, "pocketaws-ssh")
        self._thread: threading.Thread | None = None
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._connections: set[asyncssh.SSHServerConnection] = set()

    def start(self) -> None:
        """Serve the connections that wait in the socket's queue, and later ones."""
        key = asyncssh.import_private_key(self._world.apply("ssh.host_key"))
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="pocketaws-ssh", daemon=True
        )
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(key), self._loop).result(timeout=30)

    async def _listen(self, key: asyncssh.SSHKey) -> None:
        self._acceptor = await asyncssh.listen(
            sock=self._listening,
            server_factory=lambda: _Connection(self),
            server_host_keys=[key],
            process_factory=self._process,
            server_version="OpenSSH_8.7",
            login_timeout=_LOGIN_SECONDS,
            agent_forwarding=False,
            x11_forwarding=False,
            allow_scp=False,
            encoding="utf-8",
            errors="replace",
            line_history=1000,
        )  # fmt: skip

    async def _process(self, process: asyncssh.SSHServerProcess[str]) -> None:
        login = process.get_extra_info("login")
        try:
            await converse(self, login, process)
        except (asyncssh.Error, ConnectionError):
            process.close()
        except Exception:
            log.exception("an SSH session failed")
            process.exit(255)

    def now(self) -> datetime:
        """The world's current time."""
        return self._world.clock.now()

    async def apply(self, name: str, **values: Any) -> Any:
        """Apply an input to the world without blocking the other connections."""
        return await self._loop.run_in_executor(
            self._executor, lambda: self._world.apply(name, **values)
        )

    def stop(self) -> None:
        """Close every connection and stop."""
        if self._thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._executor.shutdown(wait=True)
        self._loop.close()
        self._thread = None

    async def _close(self) -> None:
        if self._acceptor is not None:
            self._acceptor.close()
            await self._acceptor.wait_closed()
        for connection in list(self._connections):
            connection.abort()
        pending = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        if pending:
            await asyncio.wait(pending, timeout=3)

    def joined(self, connection: asyncssh.SSHServerConnection) -> None:
        self._connections.add(connection)

    def left(self, connection: asyncssh.SSHServerConnection) -> None:
        self._connections.discard(connection)


class _Connection(asyncssh.SSHServer):
    """One client, identified by the key it offers."""

    def __init__(self, server: Serving) -> None:
        self._server = server
        self._connection: asyncssh.SSHServerConnection | None = None
        self._accepted: tuple[str, bytes] | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._server.joined(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self._connection is not None:
            self._server.left(self._connection)

    def begin_auth(self, username: str) -> bool:
        del username
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    async def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        connection = self._connection
        if connection is None:
            return False
        if self._accepted == (username, key.public_data):
            return True  # clients ask whether a key is accepted before they sign
        login: SshLogin | Refusal = await self._server.apply(
            "ssh.authenticate", user=username, blob=key.public_data
        )
        if isinstance(login, SshLogin):
            connection.set_extra_info(login=login)
            self._accepted = (username, key.public_data)
            return True
        if login.silent:
            connection.abort()
        return False
