"""How failing commands end: one line says what happened, and one says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from .desk import Desk, Said, Server, free_port

WORKSHOP = """\
[workshop]
name = "acme"
scenario = "malicious_callout"
region = "eu-west-1"
ttl = "8h"
[[seat]]
id = "ada"
[[seat]]
id = "bob"
"""
VERBS = (
    ("up", "--yes"),
    ("status",),
    ("simulate", "--yes"),
    ("grade",),
    ("down", "--yes"),
    ("sweep", "--yes"),
    ("check", "--seat", "ada"),
    ("answer", "command", "x", "--seat", "ada"),
    ("hint", "command", "--seat", "ada"),
    ("doctor",),
)


@pytest.fixture
def nobody(tmp_path: Path) -> Desk:
    """Someone with a workshop file, but neither credentials nor an endpoint."""
    (tmp_path / "workshop.toml").write_text(WORKSHOP)
    return Desk(tmp_path, Server(tmp_path).base)


def tells(said: Said, *words: str) -> bool:
    """Whether standard error has exactly two lines, with these words in them."""
    lines = said.err.rstrip("\n").split("\n")
    return (
        len(lines) == 2
        and lines[0].startswith("labkit: ")
        and lines[1].startswith("  ")
        and all(word in said.err for word in words)
        and not said.out
    )


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
def test_without_credentials_every_verb_ends_with_2(nobody: Desk, verb: tuple[str, ...]) -> None:
    assert tells(nobody.run(*verb, code=2), "credentials", "local env")


@pytest.mark.parametrize("verb", VERBS[::3], ids=lambda verb: verb[0])
def test_without_a_workshop_every_verb_ends_with_2(nobody: Desk, verb: tuple[str, ...]) -> None:
    (nobody.folder / "workshop.toml").unlink()
    assert tells(nobody.run(*verb, code=2), "workshop.toml", "init")


@pytest.mark.parametrize("verb", [("up", "--yes"), ("check", "--seat", "ada")])
def test_where_nothing_listens_verbs_end_with_3(nobody: Desk, verb: tuple[str, ...]) -> None:
    environment = {
        **nobody.environment,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}",
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "x" * 40,
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_MAX_ATTEMPTS": "1",
    }
    said = Desk(nobody.folder, environment).run(*verb, code=3)
    assert tells(said, "AWS_ENDPOINT_URL", "local start")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("ttl =", "tll =", ("tll", "ttl")),
        ('id = "bob"', 'id = "ada"', ("ada",)),
        ('id = "bob"', 'id = "Bob!"', ("Bob!",)),
        ('"malicious_callout"', '"malicious_calout"', ("malicious_callout",)),
        ("[[seat]]", "[[seat]", ("workshop.toml",)),
        ('"8h"', '"8 parsecs"', ("8 parsecs",)),
    ],
)
def test_a_workshop_with_a_mistake_ends_with_2_and_names_it(
    nobody: Desk, before: str, after: str, words: tuple[str, ...]
) -> None:
    (nobody.folder / "workshop.toml").write_text(WORKSHOP.replace(before, after, 1) if before == "[[seat]]" else after.join(WORKSHOP.rsplit(before, 1)))  # fmt: skip
    assert tells(nobody.run("status", code=2), *words)


def test_wrong_usage_ends_with_2(nobody: Desk) -> None:
    for arguments in (
        ("staus",),
        ("status", "--seats", "ada"),
        ("up", "--seat"),
        ("simulate", "--via", "telnet"),
        ("init",),
        ("local", "env", "--shell", "fish"),
        ("init", "x"),
        ("init", "Not Good"),
        ("init", "acme", "--seats", "0"),
    ):
        said = nobody.run(*arguments, code=2)
        assert said.err, arguments


def test_unknown_seats_are_named_with_the_nearest(nobody: Desk) -> None:
    assert tells(nobody.run("up", "--seat", "ada", "--seat", "bobb", code=2), "bobb", "'bob'")
    assert tells(nobody.run("check", code=2), "LABKIT_SEAT")
    wrong = Desk(nobody.folder, {**nobody.environment, "LABKIT_SEAT": "eve"})
    assert tells(wrong.run("check", code=2), "eve", "ada, bob")


def test_nothing_is_asked_where_there_is_no_terminal(server: Server, tmp_path: Path) -> None:
    (tmp_path / "workshop.toml").write_text(WORKSHOP)
    desk = Desk(tmp_path, server.environment())
    for verb in ("up", "simulate", "down"):
        assert tells(desk.run(verb, code=2), "--yes")


def test_what_is_not_there_ends_with_3_or_1(server: Server, tmp_path: Path) -> None:
    (tmp_path / "workshop.toml").write_text(WORKSHOP)
    desk = Desk(tmp_path, server.environment())
    assert tells(desk.run("check", "--seat", "ada", code=3), "lab")
    assert "labkit up" in desk.run("simulate", "--yes", "--seat", "ada", code=1).out
    assert desk.json("grade", code=3)["seats"][0]["verdicts"][0]["outcome"] == "error"
    assert {row["state"] for row in desk.json("down", "--yes")["seats"]} == {"absent"}
    assert desk.json("status")["seats"][0]["lab"] is None


def test_bad_credentials_end_with_2(server: Server, tmp_path: Path) -> None:
    (tmp_path / "workshop.toml").write_text(WORKSHOP)
    environment = {**server.environment(), "AWS_SECRET_ACCESS_KEY": "x" * 40}
    assert tells(Desk(tmp_path, environment).run("status", code=2), "credentials")


def test_init_never_overwrites(server: Server, tmp_path: Path) -> None:
    desk = Desk(tmp_path, server.environment())
    desk.run("init", "acme", "--seats", "2", "--local")
    text = (tmp_path / "workshop.toml").read_text()
    assert tells(desk.run("init", "other", "--local", code=2), "workshop.toml")
    assert (tmp_path / "workshop.toml").read_text() == text
    nothing = Desk(tmp_path / "new", {**desk.environment, "AWS_ENDPOINT_URL": ""})
    nothing.folder.mkdir()
    assert tells(nothing.run("init", "acme", "--local", code=2), "AWS_ENDPOINT_URL")
    assert list(nothing.folder.iterdir()) == []
