"""With AWS's delays, on a fast clock: what is awaited is said, and comes by itself."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .conftest import attendee
from .desk import Desk, Server, seats_of

SEAT = "seat-1"
SPEED = 90
PATIENCE = 60.0
# Within so much of its clock nothing can have come: the shortest delay is five minutes.
TOO_EARLY_SECONDS = 240


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A local AWS with delays, on whose clock a minute and a half passes in a second."""
    folder = tmp_path_factory.mktemp("aws")
    running = Server(folder, ("--delays", "aws", "--speed", str(SPEED)))
    try:
        yield running.start()
    finally:
        running.stop()


def until(found: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not (value := found()):
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(0.2)
    return value


def verdicts(desk: Desk) -> dict[str, dict[str, Any]]:
    return {v["task"]: v for v in desk.json("check", code=None)["verdicts"]}


def test_a_workshop_with_delays_says_what_it_waits_for_and_comes_to_its_end(
    server: Server, instructor: Desk
) -> None:
    instructor.run("init", "acme", "--local")
    (made,) = instructor.json("up", "--yes")["seats"]
    assert made["state"] == "preparing", made
    assert "threat list is ACTIVATING" in made["detail"]
    until(lambda: seats_of(instructor)[SEAT]["state"] == "ready")

    (row,) = instructor.json("simulate", "--yes")["seats"]
    happened = time.monotonic()
    told = row["incident"]
    assert row["state"] == "incident", row
    desk = attendee(server, instructor, "acme", SEAT, row["account"])
    desk.run("answer", "trail_query", told["operator_session"], told["operator_address"])
    first = verdicts(desk)
    early_enough = (time.monotonic() - happened) * SPEED < TOO_EARLY_SECONDS
    desk.run("answer", "callout_address", told["callout_address"])
    desk.run("answer", "instance", told["instance_id"])
    assert first["trail_query"]["outcome"] in (
        {"pending"} if early_enough else {"pending", "passed"}
    )
    early = [verdict for verdict in first.values() if verdict["outcome"] == "pending"]
    assert all(re.search(r"\d\d:\d\d|15 minutes", verdict["message"]) for verdict in early), early
    assert not [verdict for verdict in first.values() if verdict["outcome"] in {"wrong", "error"}]

    for task in ("callout_address", "trail_query", "instance"):
        until(lambda task=task: verdicts(desk)[task]["outcome"] == "passed")
    mails = until(lambda: [m for m in server.local("inbox", "--json").json if told["instance_id"] in m["body"]])  # fmt: skip
    assert len(mails) >= 1

    (removed,) = instructor.json("down", "--yes")["seats"]
    assert (removed["state"], removed["leftovers"]) == ("absent", []), removed


def test_an_incident_right_after_up_waits_until_it_would_be_seen(
    server: Server, instructor: Desk
) -> None:
    folder = instructor.folder / "second"
    folder.mkdir()
    desk = Desk(folder, instructor.environment)
    desk.run("init", "again", "--local")
    assert desk.json("up", "--yes")["seats"][0]["state"] == "preparing"
    said = desk.run("simulate", "--yes")
    assert "waiting: " in said.err
    told = seats_of(desk)[SEAT]
    there = Desk(folder, server.environment("--account", told["account"])).client("guardduty")
    detector = told["lab"]["detector_id"]
    assert until(lambda: there.list_findings(DetectorId=detector)["FindingIds"])
