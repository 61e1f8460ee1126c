"""An emulator in a separate process, and people at terminals who run ``labkit`` against it."""

from __future__ import annotations

import functools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from .preloaded import run_preloaded

LABKIT = (sys.executable, "-m", "labkit")
TIMEOUT = 90.0
_BEGIN = "from labkit.cli import main; print('begun', flush=True); main()"
_NO_RETRIES = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(
    *arguments: str,
    folder: Path,
    environment: Mapping[str, str],
    typed: str | None = None,
    code: int | None = 0,
) -> Said:
    """Run ``labkit`` and wait for it. ``code`` is the expected exit code; None accepts any."""
    if hasattr(os, "fork"):
        done = run_preloaded(arguments, folder, environment, typed or "", TIMEOUT)
    else:
        done = subprocess.run(
            [*LABKIT, *arguments],
            cwd=folder,
            env=dict(environment),
            input=typed or "",
            capture_output=True,
            encoding="utf-8",
            timeout=TIMEOUT,
            check=False,
        )
    said = Said(done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in said.err, said.err
    assert code is None or said.code == code, (arguments, said)
    return said


@dataclass
class Server:
    """One emulator: the folder with its state, its ports, and its process."""

    folder: Path
    options: tuple[str, ...] = ()
    data: Path | None = None
    port: int = field(default_factory=free_port)
    ssh_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def base(self) -> dict[str, str]:
        """The environment of someone who has no credentials, no endpoint, and no AWS files."""
        kept = {
            name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH") if name in os.environ
        }
        return {
            **kept,
            "HOME": str(self.folder),
            "XDG_RUNTIME_DIR": str(self.folder / "runtime"),
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "COLUMNS": "80",
            "PYTHONUTF8": "1",
        }

    @property
    def command(self) -> list[str]:
        kept = ["--data", str(self.data)] if self.data else []
        return [
            *LABKIT, "local", "start", "--port", str(self.port), "--ssh-port", str(self.ssh_port),
            *kept, *self.options,
        ]  # fmt: skip

    def start(self) -> Server:
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.base, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log,
            )  # fmt: skip
        note = self.folder / "runtime" / "pocketaws" / f"{self.port}.json"
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            assert self.process.poll() is None, (self.folder / "server.log").read_text()
            if note.exists() and json.loads(note.read_text())["pid"] == self.process.pid:
                return self
            time.sleep(0.05)
        raise AssertionError("the local AWS does not start")

    def kill(self) -> None:
        """Kill the process at once, so that it writes nothing more."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def local(self, *arguments: str, code: int | None = 0) -> Said:
        """Run ``labkit local …`` on this emulator."""
        return run(
            "local", arguments[0], "--port", str(self.port), *arguments[1:],
            folder=self.folder, environment=self.base, code=code,
        )  # fmt: skip

    def environment(self, *options: str) -> dict[str, str]:
        """The variables that ``labkit local env`` sets, as a shell would parse them."""
        variables = self.base
        for line in self.local("env", *options).out.splitlines():
            word, _, rest = line.partition(" ")
            if word == "export":
                name, _, value = rest.partition("=")
                variables[name] = value.strip("'")
        return variables


@dataclass(frozen=True)
class Desk:
    """A person at a terminal: a folder with a ``workshop.toml`` and an environment."""

    folder: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str, typed: str | None = None, code: int | None = 0) -> Said:
        return run(
            *arguments, folder=self.folder, environment=self.environment, typed=typed, code=code
        )

    def json(self, *arguments: str, code: int | None = 0) -> Any:
        return self.run(*arguments, "--json", code=code).json

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start ``labkit`` in its own process group; returns when the interpreter runs it."""
        begun = subprocess.Popen(
            [sys.executable, "-c", _BEGIN, *arguments], cwd=self.folder, env=dict(self.environment), encoding="utf-8",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip
        assert begun.stdout is not None
        assert begun.stdout.readline() == "begun\n"
        return begun

    def client(self, service: str) -> Any:
        """A boto3 client with this environment's credentials."""
        return _client(
            service,
            self.environment["AWS_DEFAULT_REGION"],
            self.environment["AWS_ENDPOINT_URL"],
            self.environment["AWS_ACCESS_KEY_ID"],
            self.environment["AWS_SECRET_ACCESS_KEY"],
            self.environment.get("AWS_SESSION_TOKEN"),
        )


@functools.cache
def _client(
    service: str, region: str, endpoint: str, key: str, secret: str, token: str | None
) -> Any:
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=_NO_RETRIES,
    )


def seats_of(desk: Desk) -> dict[str, dict[str, Any]]:
    """The entry of each seat in ``status --json``."""
    return {row["seat"]: row for row in desk.json("status")["seats"]}
