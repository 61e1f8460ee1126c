"""Finding a running local AWS of this user, and asking it things."""

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

from labkit.errors import CloudError, UsageError

DEFAULT_PORT = 4580
EVERYWHERE = "0.0.0.0"  # noqa: S104 - what may be asked for, and is warned of
_SECONDS = 10
_TOKEN_HEADER = "X-Labkit-Token"  # noqa: S105 - the name of a header


@dataclass(frozen=True, slots=True)
class Running:
    """What a running local AWS leaves for its user's other commands (a file of mode 0600)."""

    pid: int
    endpoint: str
    ssh_endpoint: str
    region: str
    token: str = field(repr=False)
    data: str | None = None
    host: str = "127.0.0.1"
    """Where it listens; the two endpoints are how it is reached from this machine."""

    @property
    def port(self) -> int:
        return urlsplit(self.endpoint).port or 0


def write(running: Running) -> Path:
    """Leave word of a running one; returns the file."""
    path = _file(running.port)
    fresh = path.with_suffix(f".{running.pid}")
    with private(fresh) as file:
        file.write(json.dumps(asdict(running)).encode())
    fresh.replace(path)  # whoever looks sees a whole note or none
    return path


def forget(note: Path, pid: int) -> None:
    """Take a note away, unless another process has written its own there since."""
    running = _read(note)
    if running is not None and running.pid == pid:
        note.unlink(missing_ok=True)


def private(path: Path) -> IO[bytes]:
    """A new file that only this user may read, in place of one that is there."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def log_file(port: int) -> Path:
    """Where one in the background says what it has to say."""
    return _folder() / f"{port}.log"


def noted(port: int) -> Running | None:
    """What the one on ``port`` left word of; it may have died since."""
    return _read(_file(port))


def _read(note: Path) -> Running | None:
    try:
        return Running(**json.loads(note.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def find(port: int | None) -> Running:
    """The one on ``port``, else the one ``AWS_ENDPOINT_URL`` names, else the one on the default port.

    Raises ``CloudError`` where this user has none running there.
    """
    chosen = port or _port_of(os.environ.get("AWS_ENDPOINT_URL")) or DEFAULT_PORT
    running = noted(chosen)
    if running is None or not is_up(running.endpoint):
        raise CloudError(
            f"You have no local AWS running on port {chosen}.", "Start it: labkit local start"
        )
    return running


def is_up(endpoint: str) -> bool:
    """Whether something answers as a healthy local AWS."""
    try:
        with urllib.request.urlopen(f"{endpoint}/_labkit/health", timeout=_SECONDS) as answer:  # noqa: S310 - http, on loopback
            return bool(json.load(answer) == {"status": "ok"})
    except (OSError, ValueError):
        return False


def ask(running: Running, method: str, what: str, **query: str) -> Any:
    """Ask a running one something only its user may."""
    url = f"{running.endpoint}/_labkit/{what}"
    request = urllib.request.Request(  # noqa: S310 - http, on loopback
        f"{url}?{urlencode(query)}" if query else url,
        method=method,
        headers={_TOKEN_HEADER: running.token},
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - as above
            return json.load(answer)
    except urllib.error.HTTPError as error:
        said = json.loads(error.read() or b"{}").get("message", str(error))
        raise UsageError(
            f"The local AWS says: {said}", "Look at 'labkit local env --help'."
        ) from error
    except OSError as error:
        raise CloudError(
            f"The local AWS does not answer: {error}", "Look at 'labkit local status'."
        ) from error


def refuse_ipv6(host: str) -> None:
    """Raise ``UsageError`` for an address by which no endpoint can be named."""
    if ":" in host:
        raise UsageError(f"--host {host}: it listens on IPv4 only.", "Take an IPv4 address.")


def is_loopback(host: str) -> bool:
    return host == "localhost" or host.startswith("127.")


def reached_from_here(endpoint: str) -> str:
    """An endpoint as this machine reaches it: "all my addresses" is none to connect to."""
    return endpoint.replace(EVERYWHERE, "127.0.0.1")


def environment(
    running: Running, account: str | None, role: str | None, host: str | None = None
) -> dict[str, str]:
    """The variables under which clients talk to it as somebody, from this machine or where it is called ``host``."""
    if host is not None and is_loopback(running.host) and not is_loopback(host):
        raise UsageError(
            f"Nobody else can reach it: it listens on {running.host} only.",
            "Start it with --host 0.0.0.0, on a network that you trust.",
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
        "LABKIT_SSH_ENDPOINT": _elsewhere(running.ssh_endpoint, host),
        "LABKIT_CHECKIP_URL": f"{endpoint}/_labkit/checkip/{keys['access_key_id']}",
    }


def _elsewhere(endpoint: str, host: str | None) -> str:
    before, _, port = endpoint.rpartition(":")
    scheme, slashes, _ = before.rpartition("//")
    return f"{scheme}{slashes}{host}:{port}" if host else endpoint


def _port_of(url: str | None) -> int | None:
    match = re.fullmatch(r"http://[^/@]+:(\d+)/?", url or "")
    return int(match[1]) if match else None


def _folder() -> Path:
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return Path(runtime) / "labkit" if runtime else Path.home() / ".labkit" / "local"


def _file(port: int) -> Path:
    return _folder() / f"{port}.json"
