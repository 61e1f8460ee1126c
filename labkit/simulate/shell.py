"""A login by SSH as a person makes it: an interactive shell, lines typed one by one."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

import asyncssh

from labkit.errors import CloudError

_LOGIN_SECONDS = 20.0
_LINE_SECONDS = 30.0
_READ_BYTES = 4096
# Of what one line shows, this much is kept (characters).
_KEPT = 64 * 1024
# bash's prompt as Amazon Linux sets it: "[ec2-user@ip-10-0-0-9 ~]$ ".
_PROMPT = re.compile(r"\[[^\]\n]*\][$#] ?$")
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07)")


@dataclass(frozen=True, slots=True)
class Door:
    """Where to log in: an address, a port, a user."""

    host: str
    port: int
    user: str


def ssh_door(public_address: str, user: str) -> Door:
    """The way to a server: its public address, or what ``LABKIT_SSH_ENDPOINT`` (host:port) names."""
    endpoint = os.environ.get("LABKIT_SSH_ENDPOINT")
    if not endpoint:
        return Door(public_address, 22, user)
    host, _, port = endpoint.rpartition(":")
    return Door(host or endpoint, int(port) if host else 22, user)


class NotAnsweredError(Exception):
    """The connection ended before anybody was let in."""


class RefusedError(CloudError):
    """Nothing listens there (yet)."""


class Key:
    """An ephemeral ed25519 key pair; it never touches a disk."""

    def __init__(self) -> None:
        self._key = asyncssh.generate_private_key("ssh-ed25519")

    @property
    def public(self) -> str:
        return self._key.export_public_key().decode().strip()

    @property
    def private(self) -> asyncssh.SSHKey:
        return self._key


def type_commands(door: Door, key: Key, lines: Sequence[str]) -> str:
    """Log in, type the lines, each after the prompt has come back, and log out.

    Returns what the terminal showed of the last one. It may be a secret, and is in no error.
    Raises ``CloudError`` where the server cannot be reached or the login is refused.
    """
    where = f"{door.user}@{door.host}:{door.port}"
    try:
        return asyncio.run(_session(door, key, lines))
    except TimeoutError as error:
        raise CloudError(
            f"{where} does not answer.",
            "Look in the flow log for a REJECT on port 22: your way out may have another address "
            "(--from ADDRESS), or port 22 is blocked (--via ssm).",
        ) from error
    except (ConnectionRefusedError, NotAnsweredError) as error:
        raise RefusedError(
            f"{where} refuses the connection.",
            "Your way out may have another address (--from ADDRESS), or port 22 is blocked (--via ssm).",
        ) from error
    except asyncssh.PermissionDenied as error:
        raise CloudError(
            f"{where} refuses the key that EC2 Instance Connect took.",
            "Run 'labkit simulate' again.",
        ) from error
    except (OSError, asyncssh.Error) as error:
        raise CloudError(
            f"The connection to {where} failed: {error}.",
            "Your way out may have another address (--from ADDRESS), or port 22 is blocked (--via ssm).",
        ) from error


async def _session(door: Door, key: Key, lines: Sequence[str]) -> str:
    try:
        connection = await _login(door, key)
    except asyncssh.ConnectionLost as error:
        raise NotAnsweredError(str(error)) from error
    async with connection:
        process = await connection.create_process(term_type="xterm", term_size=(200, 40))
        shown = await _until_prompt(process)
        for line in lines:
            process.stdin.write(line + "\n")
            shown = await _until_prompt(process)
        process.stdin.write("exit\n")
        async with asyncio.timeout(_LINE_SECONDS):
            await process.wait_closed()
    return shown


async def _login(door: Door, key: Key) -> asyncssh.SSHClientConnection:
    async with asyncio.timeout(_LOGIN_SECONDS):
        # A server made minutes ago has no host key that could be known, and nothing secret is said to it.
        return await asyncssh.connect(
            door.host, door.port, username=door.user, client_keys=[key.private], known_hosts=None,
            agent_path=None, config=None,
        )  # fmt: skip


async def _until_prompt(process: asyncssh.SSHClientProcess[str]) -> str:
    """What the terminal shows up to the next prompt, without its control sequences."""
    seen = ""
    async with asyncio.timeout(_LINE_SECONDS):
        while True:
            chunk = await process.stdout.read(_READ_BYTES)
            if not chunk:
                raise asyncssh.ConnectionLost("the shell ended before its prompt came")
            seen = (seen + chunk)[-_KEPT:]
            if _PROMPT.search(_ESCAPES.sub("", seen[-_READ_BYTES:])):
                return _ESCAPES.sub("", seen)
