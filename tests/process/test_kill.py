"""``kill -9`` of the emulator between any two steps: with the same data, the workshop continues."""

from __future__ import annotations

import time
from typing import Any

import pytest

from .accounts import everything
from .conftest import attendee
from .desk import Desk, Server, seats_of

SEAT = "seat-1"


def again(server: Server) -> None:
    server.kill()
    server.start()


def test_a_workshop_outlives_the_death_of_its_aws_between_any_two_steps(
    server: Server, instructor: Desk
) -> None:
    instructor.run("init", "acme", "--local")
    again(server)
    account = seats_of(instructor)[SEAT]["account"]
    administrator = Desk(instructor.folder, server.environment("--account", account))
    before = everything(administrator)

    (made,) = instructor.json("up", "--yes")["seats"]
    there = everything(administrator)
    again(server)
    assert seats_of(instructor)[SEAT] == made
    assert everything(administrator) == there

    (happened,) = instructor.json("simulate", "--yes")["seats"]
    again(server)
    desk = attendee(server, instructor, "acme", SEAT, account)
    told = happened["incident"]
    answers: dict[str, list[str]] = {
        "instance": [told["instance_id"]],
        "command": [told["command"]],
        "callout_address": [told["callout_address"]],
        "operator_address": [told["operator_address"]],
        "api_events": ["RunInstances", "StopInstances"],
        "trail_query": [told["operator_session"], told["operator_address"]],
    }
    for task, values in answers.items():
        assert "(attempt 1)" in desk.run("answer", task, *values).out
    graded = desk.json("check")
    again(server)  # its sessions survive, too
    assert "(attempt 2)" in desk.run("answer", "instance", told["instance_id"]).out, "same session"
    assert attempts(desk.json("check")) == {**attempts(graded), "instance": 2}

    assert instructor.json("grade")["seats"][0]["score"] == graded["max_score"]
    (removed,) = instructor.json("down", "--yes")["seats"]
    assert (removed["state"], removed["leftovers"]) == ("absent", [])
    left = everything(administrator)
    left["roles"] = [role for role in left["roles"] if not role.startswith("AWSServiceRoleFor")]
    assert left == before


def attempts(graded: dict[str, Any]) -> dict[str, int]:
    return {verdict["task"]: verdict["attempts"] for verdict in graded["verdicts"]}


@pytest.mark.parametrize("verb", ["up", "simulate", "down"])
def test_a_verb_whose_aws_dies_ends_clearly_and_goes_on_later(
    server: Server, instructor: Desk, verb: str
) -> None:
    folder = instructor.folder / "second"
    folder.mkdir(exist_ok=True)
    desk = Desk(folder, instructor.environment)
    if verb == "up":
        desk.run("init", "again", "--local")
    begun = desk.start(verb, "--yes", "--json")
    time.sleep(0.9)  # still running or, on a fast machine, just finished: both must work
    again(server)
    out, err = begun.communicate(timeout=60)
    assert begun.returncode in {0, 1, 3}, (out, err)
    assert "Traceback" not in err
    row = desk.json(verb, "--yes", code=None)
    states = {entry["state"] for entry in row["seats"]} or {seats_of(desk)[SEAT]["state"]}
    assert states <= {"ready", "incident", "absent"}, row
