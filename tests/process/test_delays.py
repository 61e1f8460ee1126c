"""With AWS's delays on a fast clock, labkit says what it's waiting for, and that arrives without further help."""

from __future__ import annotations

import json
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
# Nothing can arrive within this time on the emulator's clock, because the shortest delay is five minutes.
TOO_EARLY_SECONDS = 240


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An emulator with delays, whose clock runs a minute and a half per second."""
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
    instructor.run("init", "acme", "--local", "--seats", "2")
    account = seats_of(instructor)[SEAT]["account"]
    administrator = Desk(instructor.folder, server.environment("--account", account))
    made = instructor.json("up", "--yes")["seats"]
    assert [row["state"] for row in made] == ["preparing", "preparing"], made
    assert all("threat list is ACTIVATING" in row["detail"] for row in made)
    assert not [row["detail"] for row in made if "cannot" in row["detail"]], "nothing is wrong"
    for task, guess in (("instance", "i-0123456789abcdef0"), ("callout_address", "192.0.2.7")):
        administrator.client("ssm").put_parameter(
            Name=f"/labkit/acme/{SEAT}/answers/{task}", Value=json.dumps([guess]), Type="String"
        )

    said = instructor.run("simulate", "--yes", "--seat", SEAT)
    (graded,) = instructor.json("grade", "--seat", SEAT, code=1)["seats"]
    assert "waiting (the threat list is ACTIVATING)" in said.err, "else no alert would ever come"
    early = [verdict for verdict in graded["verdicts"] if verdict["outcome"] == "pending"]
    assert early, graded
    assert all(re.search(r"\d\d:\d\d", verdict["message"]) for verdict in early), early
    states = {seat: row["state"] for seat, row in seats_of(instructor).items()}
    assert states == {SEAT: "incident", "seat-2": "ready"}

    server_id = said.out.split()[-1]
    desk = attendee(server, instructor, "acme", SEAT, account)
    desk.run("answer", "instance", server_id)
    told = until(lambda: incident(administrator, server_id))
    desk.run("answer", "trail_query", *told)
    until(lambda: verdicts(desk)["trail_query"]["outcome"] == "passed")
    until(lambda: verdicts(desk)["instance"]["outcome"] == "passed")
    assert until(
        lambda: [m for m in server.local("inbox", "--json").json if server_id in m["body"]]
    )

    removed = instructor.json("down", "--yes", "--discard")["seats"]
    assert [(row["state"], row["leftovers"]) for row in removed] == [("absent", [])] * 2, removed


def incident(administrator: Desk, server_id: str) -> tuple[str, str] | None:
    """Who sent the key to a server and from where, as soon as the event history shows it."""
    events = administrator.client("cloudtrail")
    key = {"AttributeKey": "EventName", "AttributeValue": "SendSSHPublicKey"}
    for event in events.lookup_events(LookupAttributes=[key])["Events"]:
        record = json.loads(event["CloudTrailEvent"])
        if record["requestParameters"]["instanceId"] == server_id:
            return record["userIdentity"]["arn"].rpartition("/")[2], record["sourceIPAddress"]
    return None
