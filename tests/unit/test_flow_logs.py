from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.evidence.flows import (
    DEFAULT_FORMAT,
    FormatError,
    parse,
    read_format,
    with_address,
    with_port,
)
from labkit.model import FlowRecord

LINE = (
    "2 008369042577 eni-089ede4605b710d97 10.0.0.13 209.85.202.94 41118 80 6 6 397 "
    "1531474007 1531474065 ACCEPT OK"
)
RECORD = FlowRecord(
    interface_id="eni-089ede4605b710d97",
    source="10.0.0.13",
    destination="209.85.202.94",
    source_port=41118,
    destination_port=80,
    protocol=6,
    packets=6,
    bytes=397,
    started_at=datetime(2018, 7, 13, 9, 26, 47, tzinfo=UTC),
    ended_at=datetime(2018, 7, 13, 9, 27, 45, tzinfo=UTC),
    action="ACCEPT",
    status="OK",
)


def test_a_line_of_the_default_format_is_read() -> None:
    assert parse([LINE]).records == (RECORD,)


def test_double_spaces_line_ends_and_empty_lines_do_not_matter() -> None:
    parsed = parse([LINE.replace(" ", "  ") + " \r\n", "", "\n"])

    assert parsed.records == (RECORD,)
    assert parsed.unread == ()


@pytest.mark.parametrize("status", ["NODATA", "SKIPDATA"])
def test_a_line_without_data_has_neither_addresses_nor_numbers(status: str) -> None:
    line = f"2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - {status}"

    (record,) = parse([line]).records

    assert record.status == status
    assert {*record[1:8], record.action} == {None}
    assert record.started_at == datetime(2015, 5, 10, 18, 1, 16, tzinfo=UTC)


def test_headers_are_passed_over_and_other_lines_are_handed_back() -> None:
    broken = LINE.replace("41118", "many")
    cut = LINE.rpartition(" ")[0]

    parsed = parse([DEFAULT_FORMAT, LINE, broken, cut, DEFAULT_FORMAT.replace("-", "_")])

    assert parsed.records == (RECORD,)
    assert parsed.unread == (broken, cut)


def test_a_format_is_read_from_a_header_and_from_a_definition() -> None:
    assert read_format("srcaddr pkt_srcaddr") == ("srcaddr", "pkt-srcaddr")
    assert read_format("${srcaddr} ${pkt-srcaddr}") == ("srcaddr", "pkt-srcaddr")


def test_fields_that_a_format_lacks_are_absent() -> None:
    parsed = parse(
        ["203.0.113.9 eni-0a 1531474007 1531474065"], "${srcaddr} ${interface-id} ${start} ${end}"
    )

    (record,) = parsed.records
    assert (record.source, record.interface_id) == ("203.0.113.9", "eni-0a")
    assert (record.destination, record.bytes, record.status) == (None, None, "-")


def test_a_format_that_does_not_place_a_record_is_refused() -> None:
    with pytest.raises(FormatError, match="lacks end, start"):
        parse([], "interface-id srcaddr dstaddr")


def test_real_lines_of_every_version_are_read_as_others_read_them(samples: Path) -> None:
    groups = json.loads((samples / "vpc-flow-logs" / "parsed-lines.json").read_text())
    read = 0
    for group in groups:
        if not {"interface-id", "start", "end"} <= set(read_format(group["format"])):
            continue
        parsed = parse(group["lines"], group["format"])
        assert parsed.unread == ()
        for record, fields in zip(parsed.records, group["parsed"], strict=True):
            assert as_fields(record) == {name: fields.get(name, "-") for name in as_fields(record)}
            read += 1
    assert read >= 15


def as_fields(record: FlowRecord) -> dict[str, str]:
    names = "interface_id srcaddr dstaddr srcport dstport protocol packets bytes start end action log_status"
    values = [int(value.timestamp()) if isinstance(value, datetime) else value for value in record]
    return dict(zip(names.split(), ["-" if v is None else str(v) for v in values], strict=True))


LINES = [
    "2 1 eni-0a 192.0.2.1 10.0.0.9 22 4000 6 1 40 100 160 ACCEPT OK",
    "2 1 eni-0a 10.0.0.9 192.0.2.1 4000 22 6 22 2200 100 160 ACCEPT OK",
    "2 1 eni-0a 192.0.2.12 10.0.0.9 222 443 6 22 22 100 160 REJECT OK",
    "2 1 eni-0a 192.0.2.1 10.0.0.9 5 22 6 1 40 100 160 REJECT OK",
    "2 1 eni-0a - - - - - - - 100 160 - NODATA",
    "cut off 192.0.2.1 22",
    "2 1 eni-0a 2001:db8::1 10.0.0.9 5 22 6 1 40 100 160 ACCEPT OK",
    "2 1 eni-0a 10.0.0.9 192.0.2.1 80 22 6 1 40 100 160 ACCEPT OK",
]


@pytest.mark.parametrize(
    "odd", [str, lambda line: line.replace(" ", "  "), lambda line: line.replace(" ", "\t")]
)
def test_searching_finds_what_looking_at_every_record_finds(odd: Callable[[str], str]) -> None:
    flows = parse(map(odd, LINES))
    every = parse(LINES).records

    for address in ("192.0.2.1", "192.0.2.12", "2001:db8::1", "10.0.0.9", "0.0.2.1", "22", "x"):
        assert with_address(flows, address) == tuple(r for r in every if address in r[1:3])
        assert with_address(every, address) == with_address(flows, address)
    for port in (22, 222, 443, 6, 40):
        both = tuple(r for r in every if port in r[3:5])
        assert with_port(flows, port) == with_port(every, port) == both
        for action in ("ACCEPT", "REJECT"):
            wanted = tuple(r for r in both if r.action == action)
            assert with_port(flows, port, action) == with_port(every, port, action) == wanted
    assert [line.split()[0] for line in flows.unread] == ["cut"]
    assert (len(flows), flows[0], flows[-2:]) == (7, every[0], every[-2:])


def test_a_log_of_another_format_is_searched_as_well() -> None:
    flows = parse(["22 eni-0a 100 160 192.0.2.1"], "dstport interface-id start end srcaddr")

    assert with_address(flows, "192.0.2.1") == with_port(flows, 22) == flows.records


_words = st.one_of(
    st.text(max_size=8),
    st.integers().map(str),
    st.sampled_from(
        ["-", "2", "1531474007", "9" * 20, "1e5", "\u0663", "ACCEPT", "${start}", "end"]
    ),
)
_lines = st.lists(_words, max_size=20).map(" ".join)
_full_lines = st.lists(_words, min_size=14, max_size=14).map(" ".join)
_formats = st.one_of(
    st.just(DEFAULT_FORMAT),
    st.permutations(DEFAULT_FORMAT.split()).map(" ".join),
    st.lists(st.sampled_from(DEFAULT_FORMAT.split()), max_size=20).map(" ".join),
    _lines,
)


@given(st.lists(_lines | _full_lines | st.just(LINE), max_size=5), _formats)
def test_any_line_of_any_format_is_read_or_handed_back(lines: list[str], form: str) -> None:
    try:
        parsed = parse(lines, form)
    except FormatError:
        assert not {"interface-id", "start", "end"} <= set(read_format(form))
        return
    written = [line for text in lines for line in text.split("\n") if line.split()]
    assert len(parsed.records) + len(parsed.unread) <= len(written)
    assert set(parsed.unread) <= set(written)


@given(st.integers(), st.integers(0, 2**40), st.sampled_from(["ACCEPT", "REJECT"]))
def test_what_a_line_says_is_what_its_record_says(port: int, start: int, action: str) -> None:
    fields = LINE.split()
    fields[5], fields[10], fields[12] = str(port), str(start), action

    parsed = parse([" ".join(fields)])

    if start > datetime.max.replace(tzinfo=UTC).timestamp():
        assert parsed.unread == (" ".join(fields),)
    else:
        (record,) = parsed.records
        assert (record.source_port, record.action) == (port, action)
        assert record.started_at.timestamp() == start


def test_ipv6_addresses_are_found_in_any_notation() -> None:
    line = "2 210000000001 eni-0a 2001:DB8:0:0:0:0:0:1 10.0.0.4 40000 22 6 1 1 1531474007 1531474065 ACCEPT OK"
    log = parse([line])

    (record,) = with_address(log, "2001:db8::1")
    assert record.source == "2001:db8::1"
