"""An SSH login like a person's: an interactive shell, with commands typed one at a time."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import asyncssh

from labkit.errors import CloudError

_LOGIN_SECONDS = 20.0
_LINE_SECONDS = 30.0
_READ_BYTES = 4096
# How much of a command's output to keep, in characters.
_MAX_OUTPUT = 64 * 1024
# bash's prompt as Amazon Linux sets it: "[ec2-user@ip-10-0-0-9 ~]$ ".
_PROMPT = re.compile(r"\[[^\]\n]*\][$#] ?$")
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07)")


@dataclass(frozen=True, slots=True)
class SshTarget:
    """Where to log in: address, port, and user."""

    host: str
    port: int
    user: str


def ssh_target(public_address: str, user: str) -> SshTarget:
    """How to reach a server: at its public address, or at ``LABKIT_SSH_ENDPOINT`` (host:port) if that is set."""
    endpoint = os.environ.get("LABKIT_SSH_ENDPOINT")
    if not endpoint:
        return SshTarget(public_address, 22, user)
    host, _, port = endpoint.rpartition(":")
    return SshTarget(host or endpoint, int(port) if host else 22, user)


class ConnectionEndedError(Exception):
    """The connection ended before the login."""


class LoginTimeoutError(Exception):
    """Nothing answered in time, not even with a refusal."""


class SshRefusedError(CloudError):
    """Nothing listens on the port, or not yet."""


class KeyRefusedError(CloudError):
    """The server refuses the key: after 60 seconds, it has expired."""


class EphemeralKey:
    """An ephemeral ed25519 key pair that exists only in memory."""

    def __init__(self) -> None:
        self._key = asyncssh.generate_private_key("ssh-ed25519")

    @property
    def public(self) -> str:
        return self._key.export_public_key().decode().strip()

    @property
    def private(self) -> asyncssh.SSHKey:
        return self._key


def type_commands(
    target: SshTarget, key: EphemeralKey, lines: Sequence[str], before_last: Callable[[], None]
) -> str:
    """Log in, type each line after the prompt returns, and log out.

    Calls ``before_last`` right before the last line. Returns the terminal's output of the last line. It may be secret, so no error contains it. Raises
    ``CloudError`` if the server can't be reached or refuses the login.
    """
    where = f"{target.user}@{target.host}:{target.port}"
    try:
        return asyncio.run(_session(target, key, lines, before_last))
    except TimeoutError as error:
        raise CloudError(
            f"{where} stopped answering during the session.", "Rerun 'labkit simulate'."
        ) from error
    except LoginTimeoutError as error:  # a server that's booting doesn't answer either
        raise SshRefusedError(
            f"{where} doesn't answer.",
            "Look in the flow log for a REJECT on port 22. Your SSH traffic might have another address "
            "(--from ADDRESS), or port 22 might be blocked (--via ssm).",
        ) from error
    except (ConnectionRefusedError, ConnectionEndedError) as error:
        raise SshRefusedError(
            f"{where} refuses the connection.",
            "Your SSH traffic might have another address (--from ADDRESS), or port 22 might be blocked (--via ssm).",
        ) from error
    except asyncssh.PermissionDenied as error:
        raise KeyRefusedError(
            f"{where} refuses the key that EC2 Instance Connect accepted.",
            "Rerun 'labkit simulate'.",
        ) from error
    except (OSError, asyncssh.Error) as error:
        raise CloudError(
            f"The connection to {where} failed: {error}.",
            "Your SSH traffic might have another address (--from ADDRESS), or port 22 might be blocked (--via ssm).",
        ) from error


async def _session(
    target: SshTarget, key: EphemeralKey, lines: Sequence[str], before_last: Callable[[], None]
) -> str:
    try:
        connection = await _login(target, key)
    except asyncssh.ConnectionLost as error:
        raise ConnectionEndedError(str(error)) from error
    async with connection:
        process = await connection.create_process(term_type="xterm", term_size=(200, 40))
        output = await _until_prompt(process)
        for place, line in enumerate(lines, start=1):
            if place == len(lines):
                before_last()
            process.stdin.write(line + "\n")
            output = await _until_prompt(process)
        process.stdin.write("exit\n")
        async with asyncio.timeout(_LINE_SECONDS):
            await process.wait_closed()
    return output


async def _login(target: SshTarget, key: EphemeralKey) -> asyncssh.SSHClientConnection:
    try:
        async with asyncio.timeout(_LOGIN_SECONDS):
            # A new server has no known host key, and labkit sends it nothing secret.
            return await asyncssh.connect(
                target.host, target.port, username=target.user, client_keys=[key.private], known_hosts=None,
                agent_path=None, config=None,
            )  # fmt: skip
    except TimeoutError as error:
        raise LoginTimeoutError from error


async def _until_prompt(process: asyncssh.SSHClientProcess[str]) -> str:
    """The terminal's output up to the next prompt, without control sequences."""
    seen = ""
    async with asyncio.timeout(_LINE_SECONDS):
        while True:
            chunk = await process.stdout.read(_READ_BYTES)
            if not chunk:
                raise asyncssh.ConnectionLost("the shell ended before it showed a prompt")
            seen = (seen + chunk)[-_MAX_OUTPUT:]
            if _PROMPT.search(_ESCAPES.sub("", seen[-_READ_BYTES:])):
                return _ESCAPES.sub("", seen)
