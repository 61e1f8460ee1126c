"""An emulator in this process whose clock can jump, and an instructor who uses the commands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from labkit.aws import Cloud
from labkit.cli import load_verbs
from labkit.cli.common.app import app
from labkit.embedded_aws import embedded_aws
from pocketaws.server import LocalAws

from ..process.accounts import everything

REGION = "eu-west-1"


@dataclass(frozen=True)
class AccountClients:
    """Plain boto3 clients of an account's administrator, who knows nothing of labkit."""

    account: str

    def client(self, service: str) -> Any:
        """A client with a new session, because the clock can have jumped past the end of an old one."""
        return Cloud(REGION, "OrganizationAccountAccessRole").account(self.account).client(service)

    def contents(self) -> dict[str, list[str]]:
        """Everything in the account but service-linked roles, which AWS keeps."""
        cloud = Cloud(REGION, "OrganizationAccountAccessRole")
        found = everything(cloud.account(self.account))
        found["roles"] = [name for name in found["roles"] if not name.startswith("AWSServiceRole")]
        return found


@dataclass(frozen=True)
class Instructor:
    """Someone who runs the commands in a folder with a ``workshop.toml``."""

    aws: LocalAws
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "workshop.toml"

    def run(self, *words: str, code: int | None = 0) -> Result:
        """Run a command; ``code`` is the expected exit code, None accepts any."""
        result = CliRunner().invoke(app, [*words, "-w", str(self.file)], obj={"debug": False})
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert code is None or result.exit_code == code, f"{words}: {result.output}{result.stderr}"
        return result

    def rows(self, *words: str, code: int | None = 0) -> dict[str, Any]:
        """Run a command with ``--json``, and return the entry of each seat."""
        document = json.loads(self.run(*words, "--json", code=code).stdout)
        return {row["seat"]: row for row in document["seats"]}

    def accounts(self) -> dict[str, AccountClients]:
        """Each seat's account."""
        return {row["seat"]: AccountClients(row["account"]) for row in self.rows("status").values()}

    def edit(self, change: Callable[[str], str]) -> None:
        """Change ``workshop.toml``."""
        self.file.write_text(change(self.file.read_text(encoding="utf-8")), encoding="utf-8")

    def pass_time(self, duration: timedelta) -> None:
        """Let time pass at once, and wait until the emulator has done what was due."""
        clock = self.aws.world.clock
        clock.not_before(clock.now() + duration)


@pytest.fixture
def instructor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instructor]:
    """An instructor with a workshop of three seats, each in an account of its own, before ``up``."""
    load_verbs()
    monkeypatch.chdir(tmp_path)
    with embedded_aws(REGION) as aws:
        found = Instructor(aws, tmp_path)
        invoked = CliRunner().invoke(
            app, ["init", "acme", "--local", "--seats", "3"], obj={"debug": False}
        )
        assert invoked.exit_code == 0, invoked.output
        yield found
