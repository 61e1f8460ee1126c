"""Lines of flow logs against real ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketaws.network.flow_format import (
    DEFAULT,
    FIELDS,
    fields_of,
    idle,
    is_well_formed,
    unknown_fields,
)


def test_an_idle_line_is_like_a_real_one() -> None:
    wanted = "2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA"
    made = idle(DEFAULT, "123456789010", "eni-1235b8ca123456789", 1431280876, 1431280934)
    assert made == wanted


def test_the_fields_of_real_lines_are_known_up_to_version_5(samples: Path) -> None:
    cases = json.loads((samples / "vpc-flow-logs" / "parsed-lines.json").read_text())
    formats = [case["format"].replace("_", "-").split() for case in cases]
    assert fields_of(DEFAULT) == formats[0]
    highest = {max(FIELDS[n] for n in names) for names in formats if set(names) <= set(FIELDS)}
    assert highest >= {2, 3, 5}


@pytest.mark.parametrize(
    ("form", "wanted"),
    [("${srcaddr} ${dstaddr}", []), ("${srcaddr} ${ecs-task-id}", ["ecs-task-id"])],
)
def test_unknown_fields_are_named(form: str, wanted: list[str]) -> None:
    assert unknown_fields(form) == wanted
    assert len(fields_of(form)) == 2


@pytest.mark.parametrize(
    "form",
    ["", " ", "srcaddr", "${srcaddr}  ${dstaddr}", " ${srcaddr}", f"{DEFAULT} ", "${srcaddr}${dstaddr}",
     "${srcaddr},${dstaddr}", "${srcaddr} dstaddr", "${}", "${srcaddr}\n"],
)  # fmt: skip
def test_what_is_no_format_is_told_from_one(form: str) -> None:
    assert is_well_formed(DEFAULT)
    assert not is_well_formed(form)


_pieces = st.one_of(
    st.text(max_size=6), st.sampled_from(["${", "}", " ", "$", *map("${{{}}}".format, FIELDS)])
)
_fields = st.lists(st.sampled_from(sorted(FIELDS)).map("${{{}}}".format), min_size=1).map(" ".join)


@given(st.lists(_pieces, max_size=12).map("".join) | _fields)
def test_any_format_is_refused_or_makes_lines_of_its_fields(form: str) -> None:
    if not is_well_formed(form) or unknown_fields(form):
        return
    line = idle(form, "123456789010", "eni-1235b8ca123456789", 1431280876, 1431280934)
    assert len(line.split(" ")) == len(fields_of(form)) == len(form.split(" "))
    assert " ".join(f"${{{name}}}" for name in fields_of(form)) == form
