"""workshop.toml and roster.csv: labkit reads valid files, and for errors prints one line and what to do."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from labkit.errors import UsageError
from labkit.model import Seat
from labkit.workshop import load_workshop, parse_ttl, parse_workshop, read_roster

GOOD = """
[workshop]
name = "immersion-day"
scenario = "malicious_callout"
region = "eu-west-1"
ttl = "1d2h"
[access]
role = "OrganizationAccountAccessRole"
[scenario]
servers = 3
threat_addresses = ["209.85.202.94"]
[[seat]]
id = "ada"
account = "210000000001"
email = "ada@example.com"
[[seat]]
id = "bob"
"""


def parse(text: str) -> object:
    return parse_workshop(tomllib.loads(text), Path("workshop.toml"))


def test_a_whole_file_is_read() -> None:
    workshop = parse_workshop(tomllib.loads(GOOD), Path("here/workshop.toml"))
    assert workshop.name == "immersion-day"
    assert workshop.ttl == timedelta(days=1, hours=2)
    assert workshop.access_role == "OrganizationAccountAccessRole"
    assert workshop.settings == {"servers": 3, "threat_addresses": ["209.85.202.94"]}
    assert workshop.seats == (Seat("ada", "210000000001", "ada@example.com"), Seat("bob"))
    assert workshop.folder == Path("here")


@pytest.mark.parametrize(
    ("change", "said", "hint"),
    [
        (('region = "eu', 'regoin = "eu'), "'workshop.regoin'", "'region'"),
        (("servers = 3", "server = 3"), "'scenario.server'", "'servers'"),
        (('email = "ada', 'mail = "ada'), "'seat.mail'", "'email'"),
        (('role = "Org', 'rolle = "Org'), "'access.rolle'", "'role'"),
        (
            ('role = "Org', 'attendees = "*"\nrole = "Org'),
            "'*' isn't a role name",
            "Correct",
        ),
        (
            ('role = "Org', 'attendees = "arn:x"\nrole = "Org'),
            "'arn:x' isn't a role name",
            "Correct",
        ),
        (("[access]", "[acess]"), "'acess'", "'access'"),
        (('id = "bob"', 'id = "ada"'), "more than one seat with the ID 'ada'", "its own ID"),
        (
            ("210000000001", "21000000001"),
            "11 characters, but an account ID has 12 digits",
            "Correct",
        ),
        (("immersion-day", "immersion--day"), "'immersion--day'", "Correct"),
        (("immersion-day", "im"), "'im' isn't 3 to 24 characters", "Correct"),
        (("immersion-day", "day-"), "'day-'", "Correct"),
        (("immersion-day", "day-seat-two"), "'day-seat-two' contains '-seat'", "Correct"),
        (("immersion-day", "my-evidence"), "'my-evidence' contains '-evidence'", "Correct"),
        (('ttl = "1d2h"', "starts = 2026-12-01T09:00:00"), "has no time zone", "Correct"),
        (('ttl = "1d2h"', 'starts = "tomorrow"'), "workshop.starts", "Correct"),
        (('id = "bob"', 'id = "Bob"'), "'Bob'", "Correct"),
        (("209.85.202.94", "10.0.0.1"), "'10.0.0.1' isn't publicly routable", "Correct"),
        (("209.85.202.94", "example.com"), "'example.com' isn't an IPv4 address", "Correct"),
        (("servers = 3", "servers = 11"), "less than or equal to 10", "Correct"),
        (("eu-west-1", "Ireland"), "'Ireland' isn't a Region", "Correct"),
        (("eu-west-1", "cn-north-1"), "another partition of AWS (cn)", "Correct"),
        (("eu-west-1", "us-gov-west-1"), "another partition of AWS (us-gov)", "Correct"),
        (("eu-west-1", "us-isob-east-1"), "another partition of AWS (us-isob)", "Correct"),
        (("eu-west-1", "eusc-de-east-1"), "another partition of AWS (eusc)", "Correct"),
        (('"1d2h"', '"soon"'), "'soon' isn't a duration", "Correct"),
        (('"1d2h"', '"5m"'), "isn't between 10m and 14d", "Correct"),
        (("malicious_callout", "malicious_calout"), "'malicious_calout'", "'malicious_callout'"),
        (("ada@example.com", "ada"), "'ada' isn't an email address", "Correct"),
    ],
)
def test_what_is_wrong_is_named_with_what_to_do(
    change: tuple[str, str], said: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        parse(GOOD.replace(*change, 1))
    assert said in caught.value.message
    assert hint in caught.value.hint
    assert "\n" not in caught.value.message


def test_a_workshop_may_start_later() -> None:
    text = GOOD.replace('ttl = "1d2h"', "starts = 2026-12-01T10:00:00+01:00")
    workshop = parse_workshop(tomllib.loads(text), Path("workshop.toml"))
    assert workshop.starts == datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert parse_workshop(tomllib.loads(GOOD), Path("workshop.toml")).starts is None


def test_a_missing_key_is_named() -> None:
    with pytest.raises(UsageError, match=r"'workshop\.region' is missing"):
        parse(GOOD.replace('region = "eu-west-1"\n', ""))


def test_a_file_without_seats_is_refused() -> None:
    with pytest.raises(UsageError, match="has no seats"):
        parse(GOOD.split("[[seat]]", maxsplit=1)[0])


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_workshop(tmp_path / "workshop.toml")
    assert "labkit init" in caught.value.hint


def test_broken_toml_is_said_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "workshop.toml"
    path.write_text("[workshop\n")
    with pytest.raises(UsageError, match="line 1"):
        load_workshop(path)


def test_a_roster_is_read_with_empty_fields_left_out(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("\ufeffid,account,email\nada,210000000001,\nbob,,bob@example.com\n", "utf-8")
    assert read_roster(path) == (
        Seat("ada", "210000000001"),
        Seat("bob", None, "bob@example.com"),
    )


def test_a_roster_with_other_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("name,account\nada,210000000001\n")
    with pytest.raises(UsageError) as caught:
        read_roster(path)
    assert caught.value.hint == "Its first line must be id,account,email."


def test_a_bad_line_of_a_roster_is_named_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("id,account,email\nada,,\nBOB,,\n")
    with pytest.raises(UsageError, match="line 3"):
        read_roster(path)


def test_seats_and_a_roster_together_are_refused() -> None:
    with pytest.raises(UsageError, match="both"):
        parse(GOOD.replace('ttl = "1d2h"', 'ttl = "1d2h"\nroster = "roster.csv"'))


@pytest.mark.parametrize(
    ("text", "minutes"), [("8h", 480), ("90m", 90), ("1d", 1440), ("1d12h30m", 2190)]
)
def test_a_time_to_live_is_days_hours_minutes(text: str, minutes: int) -> None:
    assert parse_ttl(text) == timedelta(minutes=minutes)
