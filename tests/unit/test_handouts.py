"""The workshop file that one attendee gets."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from labkit import __version__
from labkit.model import Seat, Workshop
from labkit.workflow.handouts import _toml, find_wheel, own_file
from labkit.workshop import parse_workshop

ADA = Seat("ada", "210000000001", "ada@example.com")
WORKSHOP = Workshop(
    "acme", "malicious_callout", "eu-west-1", timedelta(hours=5), (ADA, Seat("bob", "210000000002", "bob@example.com")),
    access_role="Admin", settings={"servers": 3, "threat_addresses": ["209.85.202.94", "203.0.115.17"]},
)  # fmt: skip


def test_it_says_of_the_workshop_what_an_attendee_needs_and_no_more() -> None:
    text = own_file(WORKSHOP, replace(ADA, email=None))

    read = parse_workshop(tomllib.loads(text), Path("workshop.toml"))
    assert read == replace(
        WORKSHOP, seats=(replace(ADA, email=None),), access_role=None, ttl=read.ttl
    )
    assert not [word for word in ("bob", "210000000002", "@", "Admin", "roster") if word in text]


def test_it_says_who_judges() -> None:
    strict = replace(WORKSHOP, check="grader")

    read = parse_workshop(tomllib.loads(own_file(strict, ADA)), Path("workshop.toml"))

    assert read.check == "grader"


@pytest.mark.parametrize(
    "value", [True, 3, 1.5, 'a "b" \\ \u00e9\n', [1, ["x"]], {"a b": {"c": [False]}}]
)
def test_any_setting_can_be_written(value: Any) -> None:
    assert tomllib.loads(f"x = {_toml(value)}") == {"x": value}


def test_the_wheel_of_this_version_is_handed_out(tmp_path: Path) -> None:
    assert find_wheel(tmp_path) is None
    (tmp_path / "labkit_aws-0.0.0-py3-none-any.whl").touch()
    assert find_wheel(tmp_path) is None
    ours = tmp_path / f"labkit_aws-{__version__}-py3-none-any.whl"
    ours.touch()
    assert find_wheel(tmp_path) == ours
