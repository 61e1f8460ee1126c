"""Commands that end at a random moment: one more ``down`` leaves the account as it was.

``LABKIT_ENDS`` says how often each signal is sent (default 12); ``LABKIT_SEED`` repeats a run.
"""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from ..process.accounts import everything
from ..process.desk import Desk, Server, seats_of

ENDS = int(os.environ.get("LABKIT_ENDS", "12"))
SEED = int(os.environ.get("LABKIT_SEED", str(random.SystemRandom().randrange(10**6))))
# How long each command takes, about: the moment is random within it.
SECONDS = {"up": 4.0, "simulate": 3.0, "down": 4.0, "sweep": 2.0}


def contents(desk: Desk) -> dict[str, list[str]]:
    found = everything(desk)
    found["roles"] = [name for name in found["roles"] if not name.startswith("AWSServiceRole")]
    return found


def end_at_random(desk: Desk, verb: str, how: signal.Signals, rng: random.Random) -> int:
    process = desk.start(verb, "--yes", *(["--discard"] if verb == "down" else []))
    deadline = time.monotonic() + rng.uniform(0.1, SECONDS[verb])
    while time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.01)
    if process.poll() is None:
        process.send_signal(how)
    _, err = process.communicate(timeout=120)
    assert "Traceback" not in err, err
    return process.returncode


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_whenever_a_command_ends_down_cleans_up(tmp_path: Path, how: signal.Signals) -> None:
    rng = random.Random(f"{SEED} {how}")  # noqa: S311 - moments, not secrets
    server = Server(tmp_path, data=tmp_path / "data").start()
    try:
        instructor = Desk(tmp_path / "room", server.environment())
        instructor.folder.mkdir()
        instructor.run("init", "acme", "--local", "--seats", "2")
        accounts = [
            Desk(instructor.folder, server.environment("--account", row["account"]))
            for row in seats_of(instructor).values()
        ]
        before = [contents(account) for account in accounts]
        ended: dict[str, int] = {}
        for number in range(ENDS):
            verb = rng.choice(tuple(SECONDS))
            code = end_at_random(instructor, verb, how, rng)
            ended[f"{number} {verb}"] = code
            assert code in (0, 1, 130, -how), (SEED, ended)
            if number % 4 == 3 or number == ENDS - 1:
                rows: list[dict[str, Any]] = instructor.json("down", "--yes", "--discard")["seats"]
                assert [row["state"] for row in rows] == ["absent"] * len(rows), (SEED, ended, rows)
                assert [contents(account) for account in accounts] == before, (SEED, ended)
        assert any(code not in (0, 1) for code in ended.values()), "no command was interrupted"
    finally:
        server.stop()
