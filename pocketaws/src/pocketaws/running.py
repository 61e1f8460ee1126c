"""Finding the emulators that this user runs, and talking to them.

A running emulator leaves a note (a file with mode 0600 that holds its address and token) for the user's other
commands.
"""

from __future__ import annotations

import json
import os
import re
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode, urlsplit

from .errors import RunError
from .gateway.paths import ADMIN_PATH, TOKEN_HEADER

DEFAULT_PORT = 4580
EVERYWHERE = "0.0.0.0"  # noqa: S104 - allowed, with a warning
_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Running:
    """The note of a running emulator."""

    pid: int
    endpoint: str
    ssh_endpoint: str
    region: str
    token: str = field(repr=False)
    data: str | None = None
    host: str = "127.0.0.1"
    """The address it listens on. The two endpoints are how this machine reaches it."""

    @property
    def port(self) -> int:
        return urlsplit(self.endpoint).port or 0


def write(running: Running) -> Path:
    """Write the note; returns its file."""
    path = _file(running.port)
    fresh = path.with_suffix(f".{running.pid}")
    with private(fresh) as file:
        file.write(json.dumps(asdict(running)).encode())
    fresh.replace(path)  # readers see a complete note or none
    return path


def forget(note: Path, pid: int) -> None:
    """Remove a note, unless another process has replaced it since."""
    running = _read(note)
    if running is not None and running.pid == pid:
        note.unlink(missing_ok=True)


def private(path: Path) -> IO[bytes]:
    """Create a file that only this user can read, replacing an existing one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def log_file(port: int) -> Path:
    """The file to which a background emulator writes its messages."""
    return _folder() / f"{port}.log"


def noted(port: int) -> Running | None:
    """The note for ``port``. The process may have died since it wrote the note."""
    return _read(_file(port))


def _read(note: Path) -> Running | None:
    try:
        return Running(**json.loads(note.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def find(port: int | None, start_command: str) -> Running:
    """The emulator on ``port``, else the one that ``AWS_ENDPOINT_URL`` names, else the one on the default port.

    Raises ``RunError`` if this user runs none there; ``start_command`` is the command in its hint.
    """
    chosen = port or _port_of(os.environ.get("AWS_ENDPOINT_URL")) or DEFAULT_PORT
    running = noted(chosen)
    if running is None or not is_up(running.endpoint):
        raise RunError(
            f"You have no AWS emulator running on port {chosen}.", f"Start one: {start_command}"
        )
    return running


def is_up(endpoint: str) -> bool:
    """Whether a healthy emulator answers there."""
    try:
        with urllib.request.urlopen(f"{endpoint}{ADMIN_PATH}health", timeout=_SECONDS) as answer:  # noqa: S310 - http, on loopback
            return bool(json.load(answer) == {"status": "ok"})
    except (OSError, ValueError):
        return False


def ask(running: Running, method: str, what: str, **query: str) -> Any:
    """Send a request that only the user who runs the emulator may send."""
    url = f"{running.endpoint}{ADMIN_PATH}{what}"
    request = urllib.request.Request(  # noqa: S310 - http, on loopback
        f"{url}?{urlencode(query)}" if query else url,
        method=method,
        headers={TOKEN_HEADER: running.token},
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - as above
            return json.load(answer)
    except urllib.error.HTTPError as error:
        message = json.loads(error.read() or b"{}").get("message", str(error))
        raise RunError(
            f"The AWS emulator says: {message}", "Check the options with --help.", exit_code=2
        ) from error
    except OSError as error:
        raise RunError(
            f"The AWS emulator doesn't answer: {error}", "Check whether it still runs: status"
        ) from error


def refuse_ipv6(host: str) -> None:
    """Raise ``RunError`` for an IPv6 address, which can't be part of an endpoint here."""
    if ":" in host:
        raise RunError(
            f"--host {host}: the emulator listens on IPv4 only.", "Pass an IPv4 address.", 2
        )


def is_loopback(host: str) -> bool:
    return host == "localhost" or host.startswith("127.")


def reached_from_here(endpoint: str) -> str:
    """An endpoint that this machine can connect to, also if it listens on all addresses."""
    return endpoint.replace(EVERYWHERE, "127.0.0.1")


def environment(
    running: Running, prefix: str, account: str | None, role: str | None, host: str | None = None
) -> dict[str, str]:
    """The environment variables that point clients at it, from this machine or, with ``host``, from others.

    ``prefix`` starts the names of the two that aren't AWS's own: ``…_SSH_ENDPOINT`` and ``…_CHECKIP_URL``.
    """
    if host is not None and is_loopback(running.host) and not is_loopback(host):
        raise RunError(
            f"Other machines can't reach it: it listens on {running.host} only.",
            "Start it with --host 0.0.0.0, on a network that you trust.",
            2,
        )
    endpoint = _elsewhere(running.endpoint, host)
    wanted = {key: value for key, value in (("account", account), ("role", role)) if value}
    keys = ask(running, "POST", "credentials", **wanted)
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": keys["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": keys["secret_access_key"],
        "AWS_SESSION_TOKEN": keys.get("session_token", ""),
        "AWS_DEFAULT_REGION": running.region,
        f"{prefix}_SSH_ENDPOINT": _elsewhere(running.ssh_endpoint, host),
        f"{prefix}_CHECKIP_URL": checkip_url(endpoint, keys["access_key_id"]),
    }


def checkip_url(endpoint: str, access_key_id: str) -> str:
    """The URL that returns the address that records show for an access key."""
    return f"{endpoint}{ADMIN_PATH}checkip/{access_key_id}"


def _elsewhere(endpoint: str, host: str | None) -> str:
    before, _, port = endpoint.rpartition(":")
    scheme, slashes, _ = before.rpartition("//")
    return f"{scheme}{slashes}{host}:{port}" if host else endpoint


def _port_of(url: str | None) -> int | None:
    match = re.fullmatch(r"http://[^/@]+:(\d+)/?", url or "")
    return int(match[1]) if match else None


def _folder() -> Path:
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return Path(runtime) / "pocketaws" if runtime else Path.home() / ".pocketaws"


def _file(port: int) -> Path:
    return _folder() / f"{port}.json"
