from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

from labkit.model import Grades, Outcome, SeatGrade, Verdict
from labkit.report.as_csv import as_csv
from labkit.report.as_html import as_html
from labkit.report.as_json import as_json, seat_as_json
from labkit.report.as_junit import as_junit
from labkit.report.as_text import as_text, class_table, seat_table
from labkit.report.write import write_all

EVIL = "<script>alert('x')</script> & \x1b[31m [bold]x[/bold]"
GRADES = Grades(
    "class",
    "malicious_callout",
    datetime(2026, 3, 2, 12, 0, 3, 999, tzinfo=UTC),
    (
        SeatGrade(
            "ada",
            "000000000001",
            (
                Verdict("instance", Outcome.PASSED, "Right.", 0.75, 1.0, 2, 1),
                Verdict("command", Outcome.WRONG, f"No: {EVIL}", 1.0, 2.0, 1, 0),
                Verdict("operator_address", Outcome.PENDING, "Later.", 0.0, 3.0, 1, 0),
            ),
        ),
        SeatGrade(
            "ben",
            "210000000002",
            (
                Verdict("instance", Outcome.UNANSWERED, "No answer yet.", 0.0, 1.0),
                Verdict("command", Outcome.ERROR, "=cmd|' /C calc'!A0", 0.0, 2.0, 1, 0),
            ),
        ),
    ),
)
EMPTY = Grades("class", "x", datetime(2026, 3, 2, tzinfo=UTC), ())


def test_json_is_the_contracts_with_its_keys_in_their_order() -> None:
    text = json.dumps(as_json(GRADES))

    assert text.startswith(
        '{"workshop": "class", "scenario": "malicious_callout", "graded_at": "2026-03-02T12:00:03Z", '
        '"seats": [{"seat": "ada", "account": "000000000001", "score": 1.75, "max_score": 6, '
        '"verdicts": [{"task": "instance", "outcome": "passed", "message": "Right.", "points": 0.75, '
        '"max_points": 1, "attempts": 2, "hints_used": 1}, '
    )
    assert seat_as_json(GRADES.seats[1]) == as_json(GRADES)["seats"][1]


def test_csv_has_a_row_for_each_seat_and_no_formula() -> None:
    text = as_csv(GRADES)

    assert text.startswith("\ufeffseat,account,score,max_score,instance,")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert [row["seat"] for row in rows] == ["ada", "ben"]
    assert rows[0]["account"] == "000000000001"
    assert (rows[0]["command"], rows[0]["command points"]) == ("wrong", "1")
    assert rows[0]["command message"] == f"No: {EVIL}"
    assert rows[1]["command message"] == "'=cmd|' /C calc'!A0"
    assert rows[1]["operator_address"] == ""
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_junit_has_a_suite_for_each_seat_and_a_case_for_each_task() -> None:
    root = ET.fromstring(as_junit(GRADES))  # noqa: S314 - our own

    assert root.attrib == {
        "name": "class", "tests": "5", "failures": "1", "errors": "1", "skipped": "2", "time": "0",
    }  # fmt: skip
    assert [suite.get("name") for suite in root] == ["ada", "ben"]
    kinds = [[child.tag for child in case] for suite in root for case in suite]
    assert kinds == [[], ["failure"], ["skipped"], ["skipped"], ["error"]]
    failure = root.find(".//failure")
    assert failure is not None
    assert failure.text == f"No: {EVIL}".replace("\x1b", "\ufffd")


class Page(HTMLParser):
    """Collects what a browser would see."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.seen = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in {"meta", "br"}:
            self.open.append(tag)
        for name, value in attrs:
            if name in {"href", "src"}:
                self.links.append(value or "")
            if name == "id":
                self.ids.add(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.seen += data


def test_the_page_is_whole_needs_nothing_from_elsewhere_and_runs_nothing() -> None:
    page = Page(as_html(GRADES))

    assert page.open == []
    assert "script" not in page.tags
    assert {link[1:] for link in page.links} <= page.ids
    assert all(link.startswith("#") for link in page.links)
    assert EVIL in page.seen
    for text in ("ada", "ben", "000000000001", "1 of 2 passed", "1.75 / 6", "does not apply"):
        assert text in page.seen
    for outcome in Outcome:
        assert outcome.value in page.seen


def test_the_class_fits_an_80_column_terminal() -> None:
    text = as_text(class_table(GRADES))

    assert max(len(line) for line in text.splitlines()) <= 80
    head = [line.split() for line in text.splitlines() if line.startswith(("ada", "ben"))]
    assert head[0] == ["ada", "passed", "wrong", "pending", "1.75/6"]
    assert head[1] == ["ben", "-", "error", "n/a", "0/3"]
    remarks = ("error command (ben):", "wrong command (ada):", "pending operator_address (ada):")
    assert sorted(remarks, key=text.index) == list(remarks)
    assert "[bold]x[/bold]" in text


def test_a_seat_is_told_task_by_task() -> None:
    text = as_text(seat_table(GRADES.seats[0]))

    assert "instance" in text
    assert "0.75/1" in text
    assert "score 1.75/6" in text


def test_a_class_of_nobody_can_be_reported() -> None:
    assert as_json(EMPTY)["seats"] == []
    assert as_csv(EMPTY).splitlines() == ["\ufeffseat,account,score,max_score"]
    assert ET.fromstring(as_junit(EMPTY)).get("tests") == "0"  # noqa: S314 - our own
    assert "0 seats" in as_html(EMPTY)
    assert "class: x" in as_text(class_table(EMPTY))


def test_all_reports_are_written(tmp_path: Path) -> None:
    paths = write_all(GRADES, tmp_path / "out")

    assert [path.name for path in paths] == [
        "grades.json",
        "grades.csv",
        "junit.xml",
        "report.html",
    ]
    assert json.loads(paths[0].read_text(encoding="utf-8")) == as_json(GRADES)
    assert paths[1].read_bytes().decode() == as_csv(GRADES)
