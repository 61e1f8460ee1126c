"""Fixtures: an emulator for each module, and its instructor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .desk import Desk, Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running emulator that keeps its state."""
    folder = tmp_path_factory.mktemp("aws")
    running = Server(folder, data=folder / "data")
    try:
        yield running.start()
    finally:
        running.stop()


@pytest.fixture(scope="module")
def instructor(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Someone with the management account's administrator credentials and an empty folder."""
    return Desk(tmp_path_factory.mktemp("instructor"), server.environment())


def attendee(server: Server, instructor: Desk, workshop: str, seat: str, account: str) -> Desk:
    """Someone with only the credentials of a seat's attendee role."""
    role = f"labkit-{workshop}-{seat}-attendee"
    environment = server.environment("--account", account, "--role", role)
    return Desk(instructor.folder, {**environment, "LABKIT_SEAT": seat})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
