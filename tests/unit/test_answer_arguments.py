from __future__ import annotations

import codecs

import pytest

from labkit.cli.answer import Answer
from labkit.cli.common.answer_input import decode


@pytest.mark.parametrize(
    ("typed", "own", "values"),
    [
        ("command curl -s -m 5 http://x", "command", "curl -s -m 5 http://x"),
        ("command curl -s http://x --seat ada", "command --seat ada", "curl -s http://x"),
        ("command curl -s http://x --seat=ada --json", "command --json --seat=ada", "curl -s http://x"),
        ("--seat ada -w f command curl -s", "--seat ada -w f command", "curl -s"),
        ("command --seat ada -w f curl -w g -s x", "command --seat ada -w f", "curl -w g -s x"),
        ("command curl --seat ada x", "command", "curl --seat ada x"),
        ("command curl --debug --json x", "command", "curl --debug --json x"),
        ("command curl x --debug", "command --debug", "curl x"),
        ("command curl -o", "command", "curl -o"),
        ("command -- curl x --seat ada", "command", "curl x --seat ada"),
        ("command --seat ada -- --seat", "command --seat ada", "--seat"),
        ("command", "command", ""),
    ],
)  # fmt: skip
def test_what_stands_behind_the_task_is_the_answer(typed: str, own: str, values: str) -> None:
    arranged = Answer("answer").arrange(typed.split())

    assert arranged == [*own.split(), "--", *values.split()]


@pytest.mark.parametrize("typed", ["--help", "--seat ada", "-- command curl --seat ada", ""])
def test_without_a_task_in_sight_nothing_is_moved(typed: str) -> None:
    assert Answer("answer").arrange(typed.split()) == typed.split()


def test_an_option_that_lacks_its_value_is_no_answer() -> None:
    assert Answer("answer").arrange(["command", "x", "-y", "--seat"]) == ["command", "--seat"]


TEXT = "l\u00e9s \u201ccurl\u201d\r\n192.0.2.7\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
    ],
)
def test_text_is_read_in_whatever_encoding_a_shell_sends(raw: bytes) -> None:
    assert decode(raw) == TEXT


def test_text_in_no_encoding_is_read_as_far_as_it_goes() -> None:
    assert decode(b"curl \xff 192.0.2.7").startswith("curl ")
    assert decode(codecs.BOM_UTF16_LE + b"a\0b").startswith("a")
