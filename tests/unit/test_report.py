from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

from labkit.model import Activity, Grades, Outcome, PossibleCopy, Question, SeatGrade, Verdict
from labkit.report.as_csv import as_csv
from labkit.report.as_html import as_html
from labkit.report.as_json import as_json, seat_as_json
from labkit.report.as_junit import as_junit
from labkit.report.as_markdown import as_markdown
from labkit.report.as_text import as_text, class_table, seat_table, time_line
from labkit.report.class_statistics import distribution, needing_help, task_statistics
from labkit.report.write import write_all

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
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
                Verdict("instance", Outcome.PASSED, "Right.", 0.75, 1.0, 2, 1, NOON, 65 * MINUTE),
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
    (Question("instance", "Which server?", 1.0, ("Look.", "Look there.")),),
    (PossibleCopy("ada", "command", "ben"),),
)
EMPTY = Grades("class", "x", datetime(2026, 3, 2, tzinfo=UTC), ())


def test_json_is_the_contracts_with_its_keys_in_their_order() -> None:
    text = json.dumps(as_json(GRADES))

    assert text.startswith(
        '{"workshop": "class", "scenario": "malicious_callout", "graded_at": "2026-03-02T12:00:03Z", '
        '"seats": [{"seat": "ada", "account": "000000000001", "score": 1.75, "max_score": 6, '
        '"verdicts": [{"task": "instance", "outcome": "passed", "message": "Right.", "points": 0.75, '
        '"max_points": 1, "attempts": 2, "hints_used": 1, "submitted_at": "2026-03-02T12:00:00Z", '
        '"seconds_after_incident": 3900}, '
    )
    assert text.endswith('"signs": [{"seat": "ada", "task": "command", "other": "ben"}]}')
    assert seat_as_json(GRADES.seats[1]) == as_json(GRADES)["seats"][1]


def test_csv_has_a_row_for_each_seat_and_no_formula() -> None:
    text = as_csv(GRADES)

    assert text.startswith("\ufeffseat,account,score,max_score,instance,")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert [row["seat"] for row in rows] == ["ada", "ben"]
    assert rows[0]["account"] == "0000-0000-0001"  # a spreadsheet would drop the leading zeros
    assert rows[1]["account"] == "210000000002"
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
        if tag == "th":
            assert dict(attrs).get("scope") in {"row", "col"}
        for name, value in attrs:
            if name in {"href", "src"}:
                self.links.append(value or "")
            if name == "id":
                assert value not in self.ids
                self.ids.add(value or "")
            if name in {"aria-labelledby", "aria-describedby"}:
                self.links.append(f"#{value}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs  # of the shapes in a chart
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.seen += data


def test_the_page_is_whole_needs_nothing_from_elsewhere_and_runs_nothing() -> None:
    page = Page(as_html(GRADES))

    assert page.open == []
    assert "script" not in page.tags
    assert {link[1:] for link in page.links} <= page.ids
    assert page.links
    assert all(link.startswith("#") for link in page.links)
    assert EVIL in page.seen
    for text in (
        "ada",
        "ben",
        "000000000001",
        "1 of 2",
        "1.75 / 6",
        "does not apply",
        "1 h 05 min",
        "hint 1: 1 seat",
        "Which server?",
    ):
        assert text in page.seen
    for outcome in Outcome:
        assert outcome.value in page.seen


def test_the_class_fits_an_80_column_terminal() -> None:
    text = as_text(class_table(GRADES))

    assert max(len(line) for line in text.splitlines()) <= 80
    head = [line.split() for line in text.splitlines() if line.startswith(("ada", "ben"))]
    assert head[0] == ["ada", "passed", "wrong", "pending", "1.75/6"]
    assert head[1] == ["ben", "-", "error", "n/a", "0/3"]
    remarks = ("error, command (ben):", "wrong, command (ada):", "pending, operator_address (ada):")
    assert sorted(remarks, key=text.index) == list(remarks)
    assert "[bold]x[/bold]" in text


def test_what_is_the_same_of_every_task_is_told_once() -> None:
    broken = tuple(Verdict(task, Outcome.ERROR, "No way in.", 0.0, 1.0) for task in ("a", "b"))
    seats = [SeatGrade(seat, "210000000001", broken) for seat in ("ada", "ben")]
    half = SeatGrade("cyd", "210000000001", (broken[0], replace(broken[1], outcome=Outcome.PASSED)))

    text = as_text(class_table(replace(GRADES, seats=(*seats, half), possible_copies=())))

    assert "error, all tasks (ada, ben): No way in.\nerror, a (cyd): No way in.\n" in text
    assert text.count("No way in.") == 2


def test_a_seat_is_told_task_by_task() -> None:
    text = as_text(seat_table(GRADES.seats[0]))

    assert "instance" in text
    assert "0.75/1" in text
    assert "score 1.75/6" in text


def test_a_class_of_nobody_can_be_reported() -> None:
    assert as_json(EMPTY)["seats"] == []
    assert as_csv(EMPTY).splitlines() == ["\ufeffseat,account,score,max_score"]
    assert ET.fromstring(as_junit(EMPTY)).get("tests") == "0"  # noqa: S314 - our own
    assert "<dt>Seats</dt><dd>0</dd>" in as_html(EMPTY)
    assert "class: x" in as_text(class_table(EMPTY))


def test_all_reports_are_written(tmp_path: Path) -> None:
    paths = write_all(GRADES, tmp_path / "out")

    assert [path.name for path in paths] == [
        "grades.json",
        "grades.csv",
        "junit.xml",
        "report.html",
        "report.md",
    ]
    assert json.loads(paths[0].read_text(encoding="utf-8")) == as_json(GRADES)
    assert paths[1].read_bytes().decode() == as_csv(GRADES)


def test_the_figures_of_a_task_are_of_those_who_solved_it() -> None:
    def seat(name: str, *verdict: object) -> SeatGrade:
        return SeatGrade(name, "", (Verdict("q", *verdict),))  # type: ignore[arg-type]

    seats = (
        seat("a", Outcome.PASSED, "", 2, 2, 1, 0, NOON, 10 * MINUTE),
        seat("b", Outcome.PASSED, "", 2, 2, 5, 2, NOON, 40 * MINUTE),
        seat("c", Outcome.PASSED, "", 2, 2, 2, 1, NOON, 20 * MINUTE),
        seat("d", Outcome.WRONG, "", 0, 2, 9, 1, NOON, 90 * MINUTE),
        seat("e", Outcome.UNANSWERED, "", 0, 2),
    )
    (task,) = task_statistics(Grades("w", "s", NOON, seats))

    assert (task.solved, task.seats) == (3, 5)
    assert (task.typical_attempts, task.attempts) == (2, (1, 2, 5))
    assert (task.typical_after, task.after[-1]) == (20 * MINUTE, 40 * MINUTE)
    assert task.hints_taken == (3, 1)
    assert distribution(seats) == (2, 0, 0, 0, 0, 0, 0, 0, 0, 3)


def test_who_needs_help_is_said_with_the_reason() -> None:
    def seat(name: str, *verdicts: Verdict) -> SeatGrade:
        return SeatGrade(name, "", verdicts)

    def wrong(attempts: int = 1, hints: int = 0, ago: int = 5) -> Verdict:
        return Verdict("a_task", Outcome.WRONG, "", 0, 1, attempts, hints, NOON - ago * MINUTE)

    failed = Verdict("a_task", Outcome.ERROR, "", 0, 1, 1)
    done = Verdict("a_task", Outcome.PASSED, "", 1, 1, 9, 2, NOON - 50 * MINUTE)
    seats = (
        seat("fine", wrong(2, 1)),
        seat("done", done),
        seat("tries", wrong(3)),
        seat("hinted", wrong(1, 2)),
        seat("silent", wrong(ago=45)),
        seat("idle", Verdict("a_task", Outcome.UNANSWERED, "", 0, 1)),
        seat("failed", failed),
    )

    found = {needs.seat: needs.reasons for needs in needing_help(Grades("w", "s", NOON, seats))}

    assert found == {
        "failed": ("the grader couldn't judge a task",),
        "tries": ("a task is still wrong after 3 attempts",),
        "hinted": ("a task is still wrong after 2 hints",),
        "silent": ("no answers for 45 minutes",),
        "idle": ("no answers yet, although 6 of 7 seats have submitted some",),
    }
    assert next(iter(found)) == "failed"
    later = Grades("w", "s", NOON + 60 * MINUTE, seats)
    assert "silent" not in {needs.seat for needs in needing_help(later)}


def test_markdown_has_the_class_and_no_markup_of_an_attendee() -> None:
    text = as_markdown(GRADES)

    assert "| ada | \u2713 passed | \u2717 wrong | \u2026 pending | 1.75 / 6 |" in text
    assert "| instance | Which server? | 1 of 2 | 2 | 1 h 05 min | hint 1: 1 seat |" in text
    assert "- **ada**: the answer to command is correct for ben" in text
    assert "\\<script\\>alert('x')\\</script\\> \\& " in text
    assert "<script" not in text.replace("\\<", "")


def test_junit_is_well_formed_whatever_was_typed() -> None:
    message = "".join(map(chr, [*range(0x20), 0x7F, 0xFFFE, 0xD800, 0x1F600])) + "]]>"
    seats = (SeatGrade("ada", "1", (Verdict("q", Outcome.ERROR, message, 0, 1),)),)
    grades = Grades("class", "s", NOON, seats)

    text = as_junit(grades)

    ET.fromstring(text.encode())  # noqa: S314 - our own
    assert "\U0001f600]]&gt;" in text


def test_what_an_attendee_did_is_told_where_it_was_asked_for() -> None:
    acts = (Activity(NOON, "log search", EVIL, 3), Activity(NOON, "answer", "q"))
    seats = (replace(GRADES.seats[0], activity=acts), replace(GRADES.seats[1], activity=()))
    grades = replace(GRADES, seats=seats)

    page = Page(as_html(grades))
    assert f"{EVIL} (3 calls)" in page.seen
    assert "hasn't recorded any searches by ben" in page.seen
    told = as_json(grades)["seats"]
    assert told[0]["activity"][1] == {
        "at": "2026-03-02T12:00:00Z", "kind": "answer", "detail": "q", "times": 1, "error_code": None,
    }  # fmt: skip
    assert told[1]["activity"] == []
    assert "activity" not in as_json(GRADES)["seats"][0]
    assert "12:00:00  answer      q" in as_text(time_line(seats[0]))
    assert "hasn't recorded any activity" in as_text(time_line(seats[1]))
